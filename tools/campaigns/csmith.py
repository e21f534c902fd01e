#!/usr/bin/env python3
"""Random C programs (csmith) print the same natively and on TG32, on each engine.

Each seed is a program; it is compiled by clang for this machine and by tg-cc, with an optimisation
level that goes round with the seed. Its output is a checksum of all its global variables.
Packages: csmith, libcsmith-dev, and what tg-cc needs for the C library.
"""
import os
import pathlib
import re
import shutil
import sys

import campaign
from campaign import FAILED, PASSED, SKIPPED, Outcome

HEADERS = pathlib.Path("/usr/include/csmith")
LEVELS = ("-O0", "-O1", "-O2", "-O3", "-Os")
# Pointers to members of packed structs may be misaligned, which C does not allow and TG32 does not do.
CSMITH = ("--no-packed-struct",)
# A long has 64 bits on this machine and 32 on TG32; with constants of type int both calculate the same.
LONG_CONSTANT = re.compile(r"\b(0x[0-9A-Fa-f]+|\d+)(U?)L\b")
NATIVE_SECONDS = 2  # programs that take longer, or for ever, are no use
REFERENCE_SHARE = 20  # the slow engine is given so much less


class Csmith:
    def __init__(self, tools, command, max_insns):
        self.tools = tools
        self.command = command
        self.max_insns = max_insns

    def trial(self, seed, folder):
        """One program, from its seed to the comparison."""
        level = LEVELS[seed % len(LEVELS)]
        source, native, program = folder / "p.c", folder / "native", folder / "program"

        def outcome(result, reason="", done=campaign.Done(0, "", "")):
            return Outcome(f"seed {seed} {level}", result, reason, done.stdout + done.stderr,
                           f"{self.command} --first {seed} --count 1")

        # It leaves a file of its own in the folder it is run in.
        done = campaign.run(["csmith", *CSMITH, "--seed", seed, "--output", source], cwd=folder)
        if done.status != 0:
            return outcome(SKIPPED, "csmith made no program")
        text = source.read_text(encoding="utf-8")
        source.write_text(LONG_CONSTANT.sub(r"\1\2", text), encoding="utf-8")
        options = ["-w", level, "-I", HEADERS]
        done = campaign.run(["clang", *options, source, "-o", native])
        if done.status != 0:
            return outcome(SKIPPED, "clang does not compile it for this machine", done)
        expected = campaign.run([native], timeout=NATIVE_SECONDS)
        if expected.status != 0:
            return outcome(SKIPPED, "it does not end in time on this machine")
        done = self.tools.compile(source, program, options)
        if done.status != 0:
            return outcome(FAILED, "tg-cc does not compile it", done)
        result, reason, done = self.compare(program, expected.stdout)
        return outcome(result, reason, done)

    def compare(self, program, expected):
        """Runs the program on the engines: the fast one first, the slow one for a while."""
        done, digest = self.tools.run(program, "fast", self.max_insns)
        if done.status == campaign.LIMIT_STATUS:
            return SKIPPED, f"it does not end within {self.max_insns:,} instructions", done
        if done.status != 0 or done.stdout != expected:
            return FAILED, "fast: the output differs from the native one", done
        insns = int(digest.split()[-1])
        if insns > self.max_insns // REFERENCE_SHARE:
            return PASSED, "", done
        done, other = self.tools.run(program, "reference", self.max_insns)
        if done.status != 0 or done.stdout != expected:
            return FAILED, "reference: the output differs from the native one", done
        if digest != other:
            return FAILED, f"the digests differ: {digest} (fast), {other} (reference)", done
        return PASSED, "", done


def main():
    options = campaign.parser(__doc__)
    options.add_argument("--first", type=int, default=1, metavar="SEED", help="the first seed (1)")
    options.add_argument("--count", type=int, default=1000, metavar="N", help="how many (1000)")
    options.add_argument("--max-insns", type=int, default=1_000_000_000, metavar="N",
                         help="programs that execute more instructions are skipped (10^9)")
    arguments = options.parse_args()
    for program, package in (("csmith", "csmith"), ("clang", "clang")):
        if not shutil.which(program):
            sys.exit(f"{program} is not installed: apt-get install {package}")
    if not HEADERS.exists():
        sys.exit("csmith's headers are not installed: apt-get install libcsmith-dev")
    csmith = Csmith(campaign.Tools(arguments.build), campaign.again(arguments),
                    arguments.max_insns)
    seeds = range(arguments.first, arguments.first + arguments.count)
    return campaign.run_trials(csmith.trial, seeds, arguments, title="csmith")


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C")
    sys.exit(main())
