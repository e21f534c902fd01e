"""tg-objdump's listings, word for word. Arguments: tg-as, tg-ld, tg-objdump."""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "ld"))
import ld_case  # noqa: E402


class ObjdumpTest(ld_case.LinkCase):
    def setUp(self):
        super().setUp()
        self.write("sample.s", (HERE / "sample.s").read_text(encoding="utf-8"))
        self.run_program([self.path("tg-as"), "-g", "-o", "sample.o", "sample.s"], cwd=self.folder)
        self.assemble("other", ".globl elsewhere\nelsewhere: ret\n")
        self.link("sample.o", "other.o")

    def dump(self, *words, **expected):
        return self.run_program([self.path("tg-objdump"), *words], cwd=self.folder, **expected)

    def golden(self, name, *words):
        text = f"tg-objdump listing, version 1: {' '.join(words)}\n{self.dump(*words).stdout}"
        self.assert_golden(HERE / f"{name}.golden", text)

    def test_code_of_an_executable_names_its_targets(self):
        self.golden("code", "out.tg")

    def test_code_of_an_object_with_relocations(self):
        self.golden("object", "-dr", "sample.o")

    def test_lines_of_source(self):
        self.golden("source", "-S", "-j", ".text", "sample.o")
        self.golden("lines", "-l", "-j", ".text", "out.tg")

    def test_tables(self):
        self.golden("tables", "-h", "-t", "-r", "-s", "-j", ".data", "sample.o")
        self.golden("headers", "-h", "-t", "out.tg")

    def test_archives_are_dumped_member_by_member(self):
        self.archive("lib.a", "sample.o", "other.o")
        text = self.dump("-d", "lib.a").stdout
        self.assertIn("lib.a(sample.o): TG32 object", text)
        self.assertIn("lib.a(other.o): TG32 object", text)
        self.assertIn("00000000 <elsewhere>:", text)

    def test_without_source_files_lines_are_named(self):
        (self.folder / "sample.s").unlink()
        self.assertIn("; sample.s:3\n", self.dump("-S", "out.tg").stdout)

    def test_every_instruction_reads_back(self):
        text = self.dump("-d", "-j", ".text", "out.tg").stdout
        rows = re.findall(r"(?m)^ +(\w+):  (\w{8})  (?!\()([^<#\n]+)", text)
        self.assertGreater(len(rows), 15)
        source = "".join(row[2].strip() + "\n" for row in rows)
        # Targets are absolute addresses: assembled at the same ones, they give the same words.
        self.assemble("again", ".globl _start\n_start:\n" + source)
        self.link("again.o")
        again = self.sections()[".text"]
        self.assertEqual([f"{int.from_bytes(again[i:i + 4], 'little'):08x}"
                          for i in range(0, len(again), 4)], [row[1] for row in rows])

    def test_errors(self):
        self.write("text", "no object")
        self.dump("text", status=1, stderr="tg-objdump: text: not an object file")
        self.dump("nothing", status=1, stderr="No such file")
        self.dump(status=2, stderr="no file given")
        self.dump("-q", "out.tg", status=2, stderr="unknown option")
        self.dump("-j", ".txet", "out.tg", status=1,
                  stderr="tg-objdump: out.tg: no section is called .txet; -h lists all")
        # One bad file does not keep the others from being shown.
        self.dump("text", "out.tg", status=1, stdout="out.tg: TG32 executable")

    def test_binutils_read_the_same_symbols(self):
        ours = {line.split()[-1]: int(line.split()[0], 16)
                for line in self.dump("-t", "out.tg").stdout.splitlines()[4:]}
        theirs = self.symbols()
        self.assertEqual({name: ours[name] for name in theirs}, theirs)


if __name__ == "__main__":
    ld_case.cli.main()
