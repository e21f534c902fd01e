#!/usr/bin/env python3
"""Measures the speed of Tollgate's engines against native code and QEMU on the same C programs.

Every runner executes every program in turn, round after round (A B C A B C ...), so that a slow
spell of the computer falls on all of them. What counts is the processor time of the process (user
time of rusage, not wall time), less that of the same runner on an empty program; the median over the
rounds is reported. Every sum that a program prints must be that of the native program.
"""
import argparse
import dataclasses
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parent
GUEST_RAM = "32M"  # TG32 and QEMU
SIZE_MARKER = b"bench size:\0"  # guest/guest.h: the size follows
SHORTEST_SECONDS = 0.01  # shorter times are within a few ticks of the host's accounting
EMPTY = "empty"  # the program whose time is start-up
FILL = "fill"  # the program that uses much memory
FILL_BYTES = 24 << 20


class BenchError(Exception):
    """A measurement that cannot be trusted, or not be made; the text says what to do."""


@dataclasses.dataclass
class Sample:
    """One execution of one program."""
    user: float  # seconds of processor time
    system: float
    wall: float
    peak_bytes: int  # largest resident set
    report: dict  # what the program printed, a name and a number a line


class Runner:
    """A way to execute a program: its name, and the command for an image or program file."""

    def __init__(self, name, suffix, command, *, is_guest=True, counts=False, is_usual=True):
        self.name = name
        self.suffix = suffix
        self.command = command
        self.is_guest = is_guest
        self.counts = counts  # reports how many instructions it executed
        self.is_usual = is_usual  # measured if not asked otherwise

    def run(self, build, program, size, scratch, limit):
        path = build / (program + self.suffix)
        if self.is_guest:
            path = sized_image(path, size, scratch)
        return execute(self.command(path, size), limit)


def native_command(path, size):
    return [path, str(size)]


def qemu_command(path, _size, *options):
    return ["qemu-system-riscv32", "-M", "virt", "-m", GUEST_RAM, "-bios", "none", "-display", "none",
            "-monitor", "none", "-serial", "stdio", *options, "-kernel", path]


def tollgate_runner(program, engine, **more):
    return Runner(engine, ".tg32",
                  lambda path, _size: [program, "run", path, "--engine", engine, "--ram", GUEST_RAM],
                  counts=True, **more)


def find_runners(arguments):
    """The runners that this computer and this build have, by name, in the order of the table."""
    runners = [Runner("native", ".native", native_command, is_guest=False)]
    if arguments.tollgate:
        runners.append(tollgate_runner(arguments.tollgate, "fast"))
        runners.append(tollgate_runner(arguments.tollgate, "reference", is_usual=False))
    if shutil.which("qemu-system-riscv32"):
        runners.append(Runner("qemu", ".qemu", qemu_command))
        # In this mode QEMU's instruction counter counts instructions.
        runners.append(Runner("qemu-icount", ".qemu",
                              lambda path, size: qemu_command(path, size, "-icount", "shift=0"),
                              counts=True, is_usual=False))
    return {runner.name: runner for runner in runners}


def sized_image(path, size, scratch):
    """A copy of a guest image that is set to do size units of work."""
    image = bytearray(path.read_bytes())
    at = image.find(SIZE_MARKER)
    if at < 0:
        raise BenchError(f"{path}: no size marker in it; build it again")
    at += len(SIZE_MARKER)
    image[at:at + 4] = size.to_bytes(4, "little")
    copy = scratch / path.name
    copy.write_bytes(image)
    return copy


def execute(command, limit):
    """Runs command to its end. Fails unless it ends within limit seconds with status 0."""
    with tempfile.TemporaryFile() as output:
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT)
        killer = threading.Timer(limit, process.kill)
        killer.start()
        # Not process.wait(): only wait4 tells what this one process used.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        killer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode != 0:
        line = " ".join(str(word) for word in command)
        late = f" after the limit of {limit} s" if wall >= limit else ""
        raise BenchError(f"{line}\nended with status {process.returncode}{late}:\n{text}")
    return Sample(usage.ru_utime, usage.ru_stime, wall, usage.ru_maxrss * 1024, parse_report(text))


def parse_report(text):
    """Lines of a name and a hexadecimal number; anything else a runner printed is no part of it."""
    report = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2:
            try:
                report[words[0]] = int(words[1], 16)
            except ValueError:
                continue
    if "sum" not in report:
        raise BenchError(f"no sum in what the program printed:\n{text}")
    return report


