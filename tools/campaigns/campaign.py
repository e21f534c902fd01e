"""What the campaigns of C programs share: running programs, trials side by side, the report.

A campaign is a list of trials. Each trial is a function that returns an Outcome: passed, failed or
skipped, with the reason in words. The report counts them, and lists what failed with the command that
runs it alone.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
ENGINES = ("fast", "reference")
LIMIT_STATUS = 100  # of `tollgate run`: --max-insns was reached

# name: of the trial; result: one of the above; reason: in words, the same for what is alike; detail: what a
# person needs to look into it; again: the command that runs it alone
Outcome = collections.namedtuple("Outcome", "name result reason detail again", defaults=("", "", ""))
Done = collections.namedtuple("Done", "status stdout stderr")


def run(command, *, timeout=60, **more):
    """Runs a command; status None means that it took too long, -N that signal N ended it."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, check=False,
                              timeout=timeout, stdin=subprocess.DEVNULL, **more)
    except subprocess.TimeoutExpired:
        return Done(None, "", "")
    return Done(done.returncode, done.stdout.decode(errors="replace"),
                done.stderr.decode(errors="replace"))


class Tools:
    """The programs under test, found in a build folder, and a cache for converted libraries."""

    def __init__(self, build):
        self.tg_cc = build / "assembler/cc/tg-cc"
        self.tg_retarget = build / "assembler/retarget/tg-retarget"
        self.tollgate = build / "tools/tollgate"
        for program in (self.tg_cc, self.tg_retarget, self.tollgate):
            if not program.exists():
                sys.exit(f"{program} does not exist: build it, or name another folder with --build")

    def compile(self, source, program, options=()):
        """Done of tg-cc."""
        return run([self.tg_cc, *options, source, "-o", program], timeout=120)

    def run(self, program, engine, max_insns, options=()):
        """Done of tollgate, and its digest."""
        done = run([self.tollgate, "run", "--engine", engine, "--max-insns", max_insns, "--digest",
                    "--quiet", *options, program], timeout=1200)
        lines = done.stderr.splitlines()
        return done, lines[-1] if lines else ""


def parser(description):
    """The options that all campaigns have."""
    options = argparse.ArgumentParser(description=description, allow_abbrev=False,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parents[2]
    options.add_argument("--build", type=pathlib.Path, default=root / "build", metavar="FOLDER",
                         help="the build folder with tg-cc and tollgate (build)")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N",
                         help="trials side by side (as many as there are processors)")
    options.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all outcomes there")
    return options


def again(arguments):
    """The words that repeat a campaign, to which a trial adds its own."""
    return f"{sys.argv[0]} --build {arguments.build}"


def run_trials(trial, cases, arguments, *, title):
    """Calls trial(case, folder) for each case, prints the report. Returns 1 if any failed, else 0."""
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(max(1, arguments.jobs)) as pool:
        for outcome in pool.map(lambda case: in_folder(trial, case), cases):
            outcomes.append(outcome)
            if outcome.result == FAILED:
                print(f"failed: {outcome.name}: {outcome.reason}", flush=True)
            elif sys.stderr.isatty():
                print(f"\r{len(outcomes)} of {len(cases)} ", end="", file=sys.stderr)
    report(outcomes, title)
    if arguments.json:
        arguments.json.write_text(json.dumps([o._asdict() for o in outcomes], indent=1))
    return 1 if any(outcome.result == FAILED for outcome in outcomes) else 0


def in_folder(trial, case):
    with tempfile.TemporaryDirectory(prefix="tg-campaign-") as folder:
        return trial(case, pathlib.Path(folder))


def report(outcomes, title):
    """Failures in full, reasons for skipping counted, totals last."""
    for outcome in outcomes:
        if outcome.result == FAILED:
            print(f"\n== {outcome.name}: {outcome.reason}\n{outcome.detail.strip()[:2000]}\n"
                  f"again: {outcome.again}")
    reasons = collections.Counter(o.reason for o in outcomes if o.result == SKIPPED)
    for reason, count in reasons.most_common():
        print(f"skipped {count}: {reason}")
    counts = collections.Counter(outcome.result for outcome in outcomes)
    print(f"{title}: {len(outcomes)} trials: {counts[PASSED]} passed, {counts[FAILED]} failed, "
          f"{counts[SKIPPED]} skipped")
