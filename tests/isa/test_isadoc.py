"""tools/isadoc: tables between their marks, and nothing else, come from the rows."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import cli  # noqa: E402

BEFORE = "# Title\n\n<!-- begin table accesses -->\nold\n<!-- end table accesses -->\nlast line"


class IsadocTest(cli.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "manual.md"

    def isadoc(self, *arguments, **expected):
        return self.run_program([cli.arguments[0], *arguments], **expected)

    def test_rewrites_only_between_the_marks(self):
        self.file.write_text(BEFORE)
        self.isadoc(self.file)
        text = self.file.read_text()
        self.assertTrue(text.startswith("# Title\n\n<!-- begin table accesses -->\n| number"))
        self.assertTrue(text.endswith("<!-- end table accesses -->\nlast line"))
        self.assertIn("| 3      | ATOMIC | atomic |\n", text)
        self.assertNotIn("old", text)

    def test_check_accepts_what_was_rewritten(self):
        self.file.write_text(BEFORE)
        self.isadoc(self.file)
        self.isadoc("--check", self.file)

    def test_check_shows_the_first_difference_and_the_command_and_writes_nothing(self):
        self.file.write_text(BEFORE)
        done = self.isadoc("--check", self.file, status=1, stderr=f"{self.file}:4: ")
        self.assertIn("found   : old", done.stderr)
        self.assertIn("expected: | number", done.stderr)
        self.assertIn(f"to mend it: {cli.arguments[0]} {self.file}", done.stderr)
        self.assertEqual(self.file.read_text(), BEFORE)

    def test_every_rule_of_the_rows_has_an_id(self):
        self.file.write_text("".join(f"<!-- begin table {name} -->\n<!-- end table {name} -->\n"
                                     for name in ("instructions", "control-registers", "causes")))
        self.isadoc(self.file)
        text = self.file.read_text()
        for rule in ("INSN-ADD", "INSN-AMOMAXU.W", "CR-SCRATCH0", "CAUSE-DOUBLE"):
            self.assertIn(f"| {rule} ", text)

    def check_refused(self, text, line, message):
        self.file.write_text(text)
        self.isadoc(self.file, status=1, stderr=f"{self.file}:{line}: {message}")
        self.assertEqual(self.file.read_text(), text)

    def test_unknown_table_is_answered_with_the_nearest(self):
        text = "\n<!-- begin table casues -->\n<!-- end table casues -->\n"
        self.check_refused(text, 2, "there is no table 'casues'")
        self.isadoc(self.file, status=1, stderr="did you mean causes?")

    def test_marks_that_do_not_pair_are_refused(self):
        begin, end = "<!-- begin table rv32 -->\n", "<!-- end table rv32 -->\n"
        self.check_refused(begin, 1, "no end mark follows")
        self.check_refused(begin + begin + end, 1, "no end mark follows")
        self.check_refused(end, 1, "there is no begin mark")
        self.check_refused(begin + "<!-- end table fields -->\n", 2, "expected the end of another")

    def test_wrong_usage(self):
        self.isadoc(status=2, stderr="expected a Markdown file")
        self.isadoc("--chekc", self.file, status=2, stderr="--check")
        self.isadoc(self.file, status=2, stderr="manual.md")


if __name__ == "__main__":
    cli.main()
