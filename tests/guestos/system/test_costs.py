"""What each way through the kernel costs, in every arrangement: exact, so a change of one instruction is a change of a
golden file. Those files are also where the tables of docs/costs.md come from. Regenerating all:

    TG_UPDATE_GOLDEN=1 meson test -C build guestos-costs
"""
import json
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import cli  # noqa: E402
from arrangements import ARRANGEMENTS, System  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
MEASURED = ("syscall", "message", "queue", "message-queue")
ROW = re.compile(r"^([\w-]+) +(\d+)  (.*)$", re.MULTILINE)

# Paths that have a goal: name, goal, what it must not exceed in any arrangement that has it.
LIMITS = {
    "null": (40, 80), "entry-to-c-64": (40, 50), "entry-to-c-46": (12, 20), "send-registers": (90, 130),
    "send-64": (130, 180), "call-64": (250, 360), "notify": (40, 70), "yield-twice": (180, 260),
    "task-switch": (30, 40), "queue-submit": (12, 20), "queue-drain": (25, 45), "page-fault": (350, 500),
    "interrupt-to-driver-46": (130, 200), "program-to-driver-46": (130, 200), "fork-exit-wait": (20000, 60000),
}

# Calls whose way is shown function by function.
WALKS = ("nothing", "yield", "ping", "call", "call_words", "notify", "queue_enter")
CALLS = re.findall(r'^TP_CALL\(\w+, *"(\w+)"',
                   (HERE.parents[2] / "guestos/include/turnpike/calls.def").read_text(encoding="utf-8"), re.MULTILINE)
# What is counted from outside: rows, and how often at least and at most
EVENTS = ("null", "ping", "yield-twice", "page-fault", "send-registers", "call-registers", "call-64", "read-512",
          "fork-exit-wait")
FEW, MANY = 10, 40


