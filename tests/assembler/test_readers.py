"""What others' tools say about our objects and programs: readelf, nm, objdump and llvm-dwarfdump --verify.

Arguments: tg-as, tg-ld, tg-cc, tg-retarget, and executables of the build to look at. What needs a compiler or a C library
that is not installed is skipped.
"""
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import cli  # noqa: E402

TG_AS, TG_LD, TG_CC, TG_RETARGET, EXECUTABLES = None, None, None, None, []
GCC = ["riscv64-unknown-elf-gcc", "-march=rv32ima", "-mabi=ilp32", "-ftls-model=local-exec"]
LIBC = pathlib.Path("/usr/lib/picolibc/riscv64-unknown-elf")
# The longest that a reader may take for one file; all need less than one where nothing else runs.
MOST_SECONDS = 60

ASSEMBLY = """
        .globl  _start
_start: la      a0, text
        call    far
        j       .
        .section .text.far, "ax"
        .globl  far
far:    bnez    a0, 1f
        .space  100000
1:      ret
        .rodata
text:   .asciz  "text"
        .align  2
        .word   1b - far, text - ., far
        .data
        .weak   other
        .word   other, after - before
before: .space  10
after:  .bss
        .lcomm  zeros, 100, 4
"""

# Blocks in pieces, functions inside others, weak and common names, tables of jumps, variables of threads, long tables of lines.
C = """
extern int outside(int, const char *);
_Thread_local int own = 3;
static int table[8];
int common;
struct pair { struct pair *next; const char *name; union { int i; short s[2]; } u; };
__attribute__((weak)) int replaceable(int x) { return x + 1; }
static inline int inner(struct pair *p, int n)
{
    if (n & 1) { int old = p->u.i; p->u.i = outside(n, p->name) + old; if (p->u.i > old) { int d = p->u.i - old; own += d; return d; } }
    for (struct pair *q = p; q; q = q->next) { int s = q->u.s[n & 1]; if (s > own) return outside(s, 0); table[n & 7] += s; }
    return own;
}
int choose(struct pair *p, int n)
{
    switch (n) {
    case 0: return inner(p, 1) + replaceable(n);
    case 1: { int twice = inner(p, 2); return twice * 2; }
    case 2: return table[n];
    case 3: p->name = "three"; return inner(p, own);
    case 4: return (int)(1000000LL / (n + table[2]));
    case 7: return inner(p->next, 5) - inner(p, 9);
    }
    return -1;
}
int all(struct pair *p) { int s = 0; for (int i = 0; i < 9; i++) { int c = choose(p, i); if (c < 0) s -= c; else s += c; } return s; }
"""
MAIN = """
#include <stdio.h>
#include <stdlib.h>
struct pair;
int all(struct pair *);
int outside(int x, const char *name) { return printf("%d %s %.3f", x, name ? name : "", x / 3.0); }
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
int main(void) { int v[3] = {3, 1, 2}; qsort(v, 3, sizeof *v, compare); return all(calloc(1, 64)) + v[0]; }
"""


