"""The rewriter against two other opinions: tg-as, which encodes the same text for TG32 itself, and readelf,
which says whether everything in an object is where it was.

Arguments: tg-retarget, tg-as, the source folder. Needs clang.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2])]
import cli  # noqa: E402

TG_RETARGET, TG_AS, SOURCE = None, None, None
RISCV = ["clang", "--target=riscv32", "-march=rv32ima", "-mabi=ilp32", "-mno-relax"]
DEBIAN = [pathlib.Path("/usr/lib/picolibc/riscv64-unknown-elf/lib/rv32im/ilp32/libc.a"),
          pathlib.Path("/usr/lib/picolibc/riscv64-unknown-elf/lib/release/rv32im/ilp32/libc.a"),
          *pathlib.Path("/usr/lib/gcc/riscv64-unknown-elf").glob("*/rv32im/ilp32/libgcc.a")]

# Operands for each form of RISC-V's assembly that TG32's shares; every mnemonic of the table occurs in one line.
REGISTERS = "zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6"
FORMS = {
    "{n} {d}, {a}, {b}": "add sub sll slt sltu xor srl sra or and mul mulh mulhsu mulhu div divu rem remu",
    "{n} {d}, {a}, {i}": "addi slti sltiu xori ori andi",
    "{n} {d}, {a}, {h}": "slli srli srai",
    "{n} {d}, {i}({a})": "jalr lb lh lw lbu lhu sb sh sw",
    "{n} {d}, ({a})": "lr.w",
    "{n} {d}, {b}, ({a})": "sc.w amoswap.w amoadd.w amoxor.w amoand.w amoor.w amomin.w amomax.w amominu.w "
                           "amomaxu.w",
    "{n} {d}, {u}": "lui auipc",
    "{n} {d}, {a}, {t}": "beq bne blt bge bltu bgeu",
    "{n} {d}, {t}": "jal",
    "{n}": "fence",
}
# What the two assemblers call by different names: RISC-V's, TG32's.
RENAMED = {"ebreak": "brk", "unimp": "brk", "fence.i": "fence"}

C = """
extern int outside, call(int);
static int table[4] = {1, 2, 3, 4};
_Thread_local int own;
int (*pointers[])(int) = {call};
int choose(int x)
{
    switch (x) {
    case 0: return outside;
    case 1: return call(5);
    case 2: return table[outside & 3];
    case 3: return own++;
    case 4: return pointers[0](x);
    case 5: return -77;
    }
    return (int)(100000.0 * x) / 3;
}
"""


def lines(seed):
    """One line for each mnemonic, with operands that go round with the seed."""
    registers = REGISTERS.split()
    for form, names in FORMS.items():
        for name in names.split():
            seed = (seed * 1103515245 + 12345) & 0x7fffffff
            yield form.format(
                n=name, d=registers[seed >> 4 & 31], a=registers[seed >> 9 & 31],
                b=registers[seed >> 14 & 31], i=(seed >> 8 & 0xfff) - 2048, h=seed >> 7 & 31,
                u=hex(seed >> 5 & 0xfffff), t="before" if seed >> 20 & 1 else "behind")


class RetargetTest(cli.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tg-retarget-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def tool(self, *words, **more):
        return self.run_program(words, cwd=self.folder, **more)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def section(self, name, section):
        """The bytes of a section of an object."""
        listed = self.tool("readelf", "-SW", name).stdout
        offset, size = re.search(rf" {re.escape(section)} +\w+ +\w+ (\w+) (\w+)", listed).groups()
        return (self.folder / name).read_bytes()[int(offset, 16):][:int(size, 16)]


class AgreeTest(RetargetTest):
    def both(self, riscv, tg32):
        """The words of .text that the rewriter, and that tg-as makes."""
        self.write("riscv.s", riscv)
        self.write("tg32.s", tg32)
        self.tool(*RISCV, "-c", "riscv.s", "-o", "riscv.o")
        self.tool(TG_RETARGET, "riscv.o", "-o", "rewritten.o")
        self.tool(TG_AS, "tg32.s", "-o", "assembled.o")
        return [self.section(name, ".text").hex(" ", -4).split()
                for name in ("rewritten.o", "assembled.o")]

    def test_the_same_text_becomes_the_same_words(self):
        for seed in range(40):
            text = "\n".join(["before:", *lines(seed), "behind: nop", ""])
            rewritten, assembled = self.both(text, text)
            for line, first, second in zip(text.splitlines()[1:], rewritten, assembled):
                self.assertEqual(first, second, line)
            self.assertEqual(len(rewritten), len(assembled))

    def test_pseudo_instructions_are_the_same(self):
        text = "x: mv a0, a1\n neg a0, a1\n not a0, a1\n seqz a0, a1\n snez a0, a1\n beqz a0, x\n" \
               "bnez a0, x\n blez a0, x\n bgez a0, x\n bltz a0, x\n bgtz a0, x\n j x\n jr a0\n ret\n nop\n" \
               "li a0, -5\n li a0, 0x12345678\n call outside\n tail outside\n"
        rewritten, assembled = self.both(text, text)
        self.assertEqual(rewritten, assembled)

    def test_renamed_instructions_are_the_same(self):
        rewritten, assembled = self.both("\n".join(RENAMED) + "\n", "\n".join(RENAMED.values()) + "\n")
        self.assertEqual(rewritten, assembled)

    def test_custom_words_are_the_machines_own(self):
        """The manual's table says which words stand for what (docs/isa.md section 11)."""
        manual = (SOURCE / "docs/isa.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| `(\w+)([^`]*)` +\| `\.insn ([^`]*)` +\|$", manual, re.MULTILINE)
        self.assertGreater(len(rows), 15)
        riscv, tg32 = [], []
        for name, operands, custom in rows:
            values = {"v": "64", "c": "1", "i": "16", "d": "t0", "s": "t1", "a": "t2", "b": "a3"}
            tg32.append(name + re.sub(r"\b[vcidsab]\b", lambda m: values[m[0]], operands))
            kind, rest = custom.split(" ", 1)
            riscv.append(f".insn {kind} " + re.sub(r"\b[vcidsab]\b", lambda m: values[m[0]], rest))
        rewritten, assembled = self.both("\n".join(riscv) + "\n", "\n".join(tg32) + "\n")
        for line, first, second in zip(tg32, rewritten, assembled):
            self.assertEqual(first, second, line)

    def test_every_row_of_the_table_is_among_them(self):
        table = (SOURCE / "emu/isa/rv32.def").read_text(encoding="utf-8")
        names = set(re.findall(r'^TG_RV32\("([^"]+)"', table, re.MULTILINE))
        used = {name for names in FORMS.values() for name in names.split()} | set(RENAMED)
        self.assertEqual(names, used)


