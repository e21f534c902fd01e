"""Transcripts: what a person types and what the debugger answers, run again and compared.

A transcript is the text of a session: `$ tollgate debug OPTIONS`, then lines that begin with the prompt - "(tg) ", or
">" inside a block - and the answers between. Running it gives the typed lines to `tollgate debug --echo --nx`.
"""
import re
import shlex
import subprocess

COMMAND = re.compile(r"^\$ tollgate debug ?(.*)$")
TYPED = re.compile(r"^(?:\(tg\) |>)(.*)$")


def run(tollgate, options, typed, folder, timeout=300):
    """The text of a session with those options and typed lines, and its exit status."""
    command = [str(tollgate), "debug", "--echo", "--nx", *shlex.split(options)]
    done = subprocess.run(command, input="\n".join(typed) + "\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False, cwd=folder, timeout=timeout)
    return done.stdout, done.returncode


def read(text):
    """Takes a transcript apart: options, typed lines. None: it is no transcript."""
    lines = text.splitlines()
    first = COMMAND.match(lines[0]) if lines else None
    if not first:
        return None
    return first[1], [match[1] for match in map(TYPED.match, lines[1:]) if match]


def again(tollgate, text, folder):
    """The transcript as it comes out now."""
    options, typed = read(text)
    output, status = run(tollgate, options, typed, folder)
    ending = "" if status == 0 else f"[exit status {status}]\n"
    return f"$ tollgate debug {options}".rstrip() + "\n" + output + ending
