#!/usr/bin/env python3
"""Programs of Turnpike, compiled for the host, do what the host's programs of the same name do.

Usage: test_programs.py BUILD_FOLDER. Output, files and status are compared; complaints only by their being there.
"""
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

ROWS = [
    "cat one two", "cat < one", "cat nosuch one", "cat - < one", "wc one two", "wc -l one", "wc -lc one", "wc < two",
    "head one", "head -n 3 one two", "head -2 one", "head -n 0 one", "tail one", "tail -n 3 one", "tail -2 < one",
    "tail -n 0 one", "tail -n 1000 one", "tail big", "head -n 5000 big", "ls", "ls sub", "ls one", "ls nosuch", "ls -a sub",
    "rm one; ls", "rm sub", "rm -r sub; ls", "rm -f nosuch", "rm nosuch two; ls", "rm -rf sub nosuch one; ls",
    "mv one three; ls", "mv one sub; ls sub", "mv one two sub; ls sub", "mv nosuch x", "mv one two three",
    "cp one three; cat three", "cp one sub; ls sub", "cp big b2; wc b2", "cp one one; cat one", "cp nosuch x",
    "ln one three; cat three", "ln one two", "mkdir new; ls", "mkdir one", "mkdir a/b/c",
    "echo", "echo a 'b  c'", "echo -n x", "test a", "test ''", "test -e one", "test -f sub", "test -d sub", "test -s empty",
    "test a = a", "test a != a", "test 3 -lt 10", "test 3 -ge 10", "test ! -e one", "test -z ''", "test -n ''",
]
GREP = ["a", "^a", "a$", "^$", "^", "$", "a.c", "a*", "ab*c", "*a", "^*a", "[abc]", "[^abc]", "[a-c]*d", "[]a]", "[^]a]", "\\.", "\\*",
        "a\\$", "a$b", "a^b", "[a-]", ".*", "x*$", "^x*$", "^ab*$", "a..b", "\\[", "[.]", "[*]"]


def run(program, words, folder, text=None):
    done = subprocess.run([program, *words], cwd=folder, input=text, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode, done.stdout, bool(done.stderr)


def fill(folder):
    """The same files for each run."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "sub").mkdir(parents=True)
    (folder / "one").write_text("".join(f"line {i} of one\n" for i in range(1, 31)), encoding="utf-8")
    (folder / "two").write_text("no newline\tat the end  of   two", encoding="utf-8")
    (folder / "big").write_text("".join(f"{i} " + "x" * (i % 90) + "\n" for i in range(3000)), encoding="utf-8")
    (folder / "empty").touch()
    (folder / "sub" / "in").write_text("in sub\n", encoding="utf-8")
    (folder / "sub" / ".dot").touch()


def run_row(row, names, folder):
    """A row in a shell that has the programs called by these names."""
    fill(folder)
    functions = "".join(f"{n}() {{ {p} \"$@\"; }}; " for n, p in names.items())
    done = subprocess.run(["bash", "-c", functions + row], cwd=folder, capture_output=True, text=True, timeout=20, check=False)
    left = {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    # GNU's head and tail print the names of several files; counts are as wide as the largest needs.
    lines = [" ".join(line.split()) for line in done.stdout.splitlines() if not line.startswith("==>") and line]
    return min(done.returncode, 1), lines, bool(done.stderr), left


def random_pattern(dice):
    parts = ["a", "b", "c", ".", "[ab]", "[^a]", "[b-c]"]
    text = "".join(dice.choice(parts) + dice.choice(["", "", "*"]) for _ in range(dice.randint(1, 4)))
    return dice.choice(["", "", "^"]) + text + dice.choice(["", "", "$"])


def check_grep(build, folder):
    dice, problems = random.Random(1), 0
    lines = ["", "a", "abc", "ABC", "aXc", "a.c", "a*b", "]a", "a-b", "a$b", "a^b", "[x]", "*a", "xx"]
    lines += ["".join(dice.choice("abcd") for _ in range(dice.randint(0, 8))) for _ in range(60)]
    text = "\n".join(lines) + "\n"
    rows = [[p] for p in GREP] + [[random_pattern(dice)] for _ in range(150)]
    rows += [["-v", "a"], ["-i", "aBc"], ["-n", "b"], ["-c", "b"], ["-q", "zz"], ["-vc", "a"], ["-in", "[A-B]c"]]
    for words in rows:
        want, got = (run(p, words, folder, text) for p in ("grep", str(build / "on-host-grep")))
        if want != got:
            problems += 1
            print(f"grep {words}: expected {want}, got {got}")
    return len(rows), problems


def check_hexdump(build, folder):
    data = bytes(range(256)) * 3 + b"end"
    (folder / "data").write_bytes(data)
    want = ""
    for at in range(0, len(data), 16):
        part = data[at:at + 16]
        codes = "".join((" " if i == 8 else "") + (f" {part[i]:02x}" if i < len(part) else "   ") for i in range(16))
        text = "".join(chr(b) if 32 <= b < 127 else "." for b in part)
        want += f"{at:08x} {codes}  |{text}|\n"
    got = run(str(build / "on-host-hexdump"), ["data"], folder)
    if got != (0, want, False):
        print("hexdump: other than expected\n" + got[1])
        return 1
    return 0


def main(build):
    problems = 0
    names = ["cat", "cp", "echo", "head", "ln", "ls", "mkdir", "mv", "rm", "tail", "test", "wc"]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "work"
        for row in ROWS:
            want = run_row(row, {n: f"command {n}" for n in names}, folder)
            got = run_row(row, {n: build / f"on-host-{n}" for n in names}, folder)
            if want != got:
                problems += 1
                print(f"{row}: expected {want[:3]}, got {got[:3]}" + ("" if want[3] == got[3] else "; files differ"))
        rows, bad = check_grep(build, folder)
        problems += bad + check_hexdump(build, folder)
    print(f"{len(ROWS) + rows + 1} commands, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