def read_programs():
    """{name: (size to measure, size to test)} from programs.txt."""
    rows = {}
    for line in (SOURCE / "programs.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, full, tiny = line.split()
            rows[name] = (int(full), int(tiny))
    return rows


def instructions(report):
    """What the guest counted between the first and last instruction of its program."""
    return report["insns_high"] << 32 | report["insns_low"]


class Results:
    """All samples of a session, by runner and program."""

    def __init__(self, programs, runners, rounds):
        self.programs = [name for name in programs if name not in (EMPTY, FILL)]
        self.runners = [runner.name for runner in runners]
        self.rounds = rounds
        self.sizes = {}
        self.samples = {runner: {program: [] for program in programs} for runner in self.runners}
        self.insns = {}

    def median(self, runner, program, field):
        return statistics.median(getattr(s, field) for s in self.samples[runner][program])

    def seconds(self, runner, program):
        """Processor time of the program itself: without start and end of its runner."""
        seconds = self.median(runner, program, "user") - self.median(runner, EMPTY, "user")
        if seconds < SHORTEST_SECONDS:
            raise BenchError(f"{program} on {runner} takes {seconds * 1e3:.1f} ms, too short to measure; "
                             "raise --percent")
        return seconds

    def rate(self, runner, program):
        """Guest instructions a second, or None."""
        if runner == "native" or program not in self.insns:
            return None
        return self.insns[program] / self.seconds(runner, program)

    def ratio(self, runner, base, program):
        return self.seconds(runner, program) / self.seconds(base, program)

    def extra_bytes(self, runner):
        """Peak memory without what the guest uses itself."""
        return max(s.peak_bytes for s in self.samples[runner][FILL]) - FILL_BYTES


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))


def check_sum(runner, program, sample, expected):
    if sample.report["sum"] != expected:
        raise BenchError(f"{program} on {runner.name}: sum {sample.report['sum']:08x}, native "
                         f"{expected:08x}: the runner computes wrongly")


def measure(arguments, programs, runners, scratch):
    """Runs everything, in interleaved rounds."""
    results = Results(programs, runners, arguments.rounds)
    for program, (full, _) in programs.items():
        results.sizes[program] = max(1, full * arguments.percent // 100)
    for number in range(arguments.rounds):
        for program, size in results.sizes.items():
            progress(f"round {number + 1} of {arguments.rounds}: {program}")
            expected = None
            for runner in runners:
                sample = runner.run(arguments.build, program, size, scratch, arguments.limit)
                expected = sample.report["sum"] if expected is None else expected
                check_sum(runner, program, sample, expected)
                if sample.report.get("ticks", 1) == 0 and sample.user > 1:
                    raise BenchError(f"{program} on {runner.name}: no timer interrupt arrived")
                results.samples[runner.name][program].append(sample)
                if runner.counts:
                    results.insns[program] = instructions(sample.report)
    progress("")
    return results


def progress(text):
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()


def table(results):
    """The figures as text."""
    others = [runner for runner in results.runners if runner != "native"]
    heads = ["program", "Minsn", "native s"]
    for runner in others:
        heads += [f"{runner} s", "Minsn/s", "x native"]
        if "qemu" in others and runner != "qemu":
            heads.append("x qemu")
    rows = [row_of(results, others, program) for program in results.programs]
    rows.append(row_of_means(results, others))
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    lines = []
    for row in [heads, *rows]:
        cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:]))]
        lines.append("  ".join(cells))
    return "\n".join(lines)


def row_of(results, others, program):
    insns = results.insns.get(program)
    row = [program, f"{insns / 1e6:.0f}" if insns else "-",
           f"{results.seconds('native', program):.3f}"]
    for runner in others:
        rate = results.rate(runner, program)
        row += [f"{results.seconds(runner, program):.3f}", f"{rate / 1e6:.0f}" if rate else "-",
                f"{results.ratio(runner, 'native', program):.2f}"]
        if "qemu" in others and runner != "qemu":
            row.append(f"{results.ratio(runner, 'qemu', program):.2f}")
    return row


def row_of_means(results, others):
    row = ["geometric mean", "", ""]
    for runner in others:
        rates = [results.rate(runner, program) for program in results.programs]
        row += ["", f"{geometric_mean(rates) / 1e6:.0f}" if all(rates) else "-",
                f"{mean_ratio(results, runner, 'native'):.2f}"]
        if "qemu" in others and runner != "qemu":
            row.append(f"{mean_ratio(results, runner, 'qemu'):.2f}")
    return row


