#!/usr/bin/env python3
"""The scripts in tools/ on machines that are not like this one: commands they call are replaced by
short ones of our own. Arguments: the source root."""
import os
import pathlib
import shutil
import tempfile

import cli


class ScriptCase(cli.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name, "a checkout")
        self.bin = pathlib.Path(folder.name, "bin")
        self.log = pathlib.Path(folder.name, "log")
        self.bin.mkdir()
        shutil.copytree(pathlib.Path(cli.arguments[0], "tools"), self.root / "tools")
        self.env = {"PATH": str(self.bin), "LOG": str(self.log)}
        for name in ("sh", "awk", "dirname", "cat", "env", "sed"):
            (self.bin / name).symlink_to(shutil.which(name))

    def program(self, path, text):
        """A shell script at path that first writes how it was called into the log."""
        path.parent.mkdir(parents=True, exist_ok=True)
        name = path.name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"$LOG"\n{text}\n', encoding="utf-8")
        path.chmod(0o755)

    def script(self, name, *more, **expected):
        return self.run_program([self.root / "tools" / name, *more], env=self.env, **expected)

    def logged(self):
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


class SetupTest(ScriptCase):
    def setUp(self):
        super().setUp()
        self.write_table("build gcc compiles\nbuild meson builds\ntest clang tests\n")

    def write_table(self, text):
        (self.root / "tools/packages.txt").write_text("# comment\n" + text, encoding="utf-8")

    def debian(self, installed, uid=0, apt="exit 0"):
        """A Debian machine with one package installed."""
        self.program(self.bin / "dpkg-query", f"""case $* in
            *' {installed}') echo installed;;
            *) exit 1;;
        esac""")
        self.program(self.bin / "apt-get", apt)
        self.program(self.bin / "id", f"echo {uid}")

    def test_missing_packages_are_listed_with_reasons_and_installed(self):
        self.debian(installed="gcc")
        done = self.script("setup.sh", "build", "test", stderr="  meson ")
        self.assertRegex(done.stderr, r"  meson +builds\n  clang +tests\n")
        self.assertNotIn("gcc", done.stderr)
        install = [line for line in self.logged().splitlines() if " install " in line]
        self.assertEqual(len(install), 1)
        self.assertIn("--no-install-recommends", install[0])
        self.assertTrue(install[0].endswith(" install meson clang"))
        self.assertLess(self.logged().index("apt-get -q update"), self.logged().index(install[0]))

    def test_other_groups_are_left_alone(self):
        self.debian(installed="gcc")
        self.script("setup.sh", "build")
        self.assertNotIn("clang", self.logged())

    def test_nothing_is_run_when_nothing_is_missing(self):
        self.write_table("build gcc compiles\n")
        self.debian(installed="gcc")
        done = self.script("setup.sh", "build")
        self.assertEqual(done.stdout + done.stderr, "")
        self.assertNotIn("apt-get", self.logged())

    def test_sudo_is_used_by_other_users(self):
        self.debian(installed="gcc", uid=1000)
        self.program(self.bin / "sudo", 'exec "$@"')
        self.script("setup.sh", "build")
        self.assertIn("sudo apt-get -q update", self.logged())
        self.assertRegex(self.logged(), "sudo env .* install meson")

    def test_without_root_and_sudo_the_command_to_run_is_named(self):
        self.debian(installed="gcc", uid=1000)
        self.script("setup.sh", "build", status=1,
                    stderr="apt-get install --no-install-recommends meson\n")
        self.assertNotIn("apt-get", self.logged())

    def test_failed_update_does_not_keep_from_installing(self):
        self.debian(installed="gcc", apt="case $* in *update) exit 100;; esac")
        self.script("setup.sh", "build", stderr="update failed; going on")
        self.assertIn("install meson", self.logged())

    def test_failed_install_is_reported(self):
        self.debian(installed="gcc", apt="case $* in *install*) exit 100;; esac")
        self.script("setup.sh", "build", status=1, stderr="could not install")

    def test_other_systems_get_the_list(self):
        self.script("setup.sh", "build", status=1, stderr="not a Debian machine")
        self.script("setup.sh", "build", status=1, stderr="by hand: gcc meson\n")

    def test_unknown_group_is_an_error(self):
        self.script("setup.sh", "tset", status=1, stderr="no group 'tset'")

    def test_help_and_wrong_usage(self):
        self.script("setup.sh", "--help", stdout="usage:")
        self.script("setup.sh", status=2, stderr="usage:")


