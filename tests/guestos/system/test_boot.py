"""Boot words: what they decide, wherever they stand, and that none which is wrong is passed over. Disks that cannot be
started from: said in words, in both placements."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cli  # noqa: E402
import test_drivers  # noqa: E402

PANIC = 101


class BootTest(test_drivers.SystemTest):
    def test_a_service_s_own_word_is_stronger_wherever_it_stands(self):
        for words in ("disk=server services=kernel", "services=kernel disk=server"):
            shown = self.command("services", words).stdout
            self.assertRegex(shown, r"\ndisk +server ")
            self.assertRegex(shown, r"\nfs +kernel ")

    def test_commands_stand_between_quotes_of_either_kind(self):
        for words in ("run=\"echo 'a  b' c=d\"", "run='echo \"a  b\" c=d'"):
            self.assertEqual(self.boot(words).stdout, "a  b c=d\n")

    def test_a_cpu_that_polls_does_nothing_else_and_saves_the_others_traps(self):
        counts = self.folder / "counts.json"
        traps = []
        for poll in ("0", "1"):
            self.command("cat /doc/isa.md | wc", f"calls=queue poll={poll}", "--cpus", "2", "--stats", counts)
            cpus = json.loads(counts.read_text(encoding="utf-8"))["cpus"]
            traps.append(cpus[0]["traps"] + (cpus[1]["traps"] if poll == "0" else 0))
        self.assertEqual(cpus[1]["instructions_by_ring"][1:], [0, 0, 0])
        self.assertGreater(cpus[1]["traps"], 100)  # its own looks at the queues
        self.assertLess(traps[1], traps[0])

    def test_wrong_words_are_told(self):
        for words, told in (("services=sever", "it is services=kernel or services=server"),
                            ("disk=serve", "it is disk=kernel or disk=server"),
                            ("calls=quue", "it is calls=trap or calls=queue"),
                            ("poll=7", "it is poll=0 or poll=1"),
                            ("poll=1", "start the machine with more (--cpus)"),
                            ("fss=server", "boot word fss is unknown"),
                            ("system=server", "boot word system is unknown"),
                            ("xyzzy", "for one service name= memory= disk= fs= tty=")):
            self.command("true", words, status=PANIC, stderr=told)

    def test_a_disk_without_turnpike_is_told(self):
        empty = self.folder / "empty.img"
        empty.write_bytes(bytes(1 << 20))
        for place in test_drivers.PLACES:
            self.boot(f"services={place}", disk=empty, status=PANIC,
                      stderr="is a Turnpike disk there (--disk, tg-mkfs)?")

    def test_the_panic_for_a_lost_server_has_its_last_words(self):
        empty = self.folder / "empty.img"
        empty.write_bytes(bytes(1 << 20))
        self.boot("services=server", disk=empty, status=PANIC,
                  stderr="what only it knew is lost: cannot start /bin/init, the first program: ")

    def test_too_little_ram_is_told(self):
        for words, ram, told in (("services=server", "2M", "the machine has too little RAM for the server fs: "),
                                 ("services=kernel", "1536K", "start the machine with more (--ram)")):
            self.command("true", words, "--ram", ram, status=PANIC, stderr=told)

    def test_a_panic_in_a_service_s_task_tells_its_callers(self):
        empty = self.folder / "empty.img"
        empty.write_bytes(bytes(1 << 20))
        self.boot("", disk=empty, status=PANIC, stderr="<report_no_init+")


if __name__ == "__main__":
    cli.main()