class ObjectTest(RetargetTest):
    def listing(self, name, *options):
        """What readelf says, without what names the machine or numbers that it cannot know."""
        text = self.tool("readelf", "-W", *options, name).stdout
        # A hint for linkers that shorten code, without a value; and differences, which are final.
        text = re.sub(r".*R_RISCV_(TPREL_ADD|ADD|SET|SUB).*\n", "", text)
        return re.sub(r"R_RISCV_\w+|unrecognized: \w+", "KIND", re.sub(r"^File:.*\n", "", text))

    def places(self, name):
        """Offset, symbol and addend of each relocation, by section."""
        found = {}
        for line in self.listing(name, "-r").splitlines():
            if line.startswith("Relocation section"):
                section = line.split("'")[1]
            match = re.match(r"([0-9a-f]{8})  [0-9a-f]{8} +KIND +(.*)", line)
            if match:
                found.setdefault(section, []).append((match[1], match[2].split()))
        return found

    def addresses(self, name):
        """Each symbol's, by number, if the sections that are loaded lie one after another."""
        bases, end = {}, 0
        for number, size, flags, align in re.findall(
                r"\[ *(\d+)\] .* \w{6} (\w+) \w\w +(\w*) +\d+ +\d+ +(\d+)$",
                self.tool("readelf", "-SW", name).stdout, re.MULTILINE):
            if "A" in flags:
                bases[number] = end = -(-end // int(align)) * int(align)
                end += int(size, 16)
        return {int(number): int(value, 16) + bases.get(section, 0) for number, value, section in re.findall(
            r"^ *(\d+): (\w+) .* DEFAULT +(\w+)", self.tool("readelf", "-sW", name).stdout, re.MULTILINE)}

    def known(self, name, section):
        """The bytes of a debug section with all that can be known without a linker, from readelf's words."""
        result = bytearray(self.section(name, section))
        symbols = self.addresses(name)
        table = re.search(rf"'.rela{section}'(?:.|\n)*?(?:\n\n|$)", self.tool("readelf", "-rW", name).stdout)
        kinds = set()
        for offset, symbol, kind, bits, addend in re.findall(
                r"^(\w+) +(\w+)\w\w R_RISCV_(ADD|SUB|SET|)(\d+) .*\+ (\w+)", table[0], re.MULTILINE):
            at, size, mask = int(offset, 16), (int(bits) + 7) // 8, (1 << int(bits)) - 1
            number, was = symbols[int(symbol, 16)] + int(addend, 16), int.from_bytes(result[at:at + size], "little")
            number = {"ADD": was + number, "SUB": was - number}.get(kind, number) & mask | was & ~mask
            result[at:at + size] = number.to_bytes(size, "little")
            kinds.add(kind)
        return bytes(result), kinds

    def test_sizes_symbols_and_places_are_unchanged(self):
        self.write("a.c", C)
        for options in (["-O0", "-g"], ["-O2", "-g"], ["-Os", "-ffunction-sections"]):
            with self.subTest(options=options):
                self.tool(*RISCV, *options, "-fno-addrsig", "-c", "a.c", "-o", "before.o")
                self.tool(TG_RETARGET, "before.o", "-o", "after.o")
                self.assertEqual(self.places("before.o"), self.places("after.o"))
                sizes = [{row[0]: row[3] for row in re.findall(
                    r"\] (\.(?:text|data|rodata|debug|bss)\S*) +(\w+) +(\w+) \w+ (\w+)",
                    self.listing(name, "-S"))} for name in ("before.o", "after.o")]
                self.assertEqual(*sizes)
                symbols = [re.findall(r": (\w{8}) +(\d+) (\w+) +(\w+) +(\w+) +\w+ (\S+)$",
                                      self.listing(name, "-s"), re.MULTILINE)
                           for name in ("before.o", "after.o")]
                self.assertEqual(*[[s for s in all if s[2] in ("FUNC", "OBJECT", "TLS", "NOTYPE")]
                                   for all in symbols])
                self.assertGreater(len(symbols[0]), 5)

    def test_debug_bytes_are_unchanged_but_for_what_is_known(self):
        """Where a linker will put an address there is its offset in the object; differences are final."""
        self.write("a.c", C)
        self.tool(*RISCV, "-O1", "-g", "-c", "a.c", "-o", "before.o")
        self.tool(TG_RETARGET, "before.o", "-o", "after.o")
        found = set()
        for section in (".debug_info", ".debug_line", ".debug_frame"):
            expected, kinds = self.known("before.o", section)
            self.assertEqual(expected, self.section("after.o", section), section)
            found |= kinds
        self.assertEqual(found, {"", "ADD", "SET", "SUB"})

    def test_sections_do_not_share_addresses_in_debug_information(self):
        """Readers that know no relocations of TG32 see all functions at different places."""
        self.write("a.c", "".join(f"int f{i}(int x) {{ return x * {i}; }}\n" for i in range(5)))
        self.tool(*RISCV, "-O1", "-gdwarf-4", "-ffunction-sections", "-c", "a.c", "-o", "before.o")
        self.tool(TG_RETARGET, "before.o", "-o", "after.o")
        listed = self.tool("llvm-dwarfdump", "--debug-info", "after.o").stdout
        starts = re.findall(r"DW_TAG_subprogram\n +DW_AT_low_pc\t\(0x(\w+)\)", listed)
        self.assertEqual(len(set(starts)), 5, starts)

    @unittest.skipUnless(len(DEBIAN) > 2 and all(path.exists() for path in DEBIAN),
                         "picolibc-riscv64-unknown-elf is not installed")
    def test_debians_libraries_are_rewritten_without_complaint(self):
        for path in DEBIAN:
            done = self.tool(TG_RETARGET, path, "-o", "out.a")
            self.assertEqual(done.stderr, "")
            members = [subprocess.run(["ar", "t", name], capture_output=True, check=True).stdout
                       for name in (path, self.folder / "out.a")]
            self.assertEqual(*members)
            self.assertEqual(self.tool("readelf", "-aW", "out.a").stderr, "")


class CommandLineTest(RetargetTest):
    def test_errors_name_file_place_instruction_and_reason_and_write_nothing(self):
        self.write("bad.s", "nop\ncsrw mstatus, a0\necall\nla a0, x\n")
        self.tool(*RISCV, "-fpic", "-c", "bad.s", "-o", "bad.o")
        done = self.tool(TG_RETARGET, "bad.o", "-o", "out.o", status=1)
        self.assertEqual(done.stderr.splitlines(), [
            "tg-retarget: bad.o: .text+0x4: csrrw (0x30051073): cannot translate this instruction: "
            "it accesses a RISC-V control and status register, which TG32 lacks",
            "tg-retarget: bad.o: .text+0x8: ecall (0x00000073): cannot translate this instruction: "
            "ecall has no gate; TG32 enters the kernel by trap with a vector",
            "tg-retarget: bad.o: .text+0xc: relocation R_RISCV_GOT_HI20: it belongs to "
            "position-independent code; compile with -fno-pic -fno-pie"])
        self.assertFalse((self.folder / "out.o").exists())

    def test_many_errors_are_cut_short(self):
        self.write("bad.s", "ecall\n" * 100)
        self.tool(*RISCV, "-c", "bad.s", "-o", "bad.o")
        done = self.tool(TG_RETARGET, "bad.o", "-o", "out.o", status=1)
        self.assertEqual(len(done.stderr.splitlines()), 26)
        self.assertEqual(done.stderr.splitlines()[-1], "tg-retarget: and 75 more")

    def test_what_is_no_object_is_refused(self):
        self.write("a.o", "nothing")
        self.tool(TG_RETARGET, "a.o", "-o", "out.o", status=1, stderr="a.o: not an object file")
        self.tool(TG_RETARGET, "none.o", "-o", "out.o", status=1, stderr="none.o: No such file")
        self.tool(TG_RETARGET, "a.o", status=2, stderr="--help shows how")
        self.tool(TG_RETARGET, "--outptu=x", "a.o", status=2, stderr="unknown option --outptu")
        self.assertEqual(os.listdir(self.folder), ["a.o"])


if __name__ == "__main__":
    TG_RETARGET, TG_AS, SOURCE = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    if not shutil.which("clang"):
        print("clang is not installed: nothing was tested")
        sys.exit(77)
    cli.main()
