#!/usr/bin/env python3
"""The shell of Turnpike, compiled for the host, does what bash does, and tells what is wrong.

Usage: test_shell.py BUILD_FOLDER. Each row of SAME is a script for both shells: output and status have to
be equal. Rows of WRONG: a text, and what the shell has to say about it.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

SAME = [
    "echo a b   c", "echo 'a  b' \"c  d\" e\\ f", "echo \"a'b\" 'a\"b' \"a\\\"b\" \"a\\\\b\" \"a\\b\" \\\\ \\' \\\"",
    "echo a | tr a b | cat", "false; echo $?", "true && echo yes || echo no", "false && echo yes || echo no",
    "! true; echo $?", "! false | true; echo $?", "(echo x; echo y) | sort -r", "(exit 3); echo $?",
    "exit 5\necho never", "echo hi > f; cat f; cat < f; echo more >> f; wc -l < f; rm f",
    "nosuchcommand 2>/dev/null; echo $?", "cat nosuch 2>&1 | wc -l",
    "echo *.c; echo '*.c' \"*.c\" \\*.c; echo *.zzz; echo sub/*.c", "echo [ab].c; echo ?.c; echo [!a].c; echo .h*",
    "echo [a-b]*; echo *b*; echo s*b; echo [", "echo a#b # comment\necho b", "cd sub; echo *; cd ..; echo *",
    "echo a && (echo b; false) || echo c", "(echo a > g; cat g) ; rm g", "echo \"multi\nline\"", "echo a |\ncat",
    "true &&\n\necho on", "echo back\\\nslash", ">empty; wc -c < empty; rm empty", "echo x 1>&2 2>/dev/null | wc -l",
    "echo one;echo two&wait", "(cd sub && echo *); echo *", "echo a>h;cat<h;rm h", "echo ')' '(' ';' \"$?\" '$?' \\$?",
    "echo a >k 2>&1; cat k; rm k", "cat <nosuch 2>/dev/null; echo $?", "cd nosuch 2>/dev/null || echo no",
    "echo a; # c\n\n\necho b", "exit", "false", "kill -9 $$", "(kill -9 $$) ; echo never",
    "echo $#; echo a$", "echo \"a$\" '$' $", "true & wait; echo $?", "sleep 0 & true; wait $!x 2>/dev/null; true",
    "echo 1 2>&1 >/dev/null | cat", "echo a | (cat; echo b) | cat", "seq 1 200 | tail -n 2",
    "echo to4 4>four 1>&4; cat four; rm four", "! ! true; echo $?", "echo a ; (echo b) ; echo c > m ; cat m; rm m",
]
WRONG = [
    ("echo \"a", "a quote is not closed"), ("echo 'x", "a quote is not closed"), ("echo a |", "nothing follows |"),
    ("a &&", "nothing follows && or ||"), ("( echo", "a parenthesis is not closed"), (")", "expected a command"),
    ("echo >", "expected a file after < or >"), ("&", "expected a command"), ("a ;; b", "expected a command"),
    ("echo a )", "a parenthesis was not opened"), ("echo \\", "nothing follows the backslash"),
    ("()", "expected a command in the parentheses"), ("!", "expected a command"), ("a&&&b", "expected a command"),
    ("echo " + "x" * 9000, "too long"), ("echo " + "x " * 70, "too many words"), ("nosuch", "nosuch: not found"),
    ("./nosuch", "./nosuch: "), ("cat < nosuch", "nosuch: "), ("cd nosuch", "nosuch: "), ("echo >&77", "77: "),
]


def run(shell, text, folder, is_file):
    """Status and output; files that the script leaves behind count too."""
    script = folder / "script"
    script.write_text(text, encoding="utf-8")
    words = [shell, str(script)] if is_file else [shell, "-c", text]
    path = f"{folder}/bin:{os.environ['PATH']}"
    done = subprocess.run(words, cwd=folder / "work", capture_output=True, text=True, timeout=20, check=False,
                          env={**os.environ, "PATH": path})
    return done.returncode, done.stdout, done.stderr


def main(build):
    ours = str(build / "on-host-sh")
    problems = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "work" / "sub").mkdir(parents=True)
        for file in ["a.c", "b.c", ".hid", "sub/x.c"]:
            (folder / "work" / file).touch()
        # To the shell of the host kill is built in; not every host has a program of that name.
        (folder / "bin").mkdir()
        (folder / "bin" / "kill").write_text('#!/bin/sh\nkill "$@"\n', encoding="utf-8")
        (folder / "bin" / "kill").chmod(0o755)
        for is_file in (True, False):
            for text in SAME:
                want, got = (run(shell, text, folder, is_file) for shell in ("bash", ours))
                if want[:2] != got[:2]:
                    problems += 1
                    print(f"{text!r}: expected {want[:2]}, got {got}")
        for text, error in WRONG:
            status, output, complaint = run(ours, text, folder, False)
            if status == 0 or output or error not in complaint or not complaint.startswith("sh: "):
                problems += 1
                print(f"{text[:60]!r}: expected {error!r}, got {complaint!r}, status {status}")
        # What follows a command on standard input is that command's.
        done = subprocess.run([ours], input="echo in\ncat\nrest\n", capture_output=True, text=True, check=False)
        if done.stdout != "in\nrest\n":
            problems += 1
            print(f"standard input: {done.stdout!r}")
    print(f"{2 * len(SAME) + len(WRONG) + 1} scripts, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
