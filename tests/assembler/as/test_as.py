"""Tests of the program tg-as: listings and messages against golden files, options, and what other tools say of its objects.

Arguments: tg-as, tg-ld, the source root.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import cli  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


def tg_as():
    return pathlib.Path(cli.arguments[0]).resolve()


def tg_ld():
    return pathlib.Path(cli.arguments[1]).resolve()


class TestCase(cli.TestCase):
    """With a folder of its own for what is written."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def assemble(self, text, *options, **expected):
        """Assembles a text as x.s in the folder."""
        self.write("x.s", text)
        return self.run_program([tg_as(), *options, "x.s"], cwd=self.folder, **expected)


class GoldenTest(TestCase):
    def test_listings_are_as_recorded(self):
        for source in sorted((HERE / "listings").glob("*.s")):
            with self.subTest(source.name):
                listing = self.folder / "listing"
                self.run_program([tg_as(), "-o", self.folder / "x.o", "-l", listing, source.name],
                                 cwd=source.parent)
                self.assert_golden(source.with_suffix(".lst"), listing.read_text(encoding="utf-8"))

    def test_errors_are_as_recorded(self):
        for source in sorted((HERE / "errors").glob("*.s")):
            with self.subTest(source.name):
                out = self.folder / "x.o"
                done = self.run_program([tg_as(), "-o", out, source.name], cwd=source.parent,
                                        status=1)
                self.assert_golden(source.with_suffix(".txt"), done.stderr)
                self.assertFalse(out.exists(), "an object in spite of errors")

    def test_listings_have_every_row_of_the_tables(self):
        text = "\n".join(path.read_text(encoding="utf-8")
                         for path in (HERE / "listings").iterdir() if path.suffix != ".lst")
        folder = pathlib.Path(cli.arguments[2]) / "assembler" / "as"
        said = {".error", ".warning"}  # these are in errors/files.s
        for table, pattern in (("pseudo.def", r'^AS_PSEUDO(?:_CODE)?\("([\w.]+)"'),
                               ("directives.def", r'^AS_DIRECTIVE\("([\w.]+)"')):
            names = re.findall(pattern, (folder / table).read_text(encoding="utf-8"), re.MULTILINE)
            self.assertGreater(len(names), 20)
            for name in set(names) - said:
                self.assertRegex(text, rf"(?m)^(?:\w+:)?\s+{re.escape(name)}\b", f"{table}: {name}")


class ProgramTest(TestCase):
    def test_help_and_version(self):
        self.run_program([tg_as(), "--help"], stdout="usage: tg-as")
        self.run_program([tg_as(), "--version"], stdout="tg-as ")

    def test_wrong_usage(self):
        self.run_program([tg_as()], status=2, stderr="no source file")
        self.run_program([tg_as(), "a.s", "b.s"], status=2, stderr="one source file")
        self.run_program([tg_as(), "--versoin"], status=2, stderr="--version")
        self.run_program([tg_as(), "-W", "eror", "a.s"], status=2, stderr="-W error")

    def test_a_source_that_is_not_there(self):
        self.run_program([tg_as(), "none.s"], cwd=self.folder, status=1,
                         stderr="none.s cannot be opened")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_the_object_is_called_after_the_source(self):
        self.assemble("nop\n")
        self.assertTrue((self.folder / "x.o").exists())

    def test_an_object_of_before_stays_after_errors(self):
        out = self.write("x.o", "of before")
        self.assemble("wrong\n", status=1)
        self.assertEqual(out.read_text(encoding="utf-8"), "of before")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["x.o", "x.s"])

    def test_the_source_is_never_replaced(self):
        for option in "-o", "-l":
            self.assemble("nop\n", option, "./x.s", status=2, stderr="would replace the source x.s")
            self.assertEqual((self.folder / "x.s").read_text(encoding="utf-8"), "nop\n")

    def test_a_folder_that_cannot_be_written(self):
        self.assemble("nop\n", "-o", "none/x.o", status=1, stderr="none/x.o")

    def test_what_no_file_can_hold_is_not_written(self):
        many = "".join(f".section .s{i}, \"a\"\n.word other\n" for i in range(33000))
        self.assemble(many, status=1, stderr="sections, tables of relocations among them; a file has at most")
        self.assertFalse((self.folder / "x.o").exists())

    def test_standard_input(self):
        self.run_program([tg_as(), "-o", self.folder / "x.o", "-"], stdin="nop\n")

    def test_defines(self):
        text = ".if A == 1 && B == 6\n.else\n.error \"no\"\n.endif\n"
        self.assemble(text, "-D", "A", "-DB=2*3")
        self.assemble(text, "-D", "A", status=1, stderr="\"B\" is not defined yet")
        self.assemble("nop\n", "-D", "5=A", status=1, stderr="expected NAME")

    def test_include_folders(self):
        (self.folder / "inc").mkdir()
        self.write("inc/a.inc", ".word 1\n")
        self.assemble('.include "a.inc"\n', "-I", "inc")
        self.assemble('.include "a.inc"\n', status=1, stderr="a.inc cannot be opened")
        self.assemble('.include "inc/b.inc"\n', status=1)
        self.write("inc/b.inc", '.include "a.inc"\n')  # beside the file that names it
        self.assemble('.include "inc/b.inc"\n')

    def test_warnings_can_be_chosen(self):
        unused = "label \"unused\" is never used"
        self.assemble("unused: nop\n", stderr=unused)
        for words in ("no-unused", "none"):
            done = self.assemble("unused: nop\n", "-W", words)
            self.assertEqual(done.stderr, "")
        (self.folder / "x.o").unlink()
        self.assemble("unused: nop\n", "-W", "error", status=1, stderr="error: " + unused)
        self.assertFalse((self.folder / "x.o").exists())

    def test_equal_sources_give_equal_objects(self):
        text = "".join(f"l{i}: beq a0, a1, l{i * 7 % 500}\n" for i in range(500))
        objects = []
        for _ in range(2):
            self.assemble(text, "-g")
            objects.append((self.folder / "x.o").read_bytes())
        self.assertEqual(*objects)

    def test_words_can_come_from_files(self):
        self.write("words", "-D 'SIZE=4 * 2' -o x.o x.s")
        self.write("x.s", "        .space SIZE\n")
        self.run_program([tg_as(), "@words"], cwd=self.folder)
        self.assertTrue((self.folder / "x.o").exists())

    def test_a_hundred_thousand_lines(self):
        lines = ["start:"]
        for i in range(11111):
            lines += [f"label_{i}:", f"  addi a0, a0, {i % 100}  # comment", f"  beqz a0, label_{i}",
                      f"  la a1, label_{i // 2}", f"  li a2, {i * 98765}", f"  call label_{i // 3}",
                      "  lw a3, 4(sp)", "  mv a4, a3", f"  .word label_{i}, . - start"]
        self.assemble("\n".join(lines) + "\n", "-g", "-l", "x.lst")