class PackageTableTest(ScriptCase):
    def test_each_row_has_group_package_and_reason_once(self):
        text = (self.root / "tools/packages.txt").read_text(encoding="utf-8")
        rows = [r.split(maxsplit=2) for r in text.splitlines() if r and not r.startswith("#")]
        for row in rows:
            self.assertEqual(len(row), 3, row)
            self.assertIn(row[0], ("build", "test"), row)
        names = [row[1] for row in rows]
        self.assertEqual(len(names), len(set(names)))


class RunTest(ScriptCase):
    def setUp(self):
        super().setUp()
        self.program(self.root / "tools/setup.sh", "")
        self.program(self.bin / "meson", ': >"$2/build.ninja"')
        self.program(self.bin / "ninja", "")
        (self.root / "build/docs/samples").mkdir(parents=True)

    def tollgate(self, text=""):
        self.program(self.root / "build/tools/tollgate", text)

    def demo(self, text):
        file = self.root / "docs/samples/demo.txt"
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")

    def test_set_up_and_build_come_before_running(self):
        self.tollgate()
        self.script("run.sh", "run", "x.tg")
        names = [line.split()[0] for line in self.logged().splitlines()]
        self.assertEqual(names, ["setup.sh", "meson", "ninja", "tollgate"])

    def test_arguments_and_exit_status_are_tollgates(self):
        self.tollgate('printf "<%s>" "$@"; exit 42')
        done = self.script("run.sh", "run", "--keys=a b", "x.tg", status=42)
        self.assertEqual(done.stdout, "<run><--keys=a b><x.tg>")

    def test_demonstration_runs_each_row_with_its_options(self):
        self.tollgate('printf "<%s>" "$@"')
        self.demo('# comment | a | b\n\nhi.tg  |  | Says hi.\necho.tg | --keys "a b" | Echoes.\n- | --cpus 2 | OS.\n')
        done = self.script("run.sh")
        self.assertEqual(done.stdout, "\n== Says hi.\n$ tollgate run hi.tg\n\n<run><hi.tg>"
                         '\n== Echoes.\n$ tollgate run --keys "a b" echo.tg\n\n'
                         "<run><--keys><a b><echo.tg>"
                         "\n== OS.\n$ tollgate run --cpus 2\n\n<run><--cpus><2>")

    def test_demonstration_goes_on_after_a_program_that_fails(self):
        self.tollgate('case $2 in bad.tg) exit 101;; esac; cat; echo fine')
        self.demo("bad.tg | | Is stopped.\ngood.tg | | Goes on.\n")
        self.script("run.sh", stdout="(exit status 101)\n")
        self.script("run.sh", stdout="good.tg\n\nfine\n")

    def test_what_is_not_there_yet_is_said(self):
        self.script("run.sh", stdout="'tollgate' is not part of it yet")
        self.tollgate()
        self.script("run.sh", stdout="no sample programs")

    def test_failed_build_ends_the_run(self):
        self.program(self.bin / "ninja", "exit 1")
        self.tollgate()
        self.script("run.sh", status=1)
        self.assertNotIn("tollgate", self.logged())


class TestTest(ScriptCase):
    def test_wrong_usage(self):
        self.script("test.sh", "--fast", status=2, stderr="unknown argument '--fast'")
        self.script("test.sh", "--quick", "more", status=2, stderr="'more'")

    def test_help_ends_without_a_set_up(self):
        self.script("test.sh", "--help", stdout="usage:")
        self.assertFalse(os.path.exists(self.root / "build-test"))


if __name__ == "__main__":
    cli.main()