@unittest.skipUnless(shutil.which("llvm-dwarfdump"), "llvm-dwarfdump is not installed")
class ReadersTest(cli.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tg-readers-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "a.s").write_text(ASSEMBLY, encoding="utf-8")
        (self.folder / "a.c").write_text(C, encoding="utf-8")
        (self.folder / "main.c").write_text(MAIN, encoding="utf-8")
        (self.folder / "start.s").write_text(".globl _start\n_start: call all\nj .\n.globl outside\noutside: ret\n"
                                             ".globl __divdi3\n__divdi3: ret\n", encoding="utf-8")

    def tool(self, *words, **more):
        return self.run_program(words, cwd=self.folder, timeout=MOST_SECONDS,
                                env={**os.environ, "TG_CACHE": str(self.folder / "cache")}, **more)

    def check(self, file):
        """No reader has anything against the file."""
        for words in (["readelf", "-aW"], ["nm"], ["objdump", "-s"]):
            done = self.tool(*words, file)
            said = "" if done.stderr == f"nm: {file}: no symbols\n" else done.stderr
            self.assertEqual(said, "", words)
            self.assertNotIn("arning", done.stdout)
        done = self.tool("llvm-dwarfdump", "--verify", file)
        self.assertIn("No errors.", done.stdout)
        # Of relocations LLVM knows those of its own machines only; programs have none.
        said = set(done.stderr.splitlines())
        self.assertLessEqual(said, {"warning: failed to compute relocation: Unknown, Invalid data was encountered "
                                    "while parsing the file"} if str(file).endswith(".o") else set())

    def link(self, *words):
        self.tool(TG_LD, *words, "-o", "out")
        self.check("out")

    def test_assembled_objects_and_programs(self):
        for options in ([], ["-g"]):
            with self.subTest(options=options):
                self.tool(TG_AS, *options, "-o", "a.o", "a.s")
                self.check("a.o")
                for layout in "bare", "kernel", "user":
                    self.link("--layout", layout, "a.o")

    @unittest.skipUnless(shutil.which("clang"), "clang is not installed")
    def test_compiled_objects_and_programs(self):
        self.tool(TG_AS, "-g", "start.s", "-o", "start.o")
        for options in (["-O0"], ["-O0", "-g"], ["-O2", "-g"], ["-Os", "-g3", "-ffunction-sections"],
                        ["-O3", "-gdwarf-4", "-ffunction-sections", "-fdata-sections"], ["-O1", "-gdwarf-3"]):
            with self.subTest(options=options):
                self.tool(TG_CC, *options, "-c", "a.c", "-o", "a.o")
                self.check("a.o")
                self.link("start.o", "a.o")
                self.link("--gc-sections", "--layout", "kernel", "start.o", "a.o")

    @unittest.skipUnless(shutil.which("clang"), "clang is not installed")
    def test_objects_that_leave_differences_to_the_linker(self):
        """As compilers make them when a linker may shorten code, with padding and without."""
        for options in (["-O2"], ["-O2", "-ffunction-sections", "-falign-functions=32"]):
            with self.subTest(options=options):
                self.tool("clang", "--target=riscv32", "-march=rv32ima", "-mabi=ilp32", "-mrelax", "-g", *options,
                          "-c", "a.c", "-o", "riscv.o")
                self.tool(TG_RETARGET, "riscv.o", "-o", "a.o")
                self.check("a.o")

    @unittest.skipUnless(shutil.which(GCC[0]), "gcc for RISC-V is not installed")
    def test_objects_of_gcc(self):
        """Without its descriptions of calls inside blocks, at which llvm-dwarfdump 14 never ends, on any machine."""
        self.tool(TG_AS, "-g", "start.s", "-o", "start.o")
        for options in (["-O0", "-g"], ["-O2", "-g", "-gdwarf-4", "-gstrict-dwarf"],
                        ["-O2", "-g", "-gdwarf-4", "-gstrict-dwarf", "-ffunction-sections", "-falign-functions=16",
                         "-falign-loops=16", "-falign-jumps=8"]):
            with self.subTest(options=options):
                self.tool(*GCC, *options, "-c", "a.c", "-o", "riscv.o")
                self.tool(TG_RETARGET, "riscv.o", "-o", "a.o")
                self.check("a.o")
                self.link("start.o", "a.o")
                self.link("--gc-sections", "start.o", "a.o")

    @unittest.skipUnless(shutil.which(GCC[0]), "gcc for RISC-V is not installed")
    def test_gccs_descriptions_of_calls_are_left_out_with_the_rest(self):
        self.tool(*GCC, "-O2", "-g3", "-c", "a.c", "-o", "riscv.o")
        self.tool(TG_RETARGET, "--strip-debug", "riscv.o", "-o", "a.o")
        self.check("a.o")
        sections = set(re.findall(r" (\.debug_\w+) ", self.tool("readelf", "-SW", "a.o").stdout))
        self.assertEqual(sections, {".debug_frame"})

    @unittest.skipUnless(shutil.which("clang") and LIBC.exists(), "the C library is not installed")
    def test_programs_with_the_c_library(self):
        for options in (["-O0", "-g"], ["-O2", "-g", "-ffunction-sections", "-Wl,--gc-sections"],
                        ["-O2", "-g", "-mturnpike"], ["-O2", "-g", "-s"]):
            with self.subTest(options=options):
                self.tool(TG_CC, *options, "main.c", "a.c", "-o", "program")
                self.check("program")

    def test_programs_of_the_build(self):
        for file in EXECUTABLES:
            with self.subTest(file=file):
                self.check(file)


if __name__ == "__main__":
    TG_AS, TG_LD, TG_CC, TG_RETARGET, *EXECUTABLES = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    cli.main()
