"""The terminal and the sound of the running system, and what becomes of it when a driver fails while it is used: as a
server the driver is started anew and the output is what it would have been, in the kernel it is a panic with a report."""
import array
import pathlib
import re
import shutil
import sys
import tempfile
import wave

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import cli  # noqa: E402

PLACES = ["kernel", "server"]
WAYS = ["fault", "exit", "loop", "mute"]
RESTARTED = re.compile(r"\nrestart: (\w+) started anew\n")
BIG = "/doc/isa.md"


class SystemTest(cli.TestCase):
    """Runs Turnpike, with a copy of its disk for each test that writes."""

    def setUp(self):
        self.tollgate, self.kernel, self.disk, self.fsck, self.big = map(pathlib.Path,
                                                                         cli.arguments)
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def boot(self, words, *options, disk=None, **expected):
        return self.run_program([self.tollgate, "run", "--max-insns", "1G", "--quiet", "--disk",
                                 disk or self.disk, "--boot", words, *options, self.kernel],
                                **expected)

    def command(self, line, words="", *options, **expected):
        """The shell's command line, after which the machine is switched off."""
        return self.boot(f'{words} run="{line}"', *options, **expected)

    def type(self, keys, words="", *options):
        """What the serial line shows while a person types."""
        return self.boot(words, "--keys", keys, *options).stdout


class TerminalTest(SystemTest):
    def test_what_is_typed_is_seen_once_and_after_the_prompt(self):
        for place in PLACES:
            shown = self.type("echo one\ncat\nx\n\004\nls /etc\npoweroff\n", f"services={place}")
            # control-D has no echo; it is typed together with the empty line behind it
            self.assertTrue(shown.endswith("$ echo one\none\n$ cat\nx\nx\n\n$ $ ls /etc\nmotd\n"
                                           "$ poweroff\n"), shown)

    def test_lines_are_edited_before_programs_see_them(self):
        shown = self.type("echo rigjt\b\bht\necho no\025echo yes wrong\027way\npoweroff\n")
        self.assertIn("\nright\n", shown)
        self.assertIn("\nyes way\n", shown)
        self.assertNotIn("\nno", shown)

    def test_control_c_ends_the_foreground_and_not_the_shell(self):
        for place in PLACES:
            shown = self.type("sleep 1000\n\003\necho status $?\npoweroff\n", f"services={place}")
            self.assertIn("$ sleep 1000\n^C\n", shown)
            self.assertIn("\nstatus 130\n", shown)

    def test_control_c_spares_the_background(self):
        shown = self.type("sleep 1 && echo awake &\ncat\n\003\nwait\npoweroff\n")
        self.assertIn("awake\n", shown)

    def test_a_pipeline_in_the_background_is_told_once_when_it_is_done(self):
        shown = self.type("cat /doc/isa.md | cat | wc &\nsleep 1\necho\npoweroff\n")
        self.assertEqual(len(set(re.findall(r"\[(\d+)\]", shown))), 1, shown)
        self.assertEqual(shown.count("] done\n"), 1, shown)

    def test_the_display_shows_what_the_serial_line_does(self):
        for place in PLACES:
            shown = self.type("echo one\npoweroff\n", f"services={place}", "--screen", "-")
            self.assertEqual(shown.count("$ echo one\none\n$ poweroff\n"), 2, shown)

    def test_the_pager_stops_at_each_screen(self):
        lines = self.big.read_text().splitlines()
        for place in PLACES:
            shown = self.type(f"pager {BIG}\n \n\n \nq\npoweroff\n", f"services={place}")
            # a screen, a line, a screen; the lines typed above end with enter, which is a line more
            self.assertIn(lines[23], shown)
            self.assertIn("$ poweroff", shown)
            self.assertLess(len(shown.splitlines()), 120)
            self.assertEqual(shown.count("-- space: next screen"), 6, shown)

    def test_files_are_shown_byte_for_byte(self):
        for words in ["", "services=server", "calls=queue", "services=server calls=queue"]:
            self.assertEqual(self.command(f"cat {BIG}", words).stdout, self.big.read_text())


class SoundTest(SystemTest):
    def listen(self, line, words):
        file = self.folder / "sound.wav"
        shown = self.type(f"{line}\npoweroff\n", words, "--wav", file)
        with wave.open(str(file)) as sound:
            return shown, array.array("h", sound.readframes(sound.getnframes()))

    def test_a_tune_is_the_same_wherever_the_driver_is(self):
        for how in ["tones", "samples"]:
            heard = [self.listen(f"player {how}", f"services={place}")[1] for place in PLACES]
            seconds = len(heard[0]) / 22050
            self.assertGreater(seconds, 7)
            self.assertLess(seconds, 9)
            self.assertGreater(max(heard[0]), 5000)
            if how == "samples": # the driver's, sample by sample; tones begin when the program gets to it
                self.assertEqual(heard[0], heard[1])

    def test_player_and_pager_run_together(self):
        for place in PLACES:
            shown, heard = self.listen(f"player &\npager {BIG}\n \n \nq\nwait", f"services={place}")
            self.assertIn("-- space", shown)
            self.assertGreater(len(heard), 7 * 22050)


