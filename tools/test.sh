#!/bin/sh
# Makes a fresh Debian 12 machine able to run the tests, then runs all of them in three builds.
# Each build has a folder of its own under build-test/ that is kept, so a second run is short.
# The last line says how many passed and failed; the exit status is 0 when none failed.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
builds=$root/build-test
names=

usage() {
    cat <<'TEXT'
usage: tools/test.sh [--quick]

Installs what is missing (it lists that first), then builds and tests
  gcc        optimised, every warning an error
  clang      optimised, every warning an error
  sanitize   gcc without optimisation, under the address and
             undefined-behaviour sanitizers

  --quick    the gcc build only
  --help     this text

One test again, with its output:
  meson test -C build-test/gcc -v NAME
Exit status: 0 all passed, 1 something failed, 2 wrong usage.
TEXT
}

# configure FOLDER COMPILER OPTION...: also brings a folder of an earlier run up to these options.
configure() {
    folder=$1 compiler=$2
    shift 2
    if [ -f "$folder/build.ninja" ]; then
        meson setup --reconfigure "$@" "$folder" "$root"
    else
        CC=$compiler meson setup "$@" "$folder" "$root"
    fi >"$folder.log" 2>&1 || {
        cat "$folder.log"
        return 1
    }
}

# build_and_test NAME COMPILER OPTION...: what came of it is read from the test log afterwards.
build_and_test() {
    name=$1 folder=$builds/$1
    names="$names $1"
    shift
    printf '\n== %s\n' "$name"
    mkdir -p "$folder"
    rm -f "$folder/meson-logs/testlog.json"
    start=$(date +%s)
    configure "$folder" "$@" && ninja --quiet -C "$folder" &&
        meson test -C "$folder" --no-rebuild --print-errorlogs --timeout-multiplier "$slow" ||
        echo "$name: not everything succeeded"
    echo "$name: $(($(date +%s) - start)) s"
}

quick=
case ${1-} in
--help | -h) usage; exit 0 ;;
--quick) quick=yes; shift ;;
esac
if [ $# -gt 0 ]; then
    echo "test.sh: unknown argument '$1' (see tools/test.sh --help)" >&2
    exit 2
fi

"$root/tools/setup.sh" build test

slow=1
build_and_test gcc gcc -Dbuildtype=debugoptimized -Dwerror=true
if [ -z "$quick" ]; then
    build_and_test clang clang -Dbuildtype=debugoptimized -Dwerror=true
    # Without optimisation, so that golden digests are also compared between -O0 and -O2. gcc warns
    # wrongly in code with sanitizer checks in it: no -Werror here.
    slow=10
    build_and_test sanitize gcc -Dbuildtype=debug -Db_sanitize=address,undefined \
        -Dc_args=-fno-sanitize-recover=all
fi

echo
cd "$builds"
# shellcheck disable=SC2086 # a list of names
exec python3 "$root/tests/count_results.py" $names
