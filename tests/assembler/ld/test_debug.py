"""What compilers make: debug information, groups, code that expects to be shortened.

Arguments: tg-ld, tg-retarget, tollgate. Skipped where clang for riscv32 is not installed.
"""
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import ld_case  # noqa: E402

EXIT = 'static void leave(int s) { __asm__ volatile(".insn s 0x23, 2, %0, 0(zero)" : : "r"(s)); }\n'

USED = """
int table[] = {3, 4, 5};
static int twice(int x) { return x * 2; }
int unused(int n) { int s = 0; for (int i = 0; i < n; i++) s += twice(table[i]); return s; }
int used(int n) { int s = 0; for (int i = 0; i < n; i++) s += twice(table[i]) ^ i; return s; }
"""
START = "extern int used(int); int result; int _start(void) { return result = used(3); }\n"

# The same inline function in two objects, each in a group.
INLINE = "inline int shared(int x) {{ static int calls; return x + ++calls; }}\n"

ALIGNED = """
        .option relax
        .globl  _start
_start: li      a0, 0
        j       first
        .p2align 4
first:  addi    a0, a0, 1
        .p2align 5
second: addi    a0, a0, 2
        la      a1, table
        lw      a1, 4(a1)
        jr      a1
        .p2align 3
third:  addi    a0, a0, 4
        la      a1, result
        sw      a0, 0(a1)
forever: j      forever
        .globl  first, second, third
        .data
table:  .word   third - second, third
        .globl  result
result: .word   0
"""


@unittest.skipUnless(shutil.which("clang"), "clang is not installed")
class CompiledTest(ld_case.LinkCase):
    def compile(self, name, source, *options):
        file = self.write(name, source)
        stem = name.split(".")[0]
        self.run_program(["clang", "--target=riscv32", "-march=rv32ima", "-mabi=ilp32",
                          "-Wno-unused-command-line-argument", *options, "-c", file,
                          "-o", f"{stem}.rv.o"], cwd=self.folder)
        self.run_program([self.path("tg-retarget"), f"{stem}.rv.o", "-o", f"{stem}.o"],
                         cwd=self.folder)
        return f"{stem}.o"

    def verify(self, file="out.tg"):
        if not shutil.which("llvm-dwarfdump"):
            self.skipTest("llvm-dwarfdump is not installed")
        done = self.run_program(["llvm-dwarfdump", "--verify", file], cwd=self.folder)
        self.assertIn("No errors.", done.stdout)

    def test_linked_debug_information_is_sound(self):
        for version in (4, 5):
            for level in (0, 2):
                options = [f"-gdwarf-{version}", f"-O{level}", "-mno-relax", "-ffunction-sections"]
                objects = [self.compile("start.c", START, *options),
                           self.compile("used.c", USED, *options)]
                for more in ([], ["--gc-sections"], ["--layout", "kernel"]):
                    with self.subTest(version=version, level=level, more=more):
                        self.link(*more, *objects)
                        self.verify()

    def test_rewritten_objects_have_sound_debug_information(self):
        for version in (4, 5):
            self.verify(self.compile("used.c", USED, f"-gdwarf-{version}", "-O2", "-mno-relax", "-ffunction-sections"))

    def test_of_equal_groups_one_is_taken(self):
        options = ["-gdwarf-5", "-O1", "-mno-relax", "-fno-exceptions", "-fno-inline"]
        source = "int {0}(int x);\n" + INLINE + "int {0}(int x) {{ return shared(x); }}\n"
        objects = [self.compile(f"{name}.cc", source.format(name), *options)
                   for name in ("one", "two")]
        objects.append(self.compile(
            "start.cc", 'int one(int); int two(int); extern "C" int _start() '
            "{ return one(1) + two(2); }\n", *options))
        self.link(*objects, "-Map", "map")
        self.verify()
        self.assertEqual(len([n for n in self.symbols() if "shared" in n and "calls" not in n]), 1)
        self.assertIn("is taken from one.o", (self.folder / "map").read_text())

    def test_alignment_takes_out_what_is_not_needed(self):
        self.link(self.compile("aligned.S", ALIGNED, "-mrelax"))
        symbols = self.symbols()
        start = symbols["_start"]
        self.assertEqual([symbols[n] - start for n in ("first", "second", "third")], [16, 32, 56])
        self.run_program([self.path("tollgate"), "run", "--quiet", "--max-insns", "100",
                          "--save", "end.snap", "out.tg"], cwd=self.folder, status=100)
        text = subprocess.run([self.path("tollgate"), "run", "--max-insns", "50", "out.tg"],
                              cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(text.returncode, 100)
        self.assertEqual(self.sections()[".data"][:4], (24).to_bytes(4, "little"))


if __name__ == "__main__":
    ld_case.cli.main()