def mean_ratio(results, runner, base):
    return geometric_mean([results.ratio(runner, base, program) for program in results.programs])


def footer(results):
    """Start-up and memory of each runner."""
    lines = []
    for runner in results.runners:
        line = (f"{runner}: start and end {results.median(runner, EMPTY, 'user') * 1e3:.0f} ms of "
                f"processor time (taken off above), {results.median(runner, EMPTY, 'wall') * 1e3:.0f} ms "
                "of wall time")
        # The peak of a small process is that of this script, of which it once was a copy.
        if runner != "native":
            line += (f"; {results.extra_bytes(runner) / (1 << 20):.0f} MiB of memory beside the "
                     "guest's own")
        lines.append(line)
    return "\n".join(lines)


def as_json(results):
    """Everything that was measured, seconds and bytes."""
    programs = {}
    for program in results.programs:
        programs[program] = {
            "size": results.sizes[program],
            "insns": results.insns.get(program),
            "seconds": {runner: results.seconds(runner, program) for runner in results.runners},
            "insns_per_second": {runner: results.rate(runner, program) for runner in results.runners},
        }
    means = {runner: {base: mean_ratio(results, runner, base)
                      for base in ("native", "qemu") if base in results.runners}
             for runner in results.runners}
    samples = {runner: {program: [dataclasses.asdict(s) for s in samples]
                        for program, samples in programs.items()}
               for runner, programs in results.samples.items()}
    return {"version": 1, "rounds": results.rounds, "guest_ram": GUEST_RAM,
            "programs": programs, "mean_ratios": means, "samples": samples,
            "extra_bytes": {runner: results.extra_bytes(runner) for runner in results.runners
                            if runner != "native"}}


def check(arguments, programs, runners, scratch):
    """Every program at its test size: all runners must return the native program's sum."""
    for program, (_, tiny) in programs.items():
        expected = None
        for runner in runners:
            sample = runner.run(arguments.build, program, tiny, scratch, arguments.limit)
            expected = sample.report["sum"] if expected is None else expected
            check_sum(runner, program, sample, expected)
    names = ", ".join(runner.name for runner in runners)
    print(f"{len(programs)} programs, the same sums on {names}")


def select(names, rows, kind):
    """The rows that were asked for, all if none was."""
    unknown = [name for name in names if name not in rows]
    if unknown:
        raise BenchError(f"no {kind} {unknown[0]!r}; there are: {', '.join(rows)}")
    return {name: row for name, row in rows.items() if not names or name in names}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="*", help="names from programs.txt (default: all)")
    parser.add_argument("--build", type=pathlib.Path, required=True,
                        help="build folder of this tool: build/tools/bench")
    parser.add_argument("--tollgate", type=pathlib.Path, metavar="PROGRAM",
                        help="the tollgate to measure")
    parser.add_argument("--runners", metavar="A,B,...",
                        help="besides native: fast, reference, qemu, qemu-icount; a count of "
                        "instructions comes from all but qemu (default: fast and qemu)")
    parser.add_argument("--rounds", type=int, default=5, help="how often (default: 5)")
    parser.add_argument("--percent", type=int, default=100,
                        help="size of the work in percent (default: 100)")
    parser.add_argument("--limit", type=float, default=300, metavar="SECONDS",
                        help="give up on a program that takes longer (default: 300)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--check", action="store_true",
                        help="measure nothing; compare the sums at small sizes")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.percent < 1:
        parser.error("--rounds and --percent start at 1")
    return arguments


def main():
    arguments = parse_arguments()
    programs = select([*arguments.programs, EMPTY, FILL] if arguments.programs else [], read_programs(),
                      "program")
    found = find_runners(arguments)
    if arguments.runners:
        runners = list(select(["native", *arguments.runners.split(",")], found, "runner").values())
    else:
        runners = [runner for runner in found.values() if runner.is_usual or arguments.check]
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.check:
            check(arguments, programs, runners, pathlib.Path(scratch))
            return
        results = measure(arguments, programs, runners, pathlib.Path(scratch))
    print(table(results))
    print(footer(results))
    if "qemu" not in found:
        print("no comparison with qemu: qemu-system-riscv32 is missing (Debian package "
              "qemu-system-misc)")
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(results), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(f"bench.py: {error}")
