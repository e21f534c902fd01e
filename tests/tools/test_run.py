"""`tollgate run` as its users meet it: exit statuses, messages, files. Arguments: the program."""
import json
import pathlib
import shutil
import struct
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).parent.parent), str(pathlib.Path(__file__).parent)]
import cli  # noqa: E402
import images as tg  # noqa: E402

COUNT_DOWN = [tg.lui(tg.T0, 50), tg.addi(tg.T0, tg.T0, -1), tg.branch_not_equal(tg.T0, tg.ZERO, -1)]
FOR_EVER = [tg.jump(0)]

# Waits for keys by polling after wfi and writes each scan code of a pressed key plus 0x40 as a letter; ends at Enter.
ECHO = [
    tg.addi(tg.T0, tg.ZERO, 4), tg.outw(tg.T0, 0x100),  # enable source 2, the keyboard
    tg.WFI,
    tg.inb(tg.A0, 0x60),
    tg.addi(tg.T1, tg.ZERO, 0x1C), tg.branch_equal(tg.A0, tg.T1, 5),  # Enter: to the end
    tg.addi(tg.A1, tg.ZERO, 0x80), tg.word(0x54, tg.A1, tg.A0, -5),  # released: next
    tg.outb(tg.A0, tg.DEBUG_CHARACTER), tg.jump(-7),
    *tg.exit_with(0),
]


