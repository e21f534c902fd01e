#!/bin/sh
# A fuzzing campaign: every target under libFuzzer with the address and undefined-behaviour
# sanitizers, one after the other. Corpora and findings stay in build-fuzz/.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
build=$root/build-fuzz
targets="loader snapshot input_log session guest guest_table assembler linker lister retarget program expression"

usage() {
    cat <<'TEXT'
usage: tests/fuzz/run.sh SECONDS [TARGET...]

Builds with clang into build-fuzz/ and fuzzes each target (loader, snapshot,
input_log, session, guest, guest_table, assembler, linker, lister, retarget, program, expression; default: all) for SECONDS. The corpus of a target is kept in
build-fuzz/corpus/TARGET and grows from campaign to campaign.

An input that breaks a rule is written to build-fuzz/found/TARGET-*; see it again with
  build-fuzz/tests/fuzz/fuzz-TARGET FILE
Exit status: 0 nothing found, 1 something found, 2 wrong usage.
TEXT
}

case ${1-} in
--help | -h) usage; exit 0 ;;
'' | *[!0-9]*) usage >&2; exit 2 ;;
esac
seconds=$1
shift
[ $# -eq 0 ] || targets=$*

if [ ! -f "$build/build.ninja" ]; then
    CC=clang meson setup -Dbuildtype=debugoptimized -Db_sanitize=address,undefined \
        -Db_lundef=false -Dfuzz=true \
        "-Dc_args=-fsanitize=fuzzer-no-link -fno-sanitize-recover=all" "$build" "$root" >/dev/null
fi
mkdir -p "$build/found"
status=0
for target in $targets; do
    ninja --quiet -C "$build" "tests/fuzz/fuzz-$target" "tests/fuzz/libfuzzer-$target"
    corpus=$build/corpus/$target
    mkdir -p "$corpus"
    "$build/tests/fuzz/fuzz-$target" --write-seeds "$corpus"
    echo "== $target, $seconds s"
    "$build/tests/fuzz/libfuzzer-$target" -max_total_time="$seconds" -max_len=131072 -timeout=60 \
        -rss_limit_mb=6000 -malloc_limit_mb=6000 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$build/found/$target-" "$corpus" || status=1
done
if [ "$status" -ne 0 ]; then
    echo "found:" "$build/found/"*
fi
exit "$status"
