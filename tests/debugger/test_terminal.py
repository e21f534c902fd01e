"""The debugger at a terminal: history, completion, ^C, ^D, repetition, the console. Arguments: tollgate, the samples."""
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
import cli  # noqa: E402
import terminal  # noqa: E402

CONTROL_C, CONTROL_D, CONTROL_R, CONTROL_BRACKET = "\x03", "\x04", "\x12", "\x1d"


class TerminalTest(cli.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tollgate = pathlib.Path(cli.arguments[0]).resolve()

    def sample(self, name):
        return str(next(pathlib.Path(path).resolve() for path in cli.arguments[1:] if pathlib.Path(path).name == name))

    def start(self, *options, **environment):
        command = [str(self.tollgate), "debug", *options]
        shell = terminal.Terminal(command, HOME=str(self.folder), XDG_STATE_HOME=str(self.folder / "state"),
                                  XDG_CONFIG_HOME=str(self.folder / "config"), **environment)
        self.addCleanup(lambda: shell.status is None and shell.close())
        shell.expect("(tg) ")
        return shell

    def leave(self, shell):
        shell.type("quit\n")
        self.assertEqual(shell.close(), 0, shell.text)

    def give_up(self, shell):
        """Presses ^C at the prompt and waits for the next one."""
        shell.type(CONTROL_C)
        shell.expect("^C")
        shell.expect("(tg) ")

    # --- Lines

    def test_enter_repeats_and_x_goes_on(self):
        shell = self.start(self.sample("syscall.tg"))
        first = shell.command("x/2xw 0x1000")
        second = shell.command("")
        self.assertIn("00001000", first)
        self.assertIn("00001008", second)
        shell.command("stepi")
        shell.command("")
        self.assertIn("insn 2", shell.command("when"))
        self.assertEqual(shell.command("echo once").strip(), "once")
        self.assertEqual(shell.command("").strip(), "")
        self.leave(shell)

    def test_history_is_kept_between_runs_without_doubles(self):
        shell = self.start(self.sample("syscall.tg"))
        for line in ("echo one", "echo two", "echo one"):
            shell.command(line)
        self.leave(shell)
        kept = (self.folder / "state/tollgate/debug_history").read_text().splitlines()
        self.assertEqual([line for line in kept if line.startswith("echo")], ["echo two", "echo one"])
        shell = self.start(self.sample("syscall.tg"))
        shell.type(CONTROL_R + "two\n")
        shell.expect("\ntwo\n")
        self.leave(shell)

    def test_a_folder_can_have_its_own_history(self):
        (self.folder / ".tollgate_history").write_text("echo mine\n")
        shell = self.start(self.sample("syscall.tg"))
        shell.type(CONTROL_R + "mine\n")
        shell.expect("\nmine\n")
        self.leave(shell)
        self.assertFalse((self.folder / "state").exists())

    def test_tab_completes_what_fits_the_place(self):
        shell = self.start(self.sample("syscall.tg"))
        for typed, whole in (("disass\t", "disassemble "), ("info reg\t", "info registers "),
                             ("info cregs ptr\t", "info cregs ptroot "), ("print $scratch0\t", "print $scratch0 "),
                             ("break vect\t", "break vectors "), ("catch sysc\t", "catch syscall "),
                             ("help tlb\t", "help tlbinv ")):
            shell.type(typed)
            shell.expect(whole)
            self.give_up(shell)
        shell.type("reverse-s\t\t\t")
        shell.expect("reverse-step   reverse-stepi")
        self.give_up(shell)
        self.leave(shell)

    def test_completion_of_points_checkpoints_and_files(self):
        (self.folder / "checks.tg").write_text("echo from the file\n")
        shell = self.start(self.sample("syscall.tg"))
        shell.command("break _start")
        shell.command("checkpoint beginning")
        shell.type("delete \t\n")
        shell.expect("delete 1")
        shell.expect("(tg) ")
        shell.type("restart beg\t\n")
        shell.expect("restart beginning")
        shell.expect("(tg) ")
        shell.type("source chec\t\n")
        shell.expect("from the file")
        self.leave(shell)

    def test_control_c_gives_a_line_up(self):
        shell = self.start(self.sample("syscall.tg"))
        shell.type("quit 3")
        self.give_up(shell)
        self.assertEqual(shell.command("echo still here").strip(), "still here")
        self.leave(shell)

    def test_control_d_asks_only_when_something_would_be_lost(self):
        shell = self.start(self.sample("syscall.tg"))
        shell.type(CONTROL_D)
        self.assertEqual(shell.close(), 0)
        shell = self.start(self.sample("syscall.tg"))
        shell.command("stepi 3")
        shell.type(CONTROL_D)
        shell.expect("(y or n) ")
        shell.type("n\n")
        shell.expect("(tg) ")
        shell.command("goto start")
        shell.type(CONTROL_D)
        shell.expect("(y or n) ")
        shell.type("y\n")
        self.assertEqual(shell.close(), 0)

    def test_bad_lines_do_not_end_it(self):
        shell = self.start(self.sample("syscall.tg"))
        for line in ("brake", "x/zz 5", "print 1 +", "break nowhere", "catch", "frame 99", "'", "info registers zz",
                     "goto yesterday", "source /nowhere", "load session /dev/null", "set 3 = 4"):
            shell.command(line)
        self.assertEqual(shell.command("echo fine").strip(), "fine")
        self.leave(shell)

    # --- The machine

    def test_control_c_stops_the_guest(self):
        loop = self.start(self.sample("tasks.tg"), "--max-insns", "4000000000000")
        loop.command("break _start")
        loop.type("while 1\nstepi\nend\n")
        loop.expect("insn 100")
        loop.type(CONTROL_C)
        loop.expect("interrupted")
        loop.expect("(tg) ")
        self.leave(loop)

    def test_the_console_gives_the_keyboard_to_the_guest(self):
        shell = self.start(self.sample("keyboard.tg"))
        shell.type("console\n")
        shell.expect("control-]")
        shell.type("hey")
        shell.expect("hey")
        shell.type(CONTROL_BRACKET)
        self.assertNotIn("limit", shell.expect("(tg) "))
        self.assertIn("inputs", shell.command("when"))
        self.leave(shell)

    # --- Start-up files

    def test_start_up_files(self):
        (self.folder / "config/tollgate").mkdir(parents=True)
        (self.folder / "config/tollgate/debugrc").write_text("define hello\necho hello there\nend\n")
        (self.folder / ".tollgaterc").write_text("hello\nsnapshot stolen\n")
        (self.folder / ".tollgaterc").chmod(0o600)
        shell = self.start(self.sample("syscall.tg"))
        self.assertIn("hello there", shell.text)
        self.assertIn("may not write files", shell.text)
        self.assertFalse((self.folder / "stolen").exists())
        self.leave(shell)
        shell = self.start("--nx", self.sample("syscall.tg"))
        self.assertNotIn("hello there", shell.text)
        self.leave(shell)

    def test_a_start_up_file_that_others_can_write_is_not_run(self):
        (self.folder / ".tollgaterc").write_text("echo bad\n")
        (self.folder / ".tollgaterc").chmod(0o666)
        shell = self.start(self.sample("syscall.tg"))
        self.assertIn("not run", shell.text)
        self.leave(shell)


if __name__ == "__main__":
    cli.main()
