#!/bin/sh
# Makes a fresh Debian 12 machine able to run Tollgate, builds it and shows it.
# Without arguments: on a terminal the guest OS, otherwise a demonstration that ends by itself.
# With arguments: build/tools/tollgate with just these arguments.
# Standard output carries only what Tollgate prints; set-up and build report on standard error.
# shellcheck disable=SC2086 # see demonstrate
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build
tollgate=$build/tools/tollgate

usage() {
    cat <<'TEXT'
usage: tools/run.sh [TOLLGATE ARGUMENT...]

Installs what is missing (it lists that first), builds Tollgate in build/ and
runs it. Without arguments on a terminal that is Turnpike, the guest OS, with a
shell (control-] leaves); otherwise a demonstration that ends by itself.

  tools/run.sh                                   the guest OS
  tools/run.sh </dev/null                        the demonstration
  tools/run.sh run --boot services=server        the guest OS, services as processes
  tools/run.sh run build/docs/samples/NAME.tg    one program
  tools/run.sh run --help                        all that `tollgate run` can do
TEXT
}

build_all() {
    "$root/tools/setup.sh" build
    # A set-up that was interrupted leaves no build.ninja, and Meson takes up such a folder again.
    if [ -f "$build/build.ninja" ]; then
        ninja --quiet -C "$build" >&2
    else
        meson setup "$build" "$root" >&2
        ninja -C "$build" >&2
    fi
}

# Runs each row of docs/samples/demo.txt (FILE | OPTIONS | SENTENCE; FILE - is the guest OS; '#' starts a
# comment line).
demonstrate() {
    while IFS='|' read -r file options sentence; do
        case $file in '' | '#'*) continue ;; esac
        case $file in -*) file= ;; esac
        words="run $options $file"
        # The options may hold quoted words, hence eval; what is printed is tidied of blanks.
        printf '\n==%s\n$ %s\n\n' "$sentence" "tollgate $(set -f; set -- $words; printf %s "$*")"
        (cd "$build/docs/samples" && eval "\"\$tollgate\" $words") </dev/null ||
            echo "(exit status $?)"
    done <"$1"
}

case ${1-} in --help | -h) usage; exit 0 ;; esac
build_all

if [ ! -x "$tollgate" ]; then
    echo "run.sh: the build is done, but the program 'tollgate' is not part of it yet;"
    echo "run.sh: there is nothing to run. README.md says what exists so far."
    exit 0
fi
[ $# -eq 0 ] || exec "$tollgate" "$@"
if [ -t 0 ] && [ -t 1 ]; then
    echo "Turnpike on Tollgate's machine; control-] leaves it." >&2
    exec "$tollgate" run
fi
demo=$root/docs/samples/demo.txt
if [ ! -f "$demo" ]; then
    echo "run.sh: $tollgate is built; there are no sample programs to demonstrate yet."
    exit 0
fi
demonstrate "$demo"
