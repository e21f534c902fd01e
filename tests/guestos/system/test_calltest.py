"""calltest whole in one arrangement, with 1, 2 and 4 CPUs (as far as it can). With the argument `short` after the arrangement's name, for
builds under sanitizers, which are there for the host's code and 30 times slower: with one of these numbers of CPUs, and
the tests that fill the disk (two thirds of all instructions) in the first arrangement only."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import cli  # noqa: E402
from arrangements import ARRANGEMENTS, NOISE, System, cpus_of, one_place_each  # noqa: E402

LONG = "space_"


class CalltestTest(cli.TestCase):
    def setUp(self):
        self.system = System(*cli.arguments[:4])
        self.arrangement = cli.arguments[4]
        self.number = list(ARRANGEMENTS).index(self.arrangement)
        self.is_short = cli.arguments[5:] == ["short"]

    def run_line(self, line, cpus):
        done = self.system.run(self.arrangement, line, cpus=cpus)
        if done.returncode != 0:
            self.fail(f"status {done.returncode}\n{NOISE.sub('', done.stdout)[-3000:]}{done.stderr[-2000:]}")
        return done.stdout

    def tables(self):
        """The beginnings of names of all tests but the long ones."""
        names = self.run_line("calltest -l", cpus_of(self.arrangement)[0]).split()
        return " ".join(sorted({name.split("_")[0] + "_" for name in names} - {LONG}))

    def test_calltest_passes(self):
        line = f"calltest {self.tables()}" if self.is_short and self.number else "calltest"
        for cpus in [dict(one_place_each())[self.arrangement]] if self.is_short else cpus_of(self.arrangement):
            with self.subTest(cpus=cpus):
                self.assertRegex(self.run_line(line, cpus), r"\ncalltest: [1-9]\d\d passed, 0 failed\n")


if __name__ == "__main__":
    cli.main()
