#!/usr/bin/env python3
"""Turnpike in every arrangement, for as long as one likes.

    turnpike.py matrix                 calltest whole in every arrangement with 1, 2 and 4 CPUs
    turnpike.py powercut --count 300   the power is cut that often; nothing that was done may be lost
    turnpike.py stress --count 50      processes killed at random, that often; nothing may be left of them
    turnpike.py engines                a part of calltest on two engines side by side, in every arrangement
"""
import pathlib
import random
import sys

import campaign

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/guestos/system"))
from arrangements import ARRANGEMENTS, NOISE, System, cpus_of  # noqa: E402

SHORT = "call_ pipe_b file_w process_f message_ deadlock_ grant_ queue_o queue_b register_over_c ring_s"
CUTS = (1_500_000, 60_000_000)  # instructions: from the first change on


def outcome(name, done, again):
    """Passed if the run ended with status 0."""
    if done.returncode == 0:
        return campaign.Outcome(name, campaign.PASSED)
    text = NOISE.sub("", done.stdout)[-2000:] + done.stderr[-1000:]
    return campaign.Outcome(name, campaign.FAILED, f"status {done.returncode}", text, again)


def all_places():
    return [(arrangement, cpus) for arrangement in ARRANGEMENTS for cpus in cpus_of(arrangement)]


def run_line(system, line, *options):
    """A trial that runs a line of the shell's in an arrangement."""
    def trial(case, folder):
        arrangement, cpus = case[:2]
        words = line.format(*case[2:])
        command = system.command(arrangement, words, *options, cpus=cpus)
        return outcome(f"{arrangement}, {cpus} CPUs, {words[:20]}",
                       system.run(arrangement, words, *options, cpus=cpus, timeout=3600),
                       " ".join(f"'{word}'" if " " in word else word for word in command))
    return trial


def powercut_trial(system, arguments):
    def trial(case, folder):
        arrangement, cpus, insns = case
        wrong = system.cut_power(arrangement, insns, folder, cpus=cpus)
        name = f"{arrangement}, {cpus} CPUs, cut at {insns}"
        if wrong is None:
            return campaign.Outcome(name, campaign.PASSED)
        again = f"{campaign.again(arguments)} powercut --only {arrangement},{cpus},{insns}"
        return campaign.Outcome(name, campaign.FAILED, wrong.splitlines()[0], wrong, again)
    return trial


def random_cuts(arguments):
    if arguments.only:
        arrangement, cpus, insns = arguments.only.split(",")
        return [(arrangement, int(cpus), int(insns))]
    numbers = random.Random(arguments.seed)
    places = all_places()
    return [(*places[i % len(places)], numbers.randrange(*CUTS)) for i in range(arguments.count)]


def main():
    options = campaign.parser(__doc__)
    options.add_argument("what", choices=("matrix", "powercut", "stress", "engines"))
    options.add_argument("--count", type=int, default=100, metavar="N", help="trials of powercut and stress (100)")
    options.add_argument("--seed", type=int, default=1, metavar="N", help="of what is chosen at random (1)")
    options.add_argument("--only", metavar="ARRANGEMENT,CPUS,INSNS", help="one cut of the power")
    arguments = options.parse_args()
    build = arguments.build
    system = System(build / "tools/tollgate", build / "guestos/kernel/turnpike", build / "guestos/disk.img",
                    build / "tools/mkfs/tg-fsck")
    places = all_places()
    trials = {
        "matrix": (run_line(system, "calltest"), places),
        "powercut": (powercut_trial(system, arguments), random_cuts(arguments)),
        "stress": (run_line(system, "stress {} 300"),
                   [(*places[i % len(places)], arguments.seed + i) for i in range(arguments.count)]),
        "engines": (run_line(system, f"calltest {SHORT}", "--lockstep", "reference", "--lockstep-every", "100000"),
                    places),
    }
    trial, cases = trials[arguments.what]
    return campaign.run_trials(trial, cases, arguments, title=f"turnpike {arguments.what}")


if __name__ == "__main__":
    sys.exit(main())