class RestartTest(SystemTest):
    """What a driver is used for, and at which of its requests from then on it fails."""
    USES = {
        "disk": (f"cat {BIG} | wc", 12),
        "tty": (f"head -n 40 {BIG}; ls /bin", 7),
        "sound": ("player tones; echo played", 9),
    }

    def undisturbed(self, driver):
        return self.command(self.USES[driver][0], "services=server").stdout

    def disturb(self, driver, way, words, **expected):
        line, request = self.USES[driver]
        return self.command(f"crash {driver} {way} {request}; {line}", words, **expected)

    def test_servers_are_started_anew_and_nothing_is_lost(self):
        for driver in self.USES:
            expected = self.undisturbed(driver)
            for way in WAYS:
                with self.subTest(driver=driver, way=way):
                    done = self.disturb(driver, way, "services=server")
                    self.assertEqual(RESTARTED.findall(done.stdout), [driver])
                    self.assertEqual(RESTARTED.sub("", done.stdout), expected)

    def test_one_driver_alone_can_be_a_server(self):
        for driver in self.USES:
            expected = self.undisturbed(driver)
            for way in WAYS:
                done = self.disturb(driver, way, f"{driver}=server")
                self.assertEqual(RESTARTED.sub("", done.stdout), expected)

    def test_a_restart_service_in_the_kernel_is_not_silent_because_it_was_just_asked(self):
        for request in [1, 4, 7, 13]:
            done = self.command(f"crash disk loop {request}; cp {BIG} /c; cat /c", "disk=server")
            self.assertEqual(RESTARTED.sub("", done.stdout), self.big.read_text())

    def test_in_the_kernel_the_same_fault_is_a_panic(self):
        for driver in self.USES:
            report = self.disturb(driver, "fault", "services=kernel", status=101,
                               stderr="Turnpike stops: exception").stderr
            self.assertIn("null pointer", report)
            self.assertIn("tp_crash", report)
        for way, text in [("exit", "it was told to end"), ("loop", "work for ever"),
                          ("mute", "the service disk is silent")]:
            self.disturb("disk", way, "services=kernel", status=101, stderr=text)

    def test_several_cpus(self):
        for cpus in ["2", "4"]:
            for driver in self.USES:
                line, request = self.USES[driver]
                done = self.command(f"crash {driver} loop {request}; {line}", "services=server",
                                    "--cpus", cpus)
                self.assertEqual(RESTARTED.sub("", done.stdout), self.undisturbed(driver))

    def test_what_is_written_while_the_disk_fails_is_whole(self):
        for way in WAYS:
            disk = self.folder / f"{way}.img"
            shutil.copy(self.disk, disk)
            self.command(f"crash disk {way} 20; cp {BIG} /copy; mkdir /new; mv /copy /new/copy; sync",
                         "services=server", "--disk-write", disk=disk, stdout="disk started anew")
            self.run_program([self.fsck, disk])
            self.assertEqual(self.command("cat /new/copy", disk=disk).stdout, self.big.read_text())

    def test_one_that_ends_again_and_again_is_given_up(self):
        write = "crash disk exit; echo x > /x; sync"
        done = self.command("; ".join([write] * 9 + ["echo alive"]), "services=server")
        self.assertEqual(done.stdout.count("disk started anew"), 8)
        self.assertIn("restart: disk ends each time it is started: given up", done.stdout)
        self.assertIn("input/output error", done.stdout)
        self.assertIn("alive\n", done.stdout)

    def test_a_restarted_terminal_reads_the_line_that_was_waited_for(self):
        # of the requests after the command, one is the read in which the shell waits for the next line
        for request in range(1, 5):
            shown = self.type(f"crash tty fault {request}\necho first\necho second\npoweroff\n",
                              "services=server")
            self.assertIn("restart: tty started anew", shown)
            self.assertIn("\nfirst\n$ echo second\nsecond\n$ poweroff\n", RESTARTED.sub("", shown))

    def test_one_that_nobody_is_sure_to_hear_of_is_found_silent_too(self):
        # calls that may take any time: samples that wait for room, a line that a person is to type
        for words in ["services=server", "sound=server"]:
            done = self.command("crash sound mute 1; player samples; echo played", words)
            self.assertEqual(RESTARTED.findall(done.stdout), ["sound"])
            self.assertTrue(done.stdout.endswith("played\n"), done.stdout)
        for request in range(1, 6):
            shown = self.type(f"crash tty mute {request}\necho first\necho second\npoweroff\n", "services=server")
            self.assertEqual(RESTARTED.findall(shown), ["tty"])
            self.assertRegex(shown, r"\n(\$ )?first\n")
            self.assertRegex(shown, r"\n(\$ )?second\n")
        self.command("crash sound mute 1; player samples", status=101, stderr="the service sound is silent")

    def test_a_silent_server_that_nobody_can_replace_is_no_standstill(self):
        for service in ["fs", "process"]:
            line = f"crash {service} mute 3; ls /; ls /"
            self.command(line, "services=server", status=101, stderr=f"the server {service} has ended")
            self.command(line, status=101, stderr=f"the service {service} is silent")

    def test_a_restarted_terminal_keeps_what_was_typed_ahead(self):
        for way in WAYS:
            shown = self.type(f"sleep 1; crash tty {way} 2\necho first; sleep 1\necho second\npoweroff\n",
                              "services=server")
            self.assertEqual(RESTARTED.findall(shown), ["tty"])
            self.assertRegex(shown, r"\n(\$ )?first\n")
            self.assertRegex(shown, r"\n(\$ )?second\n")

    def test_what_nobody_can_replace_ends_the_system_with_a_report(self):
        for service in ["fs", "process", "memory"]:
            self.command(f"crash {service} fault 2; ls /; ls /", "services=server", status=101,
                         stderr=f"the server {service} has ended")

    def test_restart_and_names_are_replaced(self):
        for service in ["restart", "name"]:
            for way in WAYS:
                self.command(f"crash {service} {way}; crash {service} fault 100; crash disk fault 2; wc {BIG}; "
                             "echo alive", "services=server", stdout="alive\n")


if __name__ == "__main__":
    cli.main()
