"""The sample programs do what their golden files say, with either engine and with both in lockstep.

Arguments: tollgate, docs/samples/demo.txt (whose rows give each sample's options), the built samples.
"""
import pathlib
import shlex
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import cli  # noqa: E402

HERE = pathlib.Path(__file__).parent


def rows():
    """The rows of demo.txt with samples: file name, options."""
    for line in pathlib.Path(cli.arguments[1]).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            file, options, _ = line.split("|")
            if file.strip() != "-":  # the guest OS
                yield file.strip(), shlex.split(options)


def run(name, options, *more):
    """What a run of the sample shows: exit status, standard output, standard error."""
    image = next(path for path in cli.arguments[2:] if pathlib.Path(path).name == name)
    command = [cli.arguments[0], "run", *options, *more, image]
    done = cli.subprocess.run(command, stdin=cli.subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, timeout=120)
    return (f"tollgate sample, version 1: {name} {' '.join(options)}\n"
            f"--- exit status {done.returncode}\n--- standard output\n{done.stdout}"
            f"--- standard error\n{done.stderr}")


class SamplesTest(cli.TestCase):
    def test_every_sample_is_demonstrated(self):
        built = {pathlib.Path(path).name for path in cli.arguments[2:]}
        self.assertEqual(built, {file for file, _ in rows()})

    def test_output_is_golden(self):
        for file, options in rows():
            with self.subTest(file):
                golden = HERE / pathlib.Path(file).with_suffix(".golden")
                self.assert_golden(golden, run(file, options, "--digest"))

    def test_reference_engine_gives_the_same(self):
        for file, options in rows():
            with self.subTest(file):
                self.assertEqual(run(file, options, "--digest", "--engine", "reference"),
                                 run(file, options, "--digest", "--engine", "fast"))

    def test_engines_agree_in_lockstep(self):
        for file, options in rows():
            with self.subTest(file):
                together = run(file, options, "--digest", "--lockstep", "reference",
                               "--lockstep-every", "1")
                self.assertEqual(together, run(file, options, "--digest"))

    def test_a_forbidden_act_is_explained(self):
        text = run("forbidden.tg", [])
        for part in ("ring 3 tried a port read of 1 byte at port 0x0060 (keyboard DATA)", "<spy>",
                     "needed: an I/O privilege level of at least 3"):
            self.assertIn(part, text)

    def test_samples_stay_short(self):
        for file in pathlib.Path(cli.arguments[1]).parent.glob("*.s"):
            lines = len(file.read_text(encoding="utf-8").splitlines())
            self.assertLess(lines, 60, file)


if __name__ == "__main__":
    cli.main()