class CostsTest(cli.TestCase):
    def setUp(self):
        self.system = System(*cli.arguments[:4])
        self.paths, self.document = cli.arguments[4:6]

    def run_line(self, arrangement, line, *options):
        done = self.system.run(arrangement, line, *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def table(self, arrangement):
        """Rows of the program's table and of the paths that only an observer sees: name to (figure, meaning)."""
        rows = {name: (int(insns), what)
                for name, insns, what in ROW.findall(self.run_line(arrangement, "costs"))}
        words = ARRANGEMENTS[arrangement] + f' run="costs {SEEN}; {BUSY}"'
        done = self.run_program([self.paths, self.system.kernel, self.system.disk, words])
        for name, insns in re.findall(r"^([\w-]+) (\d+)$", done.stdout, re.MULTILINE):
            rows[name] = (int(insns), MEANINGS[name.rstrip("0123456789")])
        walks = {CALLS[int(call)]: text
                 for call, text in re.findall(r"^walk-(\d+) (.*)$", done.stdout, re.MULTILINE)}
        return rows, [f"way of {name}: {walks[name]}" for name in WALKS]

    def counts(self, arrangement, name, times):
        """All counts of a run that does it so often."""
        with tempfile.TemporaryDirectory() as folder:
            stats = pathlib.Path(folder) / "stats.json"
            text = self.run_line(arrangement, f"costs -r {name} {times}", "--stats", stats)
            counts = json.loads(stats.read_text())["cpus"][0]
        rings = counts["instructions_by_ring"]
        return [sum(rings), *rings, counts["traps"] + counts["exceptions"], counts["space_switches"],
                counts["instruction_fills"] + counts["data_fills"], counts["walk_references"],
                int(re.search(r"copied (\d+)", text)[1])]

    def events(self, arrangement, name):
        """Per operation: the difference of many and few of them; ticks of the timer are in it."""
        few, many = (self.counts(arrangement, name, times) for times in (FEW, MANY))
        return " ".join(f"{(m - f) / (MANY - FEW):.1f}" for f, m in zip(few, many))

    def measure(self, arrangement):
        rows, walks = self.table(arrangement)
        lines = ["turnpike costs 1: instructions"]
        lines += [f"{name} {insns}  {what}" for name, (insns, what) in rows.items()]
        lines += ["events for each: insns, of ring 0, 1, 2, 3, entries, space switches, translation fills, "
                  "words of page walks, bytes copied"]
        lines += [f"{name}: {self.events(arrangement, name)}" for name in EVENTS]
        lines += ["functions on the way, and their instructions:"] + walks
        return rows, "\n".join(lines) + "\n"

    def test_costs_are_what_they_were(self):
        for arrangement in MEASURED:
            with self.subTest(arrangement):
                rows, text = self.measure(arrangement)
                self.assert_golden(HERE / f"costs-{arrangement}.golden", text)
                self.assertGreater(len(rows), 40)

    def test_costs_stay_below_their_limits(self):
        seen = set()
        for arrangement in MEASURED:
            rows = golden(arrangement)
            for name in LIMITS.keys() & rows.keys():
                self.assertLessEqual(rows[name][0], LIMITS[name][1], f"{name}, {arrangement}")
                seen.add(name)
        self.assertEqual(seen, LIMITS.keys())

    def test_the_document_has_these_figures(self):
        text = pathlib.Path(self.document).read_text(encoding="utf-8")
        for name, table in (("costs", costs_table), ("events", events_table), ("walks", walks_list),
                            ("batches", batches_table)):
            text = fill(text, name, table())
        self.assert_golden(self.document, text)


# What runs while the paths are observed; and what leads to interrupts while a program runs.
SEEN = "null ping yield-twice call-registers call-64 notify queue-enter-33 page-fault fork-exec-wait read-64k"
BUSY = "cat /doc/isa.md | wc & cat /doc/isa.md | wc; wait"

MEANINGS = {
    "entry-to-c-": "from the entry to the first instruction of C",
    "interrupt-to-driver-": "from the interrupt to the driver's first instruction in ring 1",
    "program-to-driver-": "the same when a program was running",
    "task-switch": "from one task of a service to another",
}


def golden(arrangement):
    text = (HERE / f"costs-{arrangement}.golden").read_text(encoding="utf-8")
    return {name: (int(insns), what) for name, insns, what in
            re.findall(r"^([\w-]+) (\d+)  (.*)$", text, re.MULTILINE)}


def costs_table():
    """A row for each path, a column for each arrangement."""
    columns = {arrangement: golden(arrangement) for arrangement in MEASURED}
    names = list(dict.fromkeys(name for rows in columns.values() for name in rows))
    lines = [f"| name | what | {' | '.join(MEASURED)} | goal | limit |", "|---|---|" + "--:|" * (len(MEASURED) + 2)]
    for name in names:
        what = next(rows[name][1] for rows in columns.values() if name in rows)
        figures = [str(rows[name][0]) if name in rows else "" for rows in columns.values()]
        limits = [str(limit) for limit in LIMITS.get(name, ("", ""))]
        lines.append(f"| `{name}` | {what} | {' | '.join(figures + limits)} |")
    return "\n".join(lines)


def events_table():
    lines = ["| | insns | ring 0 | ring 1 | ring 2 | ring 3 | entries | switches | fills | walk words | bytes copied |",
             "|---|" + "--:|" * 10]
    for arrangement in ("syscall", "message"):
        text = (HERE / f"costs-{arrangement}.golden").read_text(encoding="utf-8")
        for name, figures in re.findall(r"^([\w-]+): ([\d. -]+)$", text, re.MULTILINE):
            lines.append(f"| `{name}`, {arrangement} | {' | '.join(figures.split())} |")
    return "\n".join(lines)


def batches_table():
    """Trap against batches, for each request, and the least batch measured that costs less than the trap."""
    sizes = (1, 2, 4, 8, 16, 32, 64)
    lines = ["| request | arrangement | trap | " + " | ".join(f"batch {size}" for size in sizes) + " | pays from |",
             "|---|---|" + "--:|" * (len(sizes) + 2)]
    for what, trap, batch in (("nothing", "null", "queue-null-"), ("PING", "ping", "ping-batch-"),
                              ("read 512 bytes", "read-512", "read-512-batch-"),
                              ("read 64 KiB", "read-64k", "read-64k-batch-")):
        for arrangement in ("syscall", "message"):
            rows = golden(arrangement)
            costs = {size: rows[f"{batch}{size}"][0] for size in sizes if f"{batch}{size}" in rows}
            wins = [str(size) for size in costs if costs[size] < rows[trap][0]]
            figures = [str(costs.get(size, "")) for size in sizes]
            lines.append(f"| {what} | {arrangement} | {rows[trap][0]} | {' | '.join(figures)} | "
                         f"{wins[0] if wins else 'none of these'} |")
    return "\n".join(lines)


def walks_list():
    lines = []
    for arrangement in ("syscall", "message"):
        text = (HERE / f"costs-{arrangement}.golden").read_text(encoding="utf-8")
        for name, total, steps in re.findall(r"^way of (\w+): (\d+): (.*)$", text, re.MULTILINE):
            if arrangement == "syscall" or name == "ping":
                steps = ", ".join(f"`{step[0]}` {step[1]}" for step in map(str.split, steps.split(", ")))
                lines.append(f"- **{name}**, {arrangement}, {total}: {steps}")
    return "\n".join(lines)


def fill(text, name, table):
    """The text with that table between its two marks."""
    begin, end = f"<!-- begin table {name} -->", f"<!-- end table {name} -->"
    before, rest = text.split(begin)
    return before + begin + "\n" + table + "\n" + end + rest.split(end, 1)[1]


if __name__ == "__main__":
    cli.main()