class RunTest(cli.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tollgate = cli.arguments[0]

    def image(self, code, name="program.tg", **more):
        path = self.folder / name
        path.write_bytes(tg.executable(code, **more))
        return path

    def run_image(self, code, *options, **expected):
        return self.run_program([self.tollgate, "run", *options, self.image(code)], **expected)

    # --- usage

    def test_help_and_version_go_to_standard_output(self):
        self.run_program([self.tollgate, "--help"], stdout="tollgate run")
        text = self.run_program([self.tollgate, "run", "--help"], stdout="--max-insns").stdout
        self.assertLessEqual(len(text.splitlines()), 45)
        self.run_program([self.tollgate, "run", "--version"], stdout="tollgate ")

    def test_unknown_words_are_answered_with_the_nearest(self):
        self.run_program([self.tollgate, "rum"], status=2, stderr='did you mean "run"?')
        self.run_program([self.tollgate, "run", "--diggest"], status=2, stderr="did you mean --digest?")
        self.run_image(FOR_EVER, "--engine=refrence", status=2, stderr="did you mean reference?")

    def test_absurd_options_are_refused(self):
        for options, message in (
                (["--cpus=9"], "--cpus"), (["--cpus=0"], "--cpus"), (["--quantum=31"], "--quantum"), (["--ram=0"], "--ram"),
                (["--cpus", "two"], "--cpus two"), (["--ram=5"], "--ram"),
                (["--ram=3G"], "--ram"), (["--max-insns=-1"], "--max-insns -1"), (["--digest=yes"], "takes no value"),
                (["--max-insns=99999999999999999999999"], "--max-insns"), (["--disk-write"], "--disk FILE"),
                (["--boot", "x" * 3000], "--boot"), (["--lockstep-every=0"], "--lockstep-every")):
            with self.subTest(options=options):
                self.run_image(FOR_EVER, *options, status=2, stderr=message)
        self.run_program([self.tollgate, "run", "--ram"], status=2, stderr="--ram needs a value")
        self.run_program([self.tollgate, "run", "a", "b"], status=2, stderr='found also "b"')

    # --- the bundled guest OS

    def test_a_program_without_its_guest_os_says_where_it_looked(self):
        alone = shutil.copy(self.tollgate, self.folder)
        text = self.run_program([alone, "run"], status=2, stderr="no IMAGE given").stderr
        self.assertIn(str(self.folder), text)

    def test_an_installed_kernel_needs_its_disk_unless_one_is_given(self):
        (self.folder / "bin").mkdir()
        (self.folder / "share/tollgate").mkdir(parents=True)
        program = shutil.copy(self.tollgate, self.folder / "bin")
        kernel = self.folder / "share/tollgate/turnpike"
        kernel.write_bytes(tg.executable(tg.exit_with(7)))
        self.run_program([program, "run"], status=2, stderr="disk image of the guest OS")
        disk = self.folder / "share/tollgate/disk.img"
        disk.write_bytes(bytes(512))
        self.run_program([program, "run"], status=7)
        disk.rename(self.folder / "mine.img")
        self.run_program([program, "run", "--disk", self.folder / "mine.img"], status=7)

    # --- files

    def test_unusable_images_are_refused_in_one_line(self):
        good = tg.executable(FOR_EVER)
        for name, content in (("empty", b""), ("text", b"hello\n" * 40), ("cut", good[:60]),
                              ("machine", tg.executable(FOR_EVER, machine=243)),
                              ("entry", tg.executable(FOR_EVER, entry=0x1002)),
                              ("low", tg.executable(FOR_EVER, address=0, entry=0)),
                              ("far", tg.executable(FOR_EVER, address=0x7FFFF000, entry=0x7FFFF000))):
            with self.subTest(name=name):
                path = self.folder / name
                path.write_bytes(content)
                done = self.run_program([self.tollgate, "run", path], status=2, stderr=f"tollgate: {path}: ")
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.run_program([self.tollgate, "run", self.folder], status=2, stderr="is a folder")
        self.run_program([self.tollgate, "run", self.folder / "none"], status=2, stderr="No such file")

    def test_outputs_are_checked_before_the_run(self):
        for option in ("--stats", "--ledger", "--wav", "--record", "--save", "--screen"):
            with self.subTest(option=option):
                self.run_image(FOR_EVER, option, self.folder / "no" / "file", status=2, stderr="No such file")

    def test_a_disk_of_odd_size_is_refused_and_untouched(self):
        disk = self.folder / "disk"
        disk.write_bytes(bytes(1000))
        self.run_image(FOR_EVER, "--disk", disk, status=2, stderr="512")
        self.assertEqual(disk.read_bytes(), bytes(1000))

    def test_disk_changes_are_written_only_when_asked(self):
        # Writes sector 1 from address 0x1000, waits until it is done.
        code = [tg.addi(tg.T0, tg.ZERO, 1), tg.outw(tg.T0, 0x1F4), tg.outw(tg.T0, 0x1F8),
                tg.lui(tg.T1, 1), tg.outw(tg.T1, 0x1FC), tg.addi(tg.T0, tg.ZERO, 2), tg.outw(tg.T0, 0x1F0),
                tg.inw(tg.A0, 0x200), tg.word(0x25, tg.A0, tg.A0, 4), tg.branch_equal(tg.A0, tg.ZERO, -2),
                *tg.exit_with(0)]
        disk = self.folder / "disk"
        disk.write_bytes(bytes(4096))
        self.run_image(code, "--disk", disk)
        self.assertEqual(disk.read_bytes(), bytes(4096))
        self.run_image(code, "--disk", disk, "--disk-write")
        text = struct.pack(f"<{len(code)}I", *code)
        self.assertEqual(disk.read_bytes()[512:512 + len(text)], text)
        self.assertEqual(disk.read_bytes()[1024:], bytes(3072))

    # --- exit statuses

    def test_the_guests_status_is_the_programs(self):
        for status in (0, 7, 99):
            self.run_image(tg.exit_with(status), status=status)

    def test_the_limit_is_exact_and_has_its_status(self):
        self.run_image(FOR_EVER, "--max-insns=12345", "--digest", status=100, stderr="at insn 12345\n")

    def test_virtual_time_is_a_limit_too(self):
        timer = [tg.addi(tg.T0, tg.ZERO, 1), tg.outw(tg.T0, 0x100), tg.outw(tg.T0, 0x44), tg.WFI, tg.jump(-1)]
        self.run_image(timer, "--max-ticks=70000", "--digest", status=100, stderr="digest: ")
        self.run_image(FOR_EVER, "--max-ticks=12345", "--digest", status=100, stderr="at insn 12345\n")

    def test_lost_console_output_is_a_failure(self):
        code = [tg.addi(tg.A0, tg.ZERO, 65), tg.outb(tg.A0, 0x3F8), *tg.exit_with(0)]
        with open("/dev/full", "w", encoding="ascii") as full:
            done = cli.subprocess.run([self.tollgate, "run", self.image(code)], stdout=full, check=False,
                                      stderr=cli.subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, "console text was lost" in done.stderr), (1, True), done.stderr)

    def test_a_guest_that_waits_for_ever_makes_no_progress(self):
        self.run_image([tg.WFI], status=102, stderr="no progress")

    def test_a_panic_is_reported(self):
        code = [tg.addi(tg.A0, tg.ZERO, 42), tg.outw(tg.A0, tg.DEBUG_PANIC)]
        done = self.run_image(code, status=101, stderr="panic code 42")
        self.assertIn("addi a0, zero, 42", done.stderr)
        self.assertEqual(self.run_image(code, "--quiet", status=101).stderr, "")

    def test_a_panic_that_the_guest_has_reported_is_not_reported_again(self):
        code = [*tg.write_text("why\n"), tg.addi(tg.A0, tg.ZERO, 42), tg.outw(tg.A0, tg.DEBUG_PANIC)]
        done = self.run_image(code, status=101, stderr="panic code 42")
        self.assertTrue(done.stderr.startswith("why\n"), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 4, done.stderr)

    def test_the_last_instructions_of_a_long_run_are_found(self):
        code = [tg.lui(tg.T0, 3000), tg.addi(tg.T0, tg.T0, -1), tg.branch_not_equal(tg.T0, tg.ZERO, -1), tg.ILLEGAL]
        done = self.run_image(code, status=101, stderr="the word 0x00000000 is no instruction")
        self.assertEqual(done.stderr.count("bne t0, zero, 0x1004"), 10)

    def test_an_unrecoverable_fault_is_explained(self):
        code = [tg.addi(tg.T0, tg.ZERO, 5), tg.word(0x32, tg.A0, tg.T0, 0)]
        done = self.run_image(code, status=101, stderr="a load of 4 bytes at 0x00000005, which is no multiple of 4")
        for part in ("gate is not present", "last instructions", "addi t0, zero, 5", "ring 0"):
            self.assertIn(part, done.stderr)

    # --- what is written

    def test_debug_text_goes_to_standard_error(self):
        done = self.run_image([*tg.write_text("seen\n"), *tg.exit_with(0)])
        self.assertEqual((done.stdout, done.stderr), ("", "seen\n"))

    def test_engines_have_the_same_digest_and_run_in_lockstep(self):
        code = [*COUNT_DOWN, *tg.exit_with(0)]
        known = self.run_image(code, "--engine=?", status=2, stderr="(known:").stderr
        engines = known.split("(known:")[1].strip(" )\n").split()
        digests = {self.run_image(code, "--digest", "--engine", engine).stderr for engine in engines}
        self.assertEqual(len(digests), 1, digests)
        self.run_image(code, "--lockstep=reference")
        self.run_image(code, "--lockstep=reference", "--lockstep-every=1", "--max-insns=5000", status=100)

    def test_stats_and_ledger(self):
        stats, ledger = self.folder / "stats", self.folder / "ledger.jsonl"
        code = [tg.word(0x01, low=64), tg.jump(0)]  # trap 64 without a gate
        self.run_image(code, "--stats", stats, "--ledger", ledger, status=101)
        counts = json.loads(stats.read_text())
        self.assertEqual((counts["stop"], counts["instructions"]), ("fatal", 1))
        self.run_image([*COUNT_DOWN, *tg.exit_with(3)], "--stats", stats, "--ledger", ledger, status=3)
        counts = json.loads(stats.read_text())
        self.assertEqual(counts["cpus"][0]["instructions_by_ring"], [counts["instructions"], 0, 0, 0])
        self.assertEqual([json.loads(line) for line in ledger.read_text().splitlines()], [])

    def test_keys_are_typed_recorded_and_replayed(self):
        log = self.folder / "log"
        first = self.run_image(ECHO, "--keys=ab", "--record", log, "--digest")
        self.assertEqual(first.stderr[:2], "\x1e0")  # scan codes of a and b
        second = self.run_image(ECHO, "--replay", log, "--digest")
        self.assertEqual(first.stderr, second.stderr)
        other = self.image([*ECHO[:3], *FOR_EVER], "other.tg")
        self.run_program([self.tollgate, "run", "--replay", log, "--max-insns=9", other], status=100)
        again = [*COUNT_DOWN, *ECHO]
        self.run_image(again, "--replay", log, status=2, stderr=f"input log {log}: ")
        log.write_text("nonsense\n")
        self.run_image(ECHO, "--replay", log, status=2, stderr=str(log))

    def test_a_snapshot_goes_on_where_it_was_made(self):
        code, snapshot = [*COUNT_DOWN, *tg.exit_with(0)], self.folder / "snapshot"
        whole = self.run_image(code, "--digest").stderr
        self.run_image(code, "--max-insns=1000", "--save", snapshot, status=100)
        self.assertEqual(self.run_program([self.tollgate, "run", "--load", snapshot, "--digest"]).stderr, whole)
        snapshot.write_bytes(snapshot.read_bytes()[:-9])
        self.run_program([self.tollgate, "run", "--load", snapshot], status=2, stderr=str(snapshot))

    def test_the_screen_is_written(self):
        code = [tg.lui(tg.T0, 0xF0000), tg.addi(tg.A0, tg.ZERO, ord("T")), tg.word(0x40, tg.A0, tg.T0, 0),
                *tg.exit_with(0)]
        text = self.run_image(code, "--screen=-").stdout
        self.assertEqual(text, "T\n" + "\n" * 24)

    def test_sound_without_samples_is_a_sound_file_still(self):
        wav = self.folder / "sound.wav"
        self.run_image(tg.exit_with(0), "--wav", wav)
        self.assertEqual(wav.read_bytes()[:4] + wav.read_bytes()[8:12], b"RIFFWAVE")


if __name__ == "__main__":
    cli.main()
