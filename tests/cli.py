"""For tests of programs and scripts as a user meets them: run, compare, and say what differed.

    class RunTest(cli.TestCase):
        def test_unknown_option_suggests_the_nearest(self):
            self.run_program([TOLLGATE, "run", "--cpu=2"], status=2, stderr="--cpus")

    if __name__ == "__main__":
        cli.main()

A test file gets the paths it needs as arguments from its meson.build: cli.arguments[0], and so on.
"""
import difflib
import os
import pathlib
import subprocess
import sys
import unittest

arguments = []


class TestCase(unittest.TestCase):
    """unittest's, with programs and golden files."""

    maxDiff = None

    def run_program(self, command, *, status=0, stdout=None, stderr=None, stdin="", timeout=120,
                    **more):
        """Runs command to its end and returns subprocess's result. Fails unless it exits with status
        and stdout and stderr, where given, are contained in what it wrote there. More arguments
        (env, cwd) go to subprocess.run. A program killed by signal N has status -N."""
        command = [str(word) for word in command]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False,
                              errors="replace", timeout=timeout, **more)
        wrong = []
        if done.returncode != status:
            wrong.append(f"exit status {done.returncode}, expected {status}")
        for name, part, text in (("output", stdout, done.stdout), ("error", stderr, done.stderr)):
            if part is not None and part not in text:
                wrong.append(f"standard {name} lacks: {part!r}")
        if wrong:
            self.fail("\n".join([f"$ {' '.join(command)}", *wrong, "--- standard output",
                                 done.stdout, "--- standard error", done.stderr]))
        return done

    def assert_golden(self, file, text):
        """Compares text with a golden file, or rewrites that when TG_UPDATE_GOLDEN is set."""
        file = pathlib.Path(file)
        if os.environ.get("TG_UPDATE_GOLDEN"):
            file.write_text(text, encoding="utf-8")
            return
        expected = file.read_text(encoding="utf-8") if file.exists() else ""
        if text == expected:
            return
        lines = difflib.unified_diff(expected.splitlines(), text.splitlines(), str(file),
                                     "this run", lineterm="", n=3)
        shown = list(lines)[:40] or ["only the end of the last line differs"]
        again = " ".join(["TG_UPDATE_GOLDEN=1", sys.executable, *sys.argv])
        self.fail("\n".join([f"{file} differs:", *shown, f"if the new text is right: {again}"]))


def main():
    """Takes the paths from the command line, runs the tests of the calling file."""
    arguments.extend(sys.argv[1:])
    program = unittest.main(module="__main__", argv=sys.argv[:1], exit=False, verbosity=2)
    if not program.result.testsRun:
        print("no tests found")
        sys.exit(1)
    sys.exit(not program.result.wasSuccessful())
