"""Sessions as golden files: transcripts/*.golden, and those in docs/debugger.md. Each is run again as it stands.

Arguments: tollgate, docs/debugger.md, the built sample programs.
"""
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
import cli  # noqa: E402
import transcript  # noqa: E402

FENCE = re.compile(r"^```\n(\$ tollgate debug.*?\n)```$", re.MULTILINE | re.DOTALL)
HEADING = "tollgate debugger transcript, version 1\n"


class TranscriptsTest(cli.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for sample in map(pathlib.Path, cli.arguments[2:]):
            (self.folder / sample.name).symlink_to(sample.resolve())

    def again(self, text):
        return transcript.again(pathlib.Path(cli.arguments[0]).resolve(), text, self.folder)

    def test_golden_sessions(self):
        files = sorted((HERE / "transcripts").glob("*.golden"))
        self.assertTrue(files)
        for file in files:
            with self.subTest(file.name):
                text = file.read_text(encoding="utf-8").removeprefix(HEADING)
                self.assertIsNotNone(transcript.read(text), "no transcript")
                self.assert_golden(file, HEADING + self.again(text))

    def test_a_process_without_a_cpu_is_looked_at_through_its_own_tables(self):
        answers = self.again("$ tollgate debug\n" + "".join(f"(tg) {line}\n" for line in (
            "continue", "process sh", "info registers", "walk $sp store 3", "walk 0xc0001000 load 3", "x/x 0",
            "lastwrite *(int *)($sp + 12)", "lastwrite ptroot")))
        self.assertIn("  s0   ?  ", answers)
        self.assertIn("  ring 3, of frame 0; what is ? is not known\n", answers)
        self.assertIn("  allowed: physical ", answers)
        self.assertIn("  refused: the page is for more privileged rings\n", answers)
        self.assertIn("x: 0x00000000 is not mapped here: the table entry is not present\n", answers)
        self.assertIn("*(int *)($sp + 12) was last written by CPU 0 at ", answers)
        self.assertIn('lastwrite: for a control register: "watch ptroot", then "reverse-continue"\n', answers)

    def test_sessions_of_the_manual(self):
        manual = pathlib.Path(cli.arguments[1])
        text = manual.read_text(encoding="utf-8")
        self.assertTrue(FENCE.search(text))
        self.assert_golden(manual, FENCE.sub(lambda match: f"```\n{self.again(match[1])}```", text))


if __name__ == "__main__":
    cli.main()
