#!/bin/sh
# Installs the Debian packages the project needs and does nothing when all are there.
# Called by tools/run.sh and tools/test.sh; the packages and their reasons are in packages.txt.
# It changes nothing else on the machine.
# shellcheck disable=SC2086,SC2116 # lists of package names are meant to be split into words
set -eu

table=$(dirname "$0")/packages.txt

usage() {
    cat <<'TEXT'
usage: tools/setup.sh GROUP...

Lists the packages of the named groups in tools/packages.txt that are missing
on this Debian machine, then installs them with apt-get (through sudo when not
root).

  tools/setup.sh build         what building and running needs
  tools/setup.sh build test    what the tests need as well
TEXT
}

# Each argument becomes a line.
fail() {
    printf 'setup.sh: %s\n' "$@" >&2
    exit 1
}

packages_of() {
    awk -v group="$1" '$1 == group { print $2 }' "$table"
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Reads package names, prints those not installed.
only_missing() {
    while read -r package; do
        is_installed "$package" || echo "$package"
    done
}

print_with_reasons() {
    for package in $1; do
        awk -v name="$package" '$2 == name && $1 !~ /^#/ {
            reason = $0; sub(/^[^ ]+ +[^ ]+ +/, "", reason)
            printf "  %-18s %s\n", name, reason }' "$table" >&2
    done
}

install() {
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail \
            "installing packages needs root, and sudo is not here either" \
            "as root, run: apt-get update && apt-get install --no-install-recommends $(echo $1)"
        as_root=sudo
    fi
    # A machine that has just been made may have no package lists, or stale ones. Where one of
    # several sources fails, the packages may still come from the others.
    $as_root apt-get -q update >&2 ||
        echo "setup.sh: apt-get update failed; going on with the package lists that are here" >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 install $1 >&2 ||
        fail "apt-get could not install all packages; its own messages are above"
}

[ $# -gt 0 ] || { usage >&2; exit 2; }
case $1 in --help | -h) usage; exit 0 ;; esac

wanted=
for group; do
    names=$(packages_of "$group")
    [ -n "$names" ] || fail "no group '$group' in $table"
    wanted="$wanted $(echo $names)"
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    fail "this is not a Debian machine (apt-get or dpkg-query is missing)" \
        "install the like of these by hand:$wanted" \
        "then build with: meson setup build && ninja -C build"
fi

missing=$(printf '%s\n' $wanted | only_missing)
[ -n "$missing" ] || exit 0

echo "Missing packages, to be installed now:" >&2
print_with_reasons "$missing"
install "$missing"
