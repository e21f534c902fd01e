#!/usr/bin/env python3
"""Programs inside the guest do the same in every arrangement: the bundled ones under the shell, one that is linked with
picolibc, one that is written for xv6. And the system starts within its budget.

Usage: test_inside.py SOURCE_ROOT BUILD_ROOT
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ARRANGEMENTS = ["", "services=server", "calls=queue", "services=server calls=queue", "fs=server tty=server",
                "process=server disk=server memory=server calls=queue"]
# Instructions until a first program has run and the machine is off.
BUDGETS = {"": 5_000_000, "services=server": 10_000_000}
SESSION = """\
cd /tmp; echo one two > a; cat a a | wc; grep -c o < a; cp a b; mv b c; ln c d; ls; rm c d
mkdir x && cd x && (echo deep > f; cat f); cd ..; rm -r x; ls x
nosuch; echo $?; false || echo false is false; exit 3 & wait
cat /doc/isa.md | grep -v x | head -n 2000 | tail -n 1 | wc -c
fill 4 40; test -f a && echo a is a file; hexdump a
with calls=queue cat a; with calls=trap wc -l a; sh -c 'kill -9 $$'; echo $?
echo $0 'quoted  words' "two  words" *; sleep 0.01; sync
exit 5
"""
EXPECTED = """\
      2       4      16
1
a
c
d
deep
ls: x: no such file or directory
sh: nosuch: not found
127
false is false
{count}
4 files of 40 KiB written, read and compared
a is a file
00000000  6f 6e 65 20 74 77 6f 0a                           |one two.|
one two
1 a
sh: process {pid}: killed
137
/session quoted  words two  words a
"""
POSIX = """\
3 arguments, the last words; pi 3.1415926536
sum 21065.8331, 9900 bytes, second 1.000000
size 9900, regular 1
appended: 9904, created anew: -1, opened: 9904, emptied: 0, removed: -1, created: 1
removed: No such file or directory
. .. console null sound zero 
printed once; 0: from a child
abort: signal 6; system: 3
heap 7; input typed
atexit: yes
42
"""
XV6 = """\
2 3 5 7 11 13 17 19 23 29 
exit -7, killed -1, open -1
size 7 type 2
found ./etc/motd
7
"""


class Guest:
    def __init__(self, build, folder):
        self.tollgate, self.image = build / "tools" / "tollgate", folder / "disk.img"

    def run(self, boot, command):
        """Status, output and instructions of a command line in the guest."""
        words = [self.tollgate, "run", "--disk", self.image, "--max-insns", "2000000000", "--digest", "--boot",
                 f'{boot} run="{command}"']
        done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, check=False)
        found = re.search(r"at insn (\d+)", done.stderr)
        return done.returncode, done.stdout, int(found[1]) if found else 0


def compile_programs(root, build, folder):
    cc = build / "assembler" / "cc" / "tg-cc"
    here = root / "tests" / "guestos" / "user"
    rows = [("posix", ["-mturnpike"], True), ("xv6", ["-mturnpike=small", "-fno-builtin", "-I", root / "guestos/include/xv6"], False)]
    made = []
    for name, options, needs_picolibc in rows:
        done = subprocess.run([cc, *options, "-O2", here / f"{name}_program.c", "-o", folder / name], capture_output=True,
                              text=True, check=False)
        if done.returncode == 0:
            made.append(name)
        elif not (needs_picolibc and "is not installed" in done.stderr):
            print(done.stderr)
            sys.exit(1)
    return made


def make_image(root, build, folder, made):
    (folder / "session").write_text(SESSION, encoding="utf-8")
    words = [build / "tools/mkfs/tg-mkfs", "-o", folder / "disk.img", "--size", "4M", "/tmp/", f"/session={folder}/session"]
    words += [f"/dev/{name}=device:{name}" for name in ("console", "null", "sound", "zero")]
    words += [f"/bin/{p.stem}={p}" for p in sorted((build / "guestos/user").glob("*.program"))]
    words += [f"/bin/{name}={folder / name}" for name in made]
    words += [f"/doc/isa.md={root / 'docs/isa.md'}", f"/etc/motd={root / 'guestos/disk/motd'}"]
    subprocess.run(words, check=True)


def expected_session(root):
    lines = [line for line in (root / "docs" / "isa.md").read_bytes().split(b"\n")[:-1] if b"x" not in line][:2000]
    return re.escape(EXPECTED).replace(r"\{count\}", str(len(lines[-1]) + 1)).replace(r"\{pid\}", r"\d+")


def main(root, build):
    problems = count = 0
    folder = pathlib.Path(tempfile.mkdtemp())
    made = compile_programs(root, build, folder)
    make_image(root, build, folder, made)
    guest = Guest(build, folder)
    rows = [("sh /session", 5, expected_session(root))]
    if "posix" in made:
        rows.append(("echo typed | posix some words; echo $?", 0, re.escape(POSIX)))
    rows.append(("xv6 7; echo $?", 0, re.escape(XV6)))
    for boot in ARRANGEMENTS:
        for command, status, expected in rows:
            got = guest.run(boot, command)
            count += 1
            if got[0] != status or not re.fullmatch(expected, got[1]):
                problems += 1
                print(f"{boot!r}, {command!r}: status {got[0]}, output:\n{got[1]}")
    for boot, budget in BUDGETS.items():
        status, _, insns = guest.run(boot, "true")
        count += 1
        if status != 0 or not 0 < insns < budget:
            problems += 1
            print(f"{boot!r}: status {status}, {insns} instructions of {budget}")
    shutil.rmtree(folder)
    print(f"{count} runs, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*(pathlib.Path(argument).resolve() for argument in sys.argv[1:3])))
