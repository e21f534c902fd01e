#!/usr/bin/env python3
"""GCC's C execution tests run on TG32: gcc.c-torture/execute of the Debian package gcc-12-source.

Each test is a program that ends with status 0, or calls abort. It counts as failed only if the same test, compiled
with the same options by the same compiler for this machine, passes: what clang itself does not accept or does
differently from gcc is skipped, with that reason, as are tests whose own directives say that they are not for a
machine like this. Packages: gcc-12-source, and what tg-cc needs for the C library.

With --gcc the compiler is gcc for RISC-V, whose objects tg-retarget rewrites.
"""
import fnmatch
import pathlib
import re
import shutil
import sys
import tarfile
import tempfile

import campaign
from campaign import FAILED, PASSED, SKIPPED, Outcome

SOURCES = "/usr/src/gcc-12/gcc-12.*.tar.xz"
INSIDE = "/gcc/testsuite/gcc.c-torture/execute/"
LEVELS = ("-O0", "-O1", "-O2", "-O3", "-Os")
MAX_INSNS = 2_000_000_000
# As in the testsuite's own drivers: old programs, which declare little.
OPTIONS = ["-w", "-std=gnu17", "-Wno-error=implicit-function-declaration"]
IEEE_OPTIONS = ["-fno-fast-math", "-lm"]

# What dg-require-effective-target may ask for and this machine lacks.
LACKING = {
    "int128": "it needs 128-bit integers",
    "mmap": "it needs mmap",
    "fileio": "it needs files",
    "trampolines": "it needs nested functions, which clang lacks",
    "untyped_assembly": "it needs __builtin_apply, which clang lacks",
    "dfp": "it needs decimal floating point, which clang lacks",
}


def unpack(folder):
    """The tests, below folder."""
    archives = sorted(pathlib.Path("/").glob(SOURCES[1:]))
    if not archives:
        sys.exit("GCC's sources are not installed: apt-get install gcc-12-source")
    with tarfile.open(archives[-1], "r:xz") as archive:
        members = [m for m in archive if INSIDE in m.name and m.isfile()]
        for member in members:
            path = folder / member.name.split(INSIDE)[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.extractfile(member).read())
    return folder


class Clang:
    """tg-cc does it all."""
    name, native = "clang", "clang"

    def __init__(self, tools):
        self.tools = tools

    def is_accepted(self, source, folder, options):
        done = campaign.run([self.tools.tg_cc, *options, "-S", source, "-o", folder / "text"])
        return done.status == 0

    def build(self, source, program, options):
        return self.tools.compile(source, program, options)


class Gcc:
    """gcc for RISC-V, then the rewriter, then tg-cc to link."""
    name, native = "gcc", "gcc"
    COMMAND = ("riscv64-unknown-elf-gcc", "-march=rv32ima", "-mabi=ilp32", "-ftls-model=local-exec",
               "-isystem", "/usr/lib/picolibc/riscv64-unknown-elf/include")

    def __init__(self, tools):
        self.tools = tools

    def is_accepted(self, source, folder, options):
        return campaign.run([*self.COMMAND, *options, "-S", source, "-o", folder / "text"]).status == 0

    def build(self, source, program, options):
        riscv, rewritten = program.with_suffix(".riscv.o"), program.with_suffix(".o")
        for command in ([*self.COMMAND, *options, "-c", source, "-o", riscv],
                        [self.tools.tg_retarget, riscv, "-o", rewritten],
                        [self.tools.tg_cc, rewritten, "-o", program]):
            done = campaign.run(command, timeout=120)
            if done.status != 0:
                break
        return done