class ToolsTest(TestCase):
    """What binutils and LLVM say of our files."""

    SOURCE = """
        .globl _start
_start: la a0, text
        call f
        beqz a0, _start
        .section .text.f, "ax"
f:      ret
        .data
text:   .asciz "text"
        .word f - ., text
        .bss
room:   .space 10
"""

    def run_tool(self, *command):
        """Runs a tool, which must have nothing to complain about; its output."""
        if not shutil.which(command[0]):
            self.fail(f"{command[0]} is missing; tools/setup.sh test installs it")
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              check=False)
        said = done.stderr.splitlines()
        # LLVM does not know the machine and its relocations, which says nothing about the file.
        said = [line for line in said if "failed to compute relocation: Unknown" not in line
                and "No available targets" not in line]
        self.assertEqual((done.returncode, said), (0, []), done.stdout + done.stderr)
        self.assertNotRegex(done.stdout.lower(), r"warning|corrupt|<unknown>:\s*\d+:")
        return done.stdout

    def test_tools_accept_objects_and_executables(self):
        self.assemble(self.SOURCE, "-g", "-W", "no-unused")
        self.run_program([tg_ld(), "-o", self.folder / "x", self.folder / "x.o"])
        for name in ("x.o", "x"):
            path = self.folder / name
            self.assertIn(".debug_line", self.run_tool("readelf", "-SW", path))
            self.run_tool("readelf", "-aW", path)
            self.assertIn(" T _start", self.run_tool("nm", path))
            self.assertIn("text", self.run_tool("objdump", "-s", "-j", ".data", path))
            self.assertIn("No errors", self.run_tool("llvm-dwarfdump", "--verify", path))

    def test_lines_are_those_of_the_source(self):
        self.assemble("  .globl _start\n_start: nop\n  .macro two\n  nop\n  nop\n  .endm\n  two\n"
                      "  .rept 2\n  nop\n  .endr\n  .include \"part.inc\"\n  ret\n", "-g", status=1)
        self.write("part.inc", "  nop # in part.inc\n")
        self.assemble((self.folder / "x.s").read_text(encoding="utf-8"), "-g")
        self.run_program([tg_ld(), "-o", self.folder / "x", self.folder / "x.o"])
        table = self.run_tool("llvm-dwarfdump", "--debug-line", self.folder / "x")
        rows = re.findall(r"^0x0*([0-9a-f]+)\s+(\d+)\s+0\s+(\d+)", table, re.MULTILINE)
        self.assertEqual([(int(a, 16), int(line), int(file)) for a, line, file in rows],
                         [(0x1000, 2, 1), (0x1004, 7, 1), (0x100c, 9, 1), (0x1014, 1, 2),
                          (0x1018, 12, 1), (0x101c, 12, 1)])


if __name__ == "__main__":
    cli.main()
