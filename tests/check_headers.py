#!/usr/bin/env python3
"""Fails when a header does not compile alone, or not twice in a row (missing include guard).

Usage: check_headers.py SOURCE_ROOT BUILD_ROOT. Compiler and options are those of the build, read
from its compile_commands.json, so that the headers meet the same warnings as the sources.
"""
import concurrent.futures
import json
import pathlib
import shlex
import subprocess
import sys

FOLDERS = ["emu", "assembler", "tools", "tests"]
KEPT_OPTIONS = ("-I", "-isystem", "-D", "-std=", "-W")


def compile_command(build):
    """Compiler and the options of all C files together; include folders are relative to build."""
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    commands = [shlex.split(row["command"]) for row in commands if row["file"].endswith(".c")]
    if not commands:
        return None
    # A launcher such as ccache may stand before the compiler; options start with a dash.
    first_option = next(i for i, word in enumerate(commands[0]) if word.startswith("-"))
    options = [w for words in commands for w in words[1:] if w.startswith(KEPT_OPTIONS)]
    return [*commands[0][:first_option], *dict.fromkeys(options), "-Werror", "-fsyntax-only"]


def check_header(command, build, header):
    """The compiler's complaints about one header; empty when it is fine."""
    # ISO C wants a declaration, and a header may hold macros alone.
    unit = f'#include "{header}"\n#include "{header}"\nextern int not_empty;\n'
    done = subprocess.run([*command, "-x", "c", "-"], input=unit, cwd=build, text=True,
                          capture_output=True, check=False)
    return done.stderr if done.returncode else ""


def main(source, build):
    headers = sorted(h for folder in FOLDERS for h in (source / folder).rglob("*.h"))
    command = compile_command(build)
    if not headers or not command:
        print("no headers, or nothing compiled: nothing was checked")
        return 1
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        complaints = list(pool.map(lambda h: check_header(command, build, h), headers))
    for header, complaint in zip(headers, complaints):
        if complaint:
            print(f"{header.relative_to(source)} does not compile on its own:\n{complaint}")
    bad = sum(1 for complaint in complaints if complaint)
    print(f"{len(headers)} headers, {bad} do not compile alone")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*(pathlib.Path(argument).resolve() for argument in sys.argv[1:3])))
