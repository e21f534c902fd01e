"""The same programs in every arrangement: equal output, both engines, what booting costs, power cuts, processes killed at
random. The whole of it is tools/campaigns/turnpike.py; calltest has a file of its own."""
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import cli  # noqa: E402
from arrangements import NOISE, System, one_place_each  # noqa: E402

# What a person could type; nothing in it depends on time or on process numbers.
SCRIPT = "; ".join([
    "mkdir /tmp/a", "cd /tmp/a", "echo one two three > f", "cat f f | wc", "echo four >> f", "wc f", "ln f g",
    "rm f", "cat g", "mv g h", "ls", "grep -n ring /doc/isa.md | head -5", "cat /doc/isa.md | wc", "cat none",
    "ls /bin | wc", "sleep 0 & wait", "echo a b | cat | cat | cat | cat", "calltest none", "cd /", "rm /tmp/a/h",
    "rm /tmp/a", "ls /tmp"])


class ArrangementsTest(cli.TestCase):
    def setUp(self):
        self.system = System(*cli.arguments[:4])

    def run_line(self, arrangement, line, *options, status=0, **more):
        done = self.system.run(arrangement, line, *options, **more)
        if done.returncode != status:
            self.fail(f"{arrangement} {more}: status {done.returncode}, expected {status}\n"
                      f"{NOISE.sub('', done.stdout)[-3000:]}{done.stderr[-2000:]}")
        return done

    def test_output_is_the_same_in_every_arrangement(self):
        outputs = {name: self.run_line(name, SCRIPT, cpus=cpus).stdout for name, cpus in one_place_each()}
        self.assertIn("one two three\nfour\n", outputs["syscall"])
        for name, output in outputs.items():
            self.assertEqual(output, outputs["syscall"], name)

    def test_engines_agree(self):
        for arrangement, cpus in (("syscall", 1), ("message-queue", 2)):
            self.run_line(arrangement, "calltest call_n message_w queue_o", "--lockstep", "reference",
                          "--lockstep-every", "100000", cpus=cpus)

    def test_booting_is_cheap(self):
        for arrangement, limit in (("syscall", 5_000_000), ("message", 10_000_000)):
            with tempfile.TemporaryDirectory() as folder:
                stats = pathlib.Path(folder) / "stats.json"
                # nobody types, so the run ends when the prompt is there
                done = self.run_line(arrangement, "", "--stats", stats, status=102)
                self.assertTrue(done.stdout.endswith("\n$ "), done.stdout)
                self.assertLess(json.loads(stats.read_text())["instructions"], limit)

    def test_nothing_is_left_of_processes_that_are_killed(self):
        for arrangement, cpus in (("syscall", 2), ("message", 1), ("message-queue", 4)):
            self.run_line(arrangement, "stress 7 200", cpus=cpus)

    def test_power_cuts_lose_nothing(self):
        for arrangement, insns in (("syscall", 4_000_000), ("syscall", 9_123_457), ("message", 7_654_321),
                                   ("message-queue", 12_345_678)):
            with tempfile.TemporaryDirectory() as folder, self.subTest(arrangement, insns=insns):
                self.assertIsNone(self.system.cut_power(arrangement, insns, folder))


if __name__ == "__main__":
    cli.main()
