"""Random guests end in the same state whatever compiled Tollgate, and under either engine.

A change of the instruction set, of a device's state or of the generator changes the digests: then the golden file is
written anew, by the command that the failure shows, in the commit that changes them.

Argument: the program that prints them.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import cli  # noqa: E402

GOLDEN = pathlib.Path(__file__).with_name("guest_digests.golden")


class GuestDigestsTest(cli.TestCase):
    def test_fast_engine_gives_the_golden_digests(self):
        self.assert_golden(GOLDEN, self.run_program([cli.arguments[0], "fast"]).stdout)

    def test_reference_engine_gives_the_golden_digests(self):
        self.assert_golden(GOLDEN, self.run_program([cli.arguments[0], "reference"]).stdout)


if __name__ == "__main__":
    cli.main()