class Torture:
    def __init__(self, tools, compiler, root, command):
        self.tools = tools
        self.compiler = compiler
        self.root = root
        self.command = command

    def cases(self, pattern, levels):
        """Pairs of a test's path below the root and an optimisation level."""
        # builtins/ holds tests in three parts, which check that gcc replaces calls of the C library.
        names = sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*.c")
                       if "builtins" not in path.parts)
        return [(name, level) for name in names if fnmatch.fnmatch(name, pattern)
                for level in levels]

    def trial(self, case, folder):
        """One test at one level."""
        name, level = case
        source, program = self.root / name, folder / "program"
        text = source.read_text(encoding="latin-1")

        def outcome(result, reason="", done=campaign.Done(0, "", "")):
            return Outcome(f"{name} {level}", result, reason, done.stdout + done.stderr,
                           f"{self.command} --level={level} '{name}'")

        lacking = directive_reason(text)
        if lacking:
            return outcome(SKIPPED, lacking)
        options = [*OPTIONS, level, "-I", source.parent, *directive_options(text),
                   *(IEEE_OPTIONS if name.startswith("ieee/") else [])]
        done = self.compiler.build(source, program, options)
        if done.status == 0:
            done, _ = self.tools.run(program, "fast", MAX_INSNS)
            if done.status == 0:
                return outcome(PASSED)
            reason = f"on TG32 it ends with status {done.status}"
        else:
            reason = "it cannot be built for TG32"
        known = self.compiler_reason(source, folder, options)
        return outcome(SKIPPED if known else FAILED, known or reason, done)

    def compiler_reason(self, source, folder, options):
        """Why the test says nothing about TG32; None if the compiler compiles it for a 32-bit RISC-V, and it passes
        on this machine."""
        name = self.compiler.name
        if not self.compiler.is_accepted(source, folder, options):
            return f"{name} does not compile it for RISC-V"
        done = campaign.run([self.compiler.native, *options, source, "-o", folder / "native", "-lm"])
        if done.status != 0:
            return f"{name} does not compile it for this machine either"
        done = campaign.run([folder / "native"], timeout=20)
        return None if done.status == 0 else f"compiled by {name} it does not pass on this machine"


def directives(text, name):
    """What follows the name in each directive of that name: { dg-name WORDS }, on one line."""
    return re.findall(r"\{\s*" + name + r"\s+(.*?)\s*\}\s*(?:\*/|$)", text, re.MULTILINE)


def directive_reason(text):
    """Why a test's own directives exclude it; None if they do not."""
    if re.search(r"dg-skip-if\s+\"[^\"]*\"\s+\{\s*!\s*\{\s*i\?86", text):
        return "it is for another machine"
    for words in directives(text, "dg-require-effective-target"):
        reason = LACKING.get(words.split()[0])
        if reason:
            return reason
    return None


def directive_options(text):
    """The options that a test asks for, without those only for other machines or that only gcc has."""
    options = []
    for name in ("dg-options", "dg-additional-options"):
        for words in directives(text, name):
            quoted = re.match(r'"([^"]*)"\s*(.*)', words)
            if quoted and "target" not in quoted[2]:
                options += [word for word in quoted[1].split() if is_for_clang(word)]
    return options


def is_for_clang(option):
    return option.startswith(("-f", "-std", "-D", "-W")) and "=" not in option.removeprefix("-std=") \
        or option.startswith("-std=") or option.startswith("-D")


def main():
    options = campaign.parser(__doc__)
    options.add_argument("pattern", nargs="?", default="*", metavar="PATTERN",
                         help="tests whose path fits, such as 'pr*.c' or 'ieee/*'")
    options.add_argument("--level", action="append", choices=LEVELS, metavar="LEVEL",
                         help="an optimisation level, -O0 to -O3 or -Os; may be repeated (all)")
    options.add_argument("--gcc", action="store_true",
                         help="compile with riscv64-unknown-elf-gcc, and rewrite")
    options.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth trial")
    arguments = options.parse_args()
    for program, package in (("riscv64-unknown-elf-gcc", "gcc-riscv64-unknown-elf"),) if arguments.gcc \
            else (("clang", "clang"),):
        if not shutil.which(program):
            sys.exit(f"{program} is not installed: apt-get install {package}")
    with tempfile.TemporaryDirectory(prefix="tg-torture-") as folder:
        tools = campaign.Tools(arguments.build)
        torture = Torture(tools, (Gcc if arguments.gcc else Clang)(tools), unpack(pathlib.Path(folder)),
                          campaign.again(arguments) + (" --gcc" if arguments.gcc else ""))
        cases = torture.cases(arguments.pattern, arguments.level or LEVELS)[::arguments.every]
        return campaign.run_trials(torture.trial, cases, arguments, title="GCC's execution tests")


if __name__ == "__main__":
    sys.exit(main())
