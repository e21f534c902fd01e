#!/bin/sh
# Checks the README's promise: makes a bare Debian 12 in a folder, copies the last commit in, and
# runs tools/run.sh and tools/test.sh there, as someone with a new machine would.
# Needs root, debootstrap and git. Package sources and proxy are those of this machine's apt.
# The commands run in a mount and process namespace of their own: when they end, however they
# end, the kernel takes their mounts and processes away. Only the folder stays.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
suite=bookworm

usage() {
    cat <<'TEXT'
usage: tools/stranger.sh [--mirror=URL] FOLDER

Makes a bare Debian 12 (debootstrap's minbase) in FOLDER/system, copies the last
commit of this checkout to /tollgate in it, and runs tools/run.sh and then
tools/test.sh there. The outputs are also kept in FOLDER/*.log. FOLDER must be
empty or absent; it needs 2 GB, and may be deleted afterwards.

  --mirror=URL   where Debian packages are; otherwise as this machine's apt has it

Needs root. Exit status: 0 both commands succeeded, 1 not, 2 wrong usage.
TEXT
}

fail() {
    printf 'stranger.sh: %s\n' "$1" >&2
    exit "${2-1}"
}

# The Debian package sources of this machine, whatever form its files have: a deb line each.
apt_sources() {
    # shellcheck disable=SC2016 # apt-get replaces these
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' | grep " $suite" | sort -u
}

# Settings of this machine's apt that a package download may depend on.
apt_settings() {
    apt-config dump | grep -E '^Acquire::(https?|Check|Retries|ForceIPv)' || true
}

make_debian() {
    sources=$(apt_sources)
    : "${mirror:=$(echo "$sources" | awk -v suite="$suite" '$3 == suite { print $2; exit }')}"
    [ -n "$mirror" ] || fail "apt here has no source of Debian $suite; name one with --mirror=URL"
    [ -n "$sources" ] || sources="deb $mirror $suite main"
    proxy=
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    # A machine whose packages come over https has been given certificates with its apt.
    certificates=
    case $sources in *https:*) certificates=--include=ca-certificates ;; esac
    http_proxy=${proxy:-${http_proxy-}} debootstrap --variant=minbase $certificates \
        "$suite" "$folder/system" "$mirror" >"$folder/debootstrap.log" 2>&1 ||
        fail "debootstrap failed; see $folder/debootstrap.log"
    echo "$sources" >"$folder/system/etc/apt/sources.list"
    apt_settings >"$folder/system/etc/apt/apt.conf.d/90host"
    cp -L /etc/resolv.conf /etc/hosts "$folder/system/etc/"
}

# Runs a command of the checkout inside; its output goes to the terminal and to FOLDER/NAME.log.
run_inside() {
    name=$(basename "$1" .sh)
    start=$(date +%s)
    status=$folder/$name.status
    echo "=== $1"
    # shellcheck disable=SC2016 # for the inner shell
    {
        unshare --mount --pid --fork --kill-child sh -eu -c '
            mount -t proc proc "$1/proc"
            mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
            mount -t tmpfs tmpfs "$1/dev/shm"
            exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
                chroot "$1" sh -c "cd /tollgate && exec $2"' sh "$folder/system" "$1" </dev/null &&
            echo 0 >"$status" || echo $? >"$status"
    } 2>&1 | tee "$folder/$name.log"
    report="$report
$1: exit status $(cat "$status"), $(($(date +%s) - start)) s, last line: $(tail -n 1 "$folder/$name.log")"
    [ "$(cat "$status")" -eq 0 ] || result=1
}

mirror=
case ${1-} in
--help | -h) usage; exit 0 ;;
--mirror=*) mirror=${1#--mirror=}; shift ;;
esac
[ $# -eq 1 ] || { usage >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || fail "this needs root"
for program in debootstrap git unshare; do
    command -v $program >/dev/null || fail "the program '$program' is missing here"
done
mkdir -p "$1"
folder=$(cd "$1" && pwd)
[ -z "$(ls -A "$folder")" ] || fail "$folder is not empty" 2

report=''
result=0
start=$(date +%s)
make_debian
echo "bare Debian in $(($(date +%s) - start)) s: $folder/system"
mkdir "$folder/system/tollgate"
git -C "$root" archive HEAD | tar -x -C "$folder/system/tollgate"
before=$(du -sm "$folder/system" | cut -f1)
run_inside tools/run.sh
run_inside tools/test.sh
printf '\n%s\n' "commit $(git -C "$root" rev-parse --short HEAD)$report"
echo "packages and builds take $(($(du -sm "$folder/system" | cut -f1) - before)) MB"
exit $result
