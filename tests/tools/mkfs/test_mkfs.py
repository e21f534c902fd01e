"""tg-mkfs and tg-fsck as a person meets them. Arguments: tg-mkfs, tg-fsck."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))
import cli  # noqa: E402


class MkfsTest(cli.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.image = self.folder / "disk.img"
        self.file = self.folder / "hello"
        self.file.write_text("hello\n", encoding="utf-8")

    def make(self, *words, **more):
        program = pathlib.Path(cli.arguments[0]).resolve()
        return self.run_program([program, "-o", self.image, *words], cwd=self.folder, **more)

    def check(self, **more):
        return self.run_program([cli.arguments[1], self.image], **more)

    def test_files_folders_devices_and_links_are_placed(self):
        tree = self.folder / "tree" / "deep"
        tree.mkdir(parents=True)
        (tree / "a").write_bytes(b"x" * 500000)
        self.make("hello", "/tree=tree", "/empty/", "/dev/console=device:console",
                  "/dev/x=device:7.3", "/again=link:/hello", "/bin/h=hello")
        self.check(stdout="5 files, 6 directories")

    def test_the_same_files_give_the_same_bytes(self):
        words = ["/a/b=hello", "/d/", "--size", "2M"]
        self.make(*words)
        first = self.image.read_bytes()
        self.make(*words)
        self.assertEqual(first, self.image.read_bytes())
        self.assertEqual(len(first), 2 << 20)

    def test_a_list_names_what_to_place(self):
        (self.folder / "list").write_text("# what\n/x=hello  # a file\n\n /d/ \n", encoding="utf-8")
        self.make("@list")
        self.check(stdout="1 files, 2 directories")

    def test_what_cannot_be_is_told(self):
        for words, text in [(["nothing"], "nothing: there is no such file"),
                            (["/a=nothing"], "nothing: there is no such file"),
                            (["/a=hello", "/a=hello"], "of that name already"),
                            (["/a=hello", "/a/b=hello"], "no directory"),
                            (["/a=device:what"], "no such device"),
                            (["/a=link:/b"], "not in the image yet"),
                            (["/" + "n" * 60 + "=hello"], "longer than 59"),
                            (["/../a=hello"], "without"),
                            (["hello", "--inodes", "2"], "--inodes")]:
            self.make(*words, status=1, stderr=text)
            self.assertFalse(self.image.exists())

    def test_an_image_that_is_too_small_is_told(self):
        self.make("--size", "100K", status=2, stderr="--size")
        (self.folder / "big").write_bytes(bytes(1 << 20))
        self.make("--size", "1M", "big", status=1, stderr="--size")

    def test_no_image_is_wrong_usage(self):
        self.run_program([cli.arguments[0], self.file], status=2, stderr="no image is named")
        self.run_program([cli.arguments[1]], status=2, stderr="one image")
        self.run_program([cli.arguments[1], self.folder / "none"], status=2, stderr="none")

    def test_damage_is_found(self):
        self.make("hello", "--size", "2M")
        damaged = bytearray(self.image.read_bytes())
        place = damaged.rindex(b"hello\n")
        damaged[place + 100] = 1
        self.image.write_bytes(damaged)
        self.check(status=1, stdout="beyond its size of 6")

    def test_what_is_no_image_is_told(self):
        self.image.write_bytes(b"no image")
        self.check(status=1, stdout="no disk with files")

    def test_help_is_one_screen(self):
        for program in cli.arguments[:2]:
            done = self.run_program([program, "--help"], stdout="Usage: ")
            self.assertLess(len(done.stdout.splitlines()), 30)
            self.run_program([program, "--version"], stdout="tg-")


if __name__ == "__main__":
    cli.main()
