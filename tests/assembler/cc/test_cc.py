"""Tests of tg-cc: C sources become objects and programs that do on the machine what C says.

Arguments: tg-cc, tollgate, tg-retarget, the folder of this file, the build folder. Needs clang; what needs the C library is skipped
without it (and says so).
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2])]
import cli  # noqa: E402

TG_CC, TOLLGATE, TG_RETARGET, HERE, BUILD = None, None, None, None, None
ENGINES = ["fast", "reference"]
LIBC = pathlib.Path("/usr/lib/picolibc/riscv64-unknown-elf/lib/release/rv32im/ilp32/libc.a")
needs_libc = unittest.skipUnless(LIBC.exists(), "picolibc-riscv64-unknown-elf is not installed")


class CcTest(cli.TestCase):
    """Each test has a folder of its own; the cache of converted libraries is shared."""

    @classmethod
    def setUpClass(cls):
        cls.cache = tempfile.TemporaryDirectory(prefix="tg-cc-cache-")

    @classmethod
    def tearDownClass(cls):
        cls.cache.cleanup()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tg-cc-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def cc(self, *words, **more):
        settings = {"TG_CACHE": self.cache.name, "TMPDIR": str(self.scratch), **more.pop("env", {})}
        done = self.run_program([TG_CC, *words], cwd=self.folder, env={**os.environ, **settings},
                                **more)
        self.assertEqual(list(self.scratch.iterdir()), [], "temporary files are left")
        return done

    def build_and_run(self, text, *words, status=0, stdout=None, stderr=None, run=()):
        """Compiles text with words, runs it on each engine."""
        self.write("program.c", text)
        self.cc("program.c", "-o", "program", *words)
        for engine in ENGINES:
            with self.subTest(engine=engine):
                self.run_program([TOLLGATE, "run", "--engine", engine, *run, "program"],
                                 cwd=self.folder, status=status, stdout=stdout, stderr=stderr)


class CommandLineTest(CcTest):
    def test_help_fits_a_screen(self):
        done = self.cc("--help", stdout="usage: tg-cc")
        self.assertLess(len(done.stdout.splitlines()), 50)

    def test_nothing_to_do_is_wrong_usage(self):
        self.cc(status=2, stderr="tg-cc: expected a source or an object; tg-cc --help shows how")

    def test_a_missing_value_is_wrong_usage(self):
        self.cc("x.c", "-o", status=2, stderr="tg-cc: -o: expected a value after it")

    def test_another_machine_is_refused(self):
        self.cc("-march=rv64gc", "x.c", status=2, stderr="-march=rv64gc: not possible here")

    def test_one_output_for_two_objects_is_refused(self):
        self.cc("-c", "a.c", "b.c", "-o", "x.o", status=2, stderr="one output for 2 sources")

    def test_unknown_options_are_answered_by_the_compiler(self):
        self.write("a.c", "int x;")
        self.cc("-c", "-fsyntax-onyl", "a.c", status=1, stderr="-fsyntax-onyl")
        self.assertFalse((self.folder / "a.o").exists())

    def test_a_mistyped_option_alone_is_told_with_the_nearest(self):
        self.cc("--hlep", status=2, stderr="--hlep, and no source; did you mean --help?")

    def test_an_input_is_never_replaced(self):
        source = self.write("a.c", "int x;")
        self.cc("-c", "a.c", "-o", "./a.c", status=2, stderr="this would replace the input a.c")
        self.assertEqual(source.read_text(), "int x;")

    def test_options_for_other_machines_have_no_meaning(self):
        self.write("a.c", "int main(void) { return 0; }")
        done = self.cc("-march=native", "-mtune=native", "-m32", "-pie", "-rdynamic", "-Werror", "-nolibc",
                       "-static-libgcc", "-fuse-ld=gold", "-Wl,-O1,-z,relro,-znow,--as-needed,-rpath,/lib",
                       "-Wl,--build-id=sha1,--hash-style=gnu,-E", "a.c", "-o", "a")
        self.assertEqual(done.stderr, "")
        for option in "-r", "-m64", "-mcpu=sifive-e31", "-shared":
            self.cc(option, "a.c", status=2, stderr=f"{option}: not possible here")

    def test_words_can_come_from_files(self):
        self.write("a b.c", "#ifndef EMPTY\n#error\n#endif\nint main(void) { return sizeof TEXT + NUMBER; }")
        self.write("words", "-nolibc  'a b.c'\n-DTEXT=\"\\\"x y\\\"\" -D'EMPTY=' @more\n")
        self.write("more", "-DNUMBER=3 -o\t'program'")
        self.cc("@words")
        self.run_program([TOLLGATE, "run", "program"], cwd=self.folder, status=7)

    def test_files_of_words_that_cannot_be_are_told(self):
        self.write("itself", "-c @itself")
        self.cc("@itself", status=2, stderr="itself: more than 1000 such files; does one name itself?")
        self.cc("@.", status=2, stderr="response file .: is a folder")
        self.cc("@none", "-nolibc", status=1, stderr="@none")

    def test_commands_may_be_of_any_length(self):
        self.write("a.c", "int main(void) { return LAST; }")
        self.write("b.s", ".globl b\nb: ret\n")
        self.cc("-c", "b.s", "-o", "b.o")
        parts = [f"{'long ' * 40}{i}.o" for i in range(700)]
        for part in parts:
            os.link(self.folder / "b.o", self.folder / part)
        self.write("words", "\n".join([*(f"-DNUMBER_{i}={i}" for i in range(10000)), "-DLAST=8"]))
        self.cc("-nolibc", "a.c", "@words", *parts, "-o", "a", status=1, stderr="b is defined twice")
        for part in parts[1:]:
            (self.folder / part).unlink()
        self.cc("-nolibc", "a.c", "@words", parts[0], "-o", "a")
        self.run_program([TOLLGATE, "run", "a"], cwd=self.folder, status=8)

    def test_preprocessed_text_is_compiled_without_remarks(self):
        self.write("a.c", "int main(void) { return 5; }")
        self.cc("-E", "a.c", "-o", "a.i")
        self.assertEqual(self.cc("-nolibc", "a.i", "-o", "a").stderr, "")
        self.assertEqual(self.cc("-nolibc", "-x", "cpp-output", "a.i", "-o", "a").stderr, "")

    def test_debug_information_is_in_the_object(self):
        self.write("a.c", "int x;")
        self.assertEqual(self.cc("-c", "-g", "-gsplit-dwarf", "a.c").stderr, "")
        self.assertNotIn(b".dwo", (self.folder / "a.o").read_bytes())

    def test_questions_are_answered_by_the_compiler(self):
        self.cc("-dumpmachine", stdout="riscv32")
        self.cc("-v", stdout="tg-cc ")
        self.cc("-E", "-dM", "-", stdin="", stdout="#define __TG32__ 1")

    def test_a_signal_leaves_nothing_behind(self):
        """A compiler that never ends: the signal reaches it, and temporary files go."""
        clang = self.write("clang", "#!/bin/sh\necho $$ > pid\nexec sleep 100\n")
        clang.chmod(0o755)
        self.write("a.c", "int x;")
        with subprocess.Popen([TG_CC, "a.c", "-o", "a", "-nolibc"], cwd=self.folder,
                              env={**os.environ, "TG_CLANG": str(clang), "TMPDIR": str(self.scratch)}) as run:
            pid = self.folder / "pid"
            while not (pid.exists() and pid.read_text().endswith("\n")):
                time.sleep(0.01)
            self.assertEqual(len(list(self.scratch.iterdir())), 1)
            run.terminate()
            self.assertEqual(run.wait(60), -signal.SIGTERM)
        self.assertEqual(list(self.scratch.iterdir()), [], "temporary files are left")
        with self.assertRaises(ProcessLookupError):
            os.kill(int(pid.read_text()), 0)

    def test_a_missing_compiler_is_told_with_what_to_do(self):
        self.write("a.c", "int x;")
        self.cc("-c", "a.c", env={"PATH": "/nowhere"}, status=1, stderr="apt-get install clang")

    def test_a_missing_library_is_told_with_its_package(self):
        self.write("a.c", "int main(void) { return 0; }")
        self.cc("a.c", "-o", "a", env={"TG_PICOLIBC": "/nowhere"}, status=1,
                stderr="apt-get install picolibc-riscv64-unknown-elf")
        self.assertFalse((self.folder / "a").exists())

    def test_missing_headers_are_told_with_their_package(self):
        self.write("a.c", "#include <stdio.h>\n")
        self.cc("-c", "a.c", env={"TG_PICOLIBC": "/nowhere"}, status=1,
                stderr="note: there are no headers of a C library; apt-get install picolibc")


class CompileTest(CcTest):
    def test_each_source_becomes_an_object_in_this_folder(self):
        self.write("sub/a.c", "int a(void) { return 1; }")
        self.write("b.c", "int b(void) { return 2; }")
        self.cc("-c", "sub/a.c", "b.c")
        for name in "a.o", "b.o":
            header = (self.folder / name).read_bytes()[:20]
            self.assertEqual(header[:4], b"\x7fELF")
            self.assertEqual(header[18:20], b"GT", "machine number 0x5447")

    def test_all_errors_of_all_sources_are_told(self):
        self.write("a.c", "int a(void) { return 1 }")
        self.write("b.c", "int b(void) { return x; }")
        done = self.cc("-c", "a.c", "b.c", status=1)
        self.assertIn("a.c:1:23: error", done.stderr)
        self.assertIn("b.c:1:22: error", done.stderr)

    def test_what_cannot_be_rewritten_names_the_source(self):
        self.write("a.c", 'void f(void) { __asm__("csrw mstatus, zero"); }')
        self.cc("-c", "a.c", status=1, stderr="tg-cc: a.c: .text+0x")
        self.assertFalse((self.folder / "a.o").exists())

    def test_position_independent_code_is_not_made(self):
        self.write("a.c", "extern int x; extern _Thread_local int t; int f(void) { return x + t; }")
        self.cc("-c", "-fPIC", "a.c")

    def test_dependencies_name_the_object_asked_for(self):
        self.write("a.h", "")
        self.write("a.c", '#include "a.h"\n')
        self.cc("-c", "-MMD", "a.c", "-o", "other.o")
        self.assertEqual((self.folder / "other.d").read_text(), "other.o: a.c a.h\n")

    def test_dependencies_of_a_program_name_the_program(self):
        self.write("a.c", "int main(void) { return 0; }\n")
        self.write("sub/b.c", "int b;\n")
        for words, file, text in ((["a.c"], "a.d", "a.out: a.c\n"), (["a.c", "-o", "program"], "program.d", "program: a.c\n"),
                                  (["a.c", "sub/b.c", "-o", "both"], "a.d", "both: a.c\n")):
            self.cc("-nolibc", "-MD", *words)
            self.assertEqual((self.folder / file).read_text(), text)
        self.assertEqual((self.folder / "b.d").read_text(), "both: sub/b.c\n")

    def test_preprocessed_and_compiled_text(self):
        self.write("a.c", "#define X 5\nint f(void) { return X; }\n")
        self.cc("-E", "a.c", stdout="return 5;")
        self.cc("-S", "-O1", "a.c", "-o", "-", stdout="li\ta0, 5")
        self.cc("-M", "a.c", stdout="a.o: a.c")

    def test_own_words_of_the_header_are_the_machines_instructions(self):
        """Each function of tg32.h, disassembled by the rows of the instruction set."""
        self.write("a.c", OWN_INSTRUCTIONS)
        self.cc("-c", "-O1", "a.c")
        words = text_words(self.folder / "a.o")
        # op is bits 31:25; docs/isa.md section 3
        found = [word >> 25 for word in words]
        for name, op in (("trap", 0x01), ("iret", 0x02), ("brk", 0x03), ("wfi", 0x04), ("cli", 0x05),
                         ("sti", 0x06), ("tlbinv", 0x07), ("fence", 0x08), ("rdcr", 0x09),
                         ("wrcr", 0x0a), ("swcr", 0x0b), ("inb", 0x60), ("inh", 0x61),
                         ("inw", 0x62), ("outb", 0x64), ("outh", 0x65), ("outw", 0x66)):
            self.assertEqual(found.count(op), 1, name)
        self.assertEqual([word & 0xff for word in words if word >> 25 == 0x01], [0x40])
        self.assertEqual([word & 0xff for word in words if word >> 25 == 0x09], [0x08])


OWN_INSTRUCTIONS = """
#include "tg32.h"
uint32_t all(uint32_t a, uint32_t b)
{
    tg_trap(0x40);
    tg_iret();
    tg_brk();
    tg_wfi();
    a += tg_cli();
    tg_sti();
    tg_tlbinv(a, b);
    tg_fence();
    a += tg_rdcr(TG_CR_CPU);
    tg_wrcr(TG_CR_VBASE, b);
    a += tg_swcr(TG_CR_SP0, b);
    a += tg_inb(a);
    a += tg_inh(a);
    a += tg_inw(a);
    tg_outb(a, (uint8_t)b);
    tg_outh(a, (uint16_t)b);
    tg_outw(a, b);
    return a;
}
"""


def text_words(path):
    """The words of .text of an ELF32 object."""
    listed = subprocess.run(["readelf", "-SW", path], capture_output=True, text=True, check=True)
    offset, size = re.search(r" \.text +PROGBITS +\w+ (\w+) (\w+)", listed.stdout).groups()
    text = path.read_bytes()[int(offset, 16):][:int(size, 16)]
    return [int.from_bytes(text[i:i + 4], "little") for i in range(0, len(text), 4)]


class ProgramTest(CcTest):
    """C without the C library."""

    def test_status_of_main_is_that_of_the_run(self):
        self.build_and_run("int main(void) { return 42; }", "-nolibc", status=42)

    def test_boot_words_are_arguments(self):
        self.build_and_run(
            "int main(int n, char **v) { return n * 10 + (v[2][0] == 'y') + (v[n] == 0); }",
            "-nolibc", run=["--boot", "x  yes"], status=32)

    def test_variables_have_their_first_values(self):
        self.build_and_run("""
            _Thread_local int t = 3, z;
            int d = 4, b[1000];
            static int early;
            __attribute__((constructor)) static void construct(void) { early = 20; }
            int main(void) { return t + z + d + b[999] + early; }""", "-nolibc", status=27)

    def test_arithmetic_without_libgcc_is_that_of_c(self):
        self.write("program.c", (HERE / "arithmetic.c").read_text(encoding="utf-8"))
        self.cc("-nolibc", "program.c", "-o", "program", env={"TG_LIBGCC": "/nowhere"})
        native = self.folder / "native"
        self.run_program(["clang", "-w", "program.c", "-o", native], cwd=self.folder)
        expected = self.run_program([native]).stdout
        for engine in ENGINES:
            self.run_program([TOLLGATE, "run", "--engine", engine, "program"], cwd=self.folder,
                             stdout=expected)

    def test_no_stdlib_links_nothing_of_ours(self):
        self.write("start.c", """
            #include "tg32.h"
            __attribute__((naked)) void _start(void) {
                __asm__("li a0, 9\\n li a1, 0xc\\n .insn i 0x5b, 6, a0, a1, 0"); }""")
        self.cc("-nostdlib", "start.c", "-o", "program")
        self.run_program([TOLLGATE, "run", "program"], cwd=self.folder, status=9)

    def test_assembly_is_linked_with_c(self):
        self.write("seven.S", "#define EXIT 7\n.globl seven\nseven: li a0, EXIT\nret\n")
        self.write("two.s", ".globl two\ntwo: addi a0, zero, 2\nret\n")
        self.build_and_run("int seven(void), two(void); int main(void) { return seven() * 10 + two(); }",
                           "-nolibc", "seven.S", "two.s", status=72)

    def test_errors_in_assembly_are_told_and_nothing_is_written(self):
        self.write("bad.s", "nop\nadi a0, a0, 1\n")
        self.cc("-c", "bad.s", status=1, stderr="bad.s:2:")
        self.assertFalse((self.folder / "bad.o").exists())

    def test_assembly_with_preprocessor_has_the_names_and_lines_of_its_sources(self):
        self.write("inc/part.h", "#define FIVE 5\n        nop\n")
        self.write("a.S", "#include \"part.h\"\n        .globl f\nf:      li a0, FIVE\n        ret\n")
        self.cc("-g", "-Iinc", "-c", "a.S")
        lines = self.run_program(["llvm-dwarfdump", "--debug-line", "a.o"], cwd=self.folder).stdout
        self.assertEqual(re.findall(r'name: "(.*)"', lines), ["a.S", "inc/part.h"])
        rows = re.findall(r"^0x\w+ +(\d+) +0 +(\d)", lines, re.MULTILINE)
        self.assertEqual(rows[:3], [("2", "2"), ("3", "1"), ("4", "1")])
        self.write("a.S", "#include \"part.h\"\n\n        wrong\n")
        self.cc("-Iinc", "-c", "a.S", status=1, stderr="a.S:3:9: error")

    def test_options_for_the_assembler(self):
        self.write("inc/part.inc", "        nop\n")
        self.write("a.s", "unused: .include \"part.inc\"\n")
        self.cc("-I", "inc", "-g", "-c", "a.s", "-Wa,-l,a.lst", stderr="never used")
        self.assertIn("nop", (self.folder / "a.lst").read_text())
        self.assertIn(b".debug_line", (self.folder / "a.o").read_bytes())
        self.assertEqual(self.cc("-Iinc", "-w", "-c", "a.s").stderr, "")
        self.assertNotIn(b".debug_line", (self.folder / "a.o").read_bytes())

    def test_undefined_symbols_are_told(self):
        self.write("sub/a.c", "int f(void); int main(void) { return f(); }")
        self.cc("-nolibc", "sub/a.c", "-o", "a", status=1, stderr="undefined symbol f\n    sub/a.o, .text+0x")
        self.assertFalse((self.folder / "a").exists())

    def test_map_and_scripts_know_objects_by_the_names_of_their_sources(self):
        self.write("a.c", "void _start(void) { for (;;) continue; }")
        self.write("sub/b.c", "void *memset(void *to, int c, unsigned n) { (void)c, (void)n; return to; }")
        self.write("s.ld", "ENTRY(_start) SECTIONS { .text 0x1000 : { b.o(.text) after_b = .; *(.text) } }")
        self.cc("-nostdlib", "a.c", "sub/b.c", "-o", "a", "-Wl,-Map,a.map", "-T", "s.ld", "-ltg")
        text = (self.folder / "a.map").read_text()
        self.assertRegex(text, r" sub/b.o .text\n.* memset\n.* after_b\n.* a.o .text\n.* _start\n")
        self.assertNotIn(self.cache.name, text)


@needs_libc
class LibraryTest(CcTest):
    """C with picolibc."""

    def test_the_library_works(self):
        done = (HERE / "library.txt").read_text(encoding="utf-8")
        text = (HERE / "library.c").read_text(encoding="utf-8")
        for options in (["-O0"], ["-O2", "-g"], ["-Os"]):
            with self.subTest(options=options):
                self.build_and_run(text, *options, stdout=done, stderr="to standard error\n")

    def test_libraries_that_come_anyway_may_be_named(self):
        """Makefiles do: in any order, before and after what refers to them."""
        text = """
            #include <math.h>
            #include <stdio.h>
            #include <stdlib.h>
            int main(void) { char *p = malloc(100); return p == NULL || sprintf(p, "%.3f", sqrt(2)) != 5; }"""
        for words in (["-lm"], ["-lc", "-lm", "-lgcc"], ["-lgcc", "-ltg", "-lc", "-ltgc"], ["-mturnpike", "-lm"],
                      ["-nodefaultlibs", "-ltgc", "-lc", "-lgcc", "-ltg"]):
            with self.subTest(words=words):
                self.write("program.c", text)
                self.cc("program.c", *words, "-o", "program")
                self.cc(*words, "program.c", "-o", "program")
                if words[0] != "-mturnpike":
                    self.run_program([TOLLGATE, "run", "program"], cwd=self.folder)

    def test_objects_of_gcc_work_too(self):
        """gcc leaves alignment, and all distances between labels, to the linker."""
        gcc = ["riscv64-unknown-elf-gcc", "-march=rv32ima", "-mabi=ilp32", "-g", "-falign-functions=16",
               "-ftls-model=local-exec",
               "-isystem", LIBC.parents[4] / "include", "-c", HERE / "library.c", "-o", "gcc.o"]
        expected = (HERE / "library.txt").read_text(encoding="utf-8")
        for options in (["-O0"], ["-O2"], ["-Os", "-msave-restore"], ["-O2", "-mcmodel=medany"]):
            with self.subTest(options=options):
                self.run_program([*gcc, *options], cwd=self.folder)
                self.run_program([TG_RETARGET, "gcc.o", "-o", "library.o"], cwd=self.folder)
                self.cc("library.o", "-o", "program")
                for engine in ENGINES:
                    self.run_program([TOLLGATE, "run", "--engine", engine, "program"],
                                     cwd=self.folder, stdout=expected)

    def test_input_comes_from_serial_line_and_keyboard(self):
        text = """
            #include <stdio.h>
            int main(void) { char s[9]; int n;
                while (scanf("%8s %d", s, &n) == 2) printf("<%s %d>", s, n + 1);
                return 0; }"""
        self.write("in", "one 1\ntwo 2\n\x04")
        self.build_and_run(text, run=["--serial-input", "in"], stdout="<one 2><two 3>")
        text = '#include <stdio.h>\nint main(void) { char s[9]; puts(gets(s)); return 0; }'
        self.build_and_run(text, run=["--keys", "Key!\n"], stdout="Key!\n")

    def test_no_input_is_lost_however_long_it_is(self):
        """The queues of the devices hold 256 bytes or codes; the rest comes as the program reads."""
        text = """
            #include <stdio.h>
            int main(void) { int c; unsigned n = 0, sum = 0;
                while ((c = getchar()) != EOF) { n++; sum = sum * 31 + c; for (volatile int i = 0; i < 50; i++) continue; }
                printf("%u %u\\n", n, sum); return 0; }"""
        typed, total = "".join(f"Line {i} of a Text, " + "ABCdef" * (i % 40) + "\n" for i in range(100)), 0
        for character in typed:
            total = (total * 31 + ord(character)) % 2**32
        self.write("in", typed + "\x04")
        for options in ["--serial-input", "in"], ["--keys", "@in"]:
            self.build_and_run(text, run=options, stdout=f"{len(typed)} {total}\n")

    def test_abort_and_exit_tell_their_status(self):
        self.build_and_run("#include <stdlib.h>\nint main(void) { abort(); }", status=99)
        self.build_and_run("""
            #include <stdio.h>
            #include <stdlib.h>
            static void last(void) { puts("last"); }
            int main(void) { atexit(last); exit(3); }""", status=3, stdout="last\n")

    def test_memory_ends_where_the_stack_begins(self):
        self.build_and_run("""
            #include <errno.h>
            #include <stdlib.h>
            #include <string.h>
            int main(void) { size_t n = 0; char *p;
                while ((p = malloc(65536)) != NULL) { memset(p, 1, 65536); n++; }
                return !(errno == ENOMEM && n > 25 && n < 32); }""", run=["--ram", "2M"])

    def test_libraries_are_converted_once(self):
        self.write("a.c", "int main(void) { return 0; }")
        self.cc("a.c", "-o", "a")
        self.assertNotIn("tg-retarget", self.cc("-v", "a.c", "-o", "a").stderr)

    def test_a_program_without_a_cache_is_the_same(self):
        self.write("a.c", "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }")
        self.cc("a.c", "-o", "a")
        self.cc("a.c", "-o", "b", env={"TG_CACHE": "/proc/nowhere"})
        self.assertEqual((self.folder / "a").read_bytes(), (self.folder / "b").read_bytes())


class InstallTest(CcTest):
    @needs_libc
    def test_an_installed_tg_cc_works_without_the_source_tree(self):
        meson = [sys.executable, "-m", "mesonbuild.mesonmain"] if not shutil.which("meson") else ["meson"]
        self.run_program([*meson, "install", "-C", BUILD, "--no-rebuild", "--destdir", self.folder / "root"])
        programs = next((self.folder / "root").rglob("bin/tg-cc")).parent
        self.write("a.c", '#include <stdio.h>\n#include "tg32.h"\n'
                   'int main(void) { printf("hello from %d\\n", (int)tg_rdcr(TG_CR_CPU)); return 0; }')
        self.write("b.S", ".globl f\nf: ret\n")
        with tempfile.TemporaryDirectory() as cache:
            done = self.run_program([programs / "tg-cc", "-v", "a.c", "b.S", "-o", "a"], cwd=self.folder,
                                    env={**os.environ, "TG_CACHE": cache})
        # The installed folder may be called like the source tree.
        named = done.stderr.replace(str(BUILD), "").replace("share/tollgate", "")
        self.assertNotIn(str(HERE.parents[2]), named)
        self.run_program([programs / "tollgate", "run", "a"], cwd=self.folder, stdout="hello from 0\n")


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv[5]).resolve()
    TG_CC, TOLLGATE, TG_RETARGET, HERE = (pathlib.Path(w).resolve() for w in sys.argv[1:5])
    if not shutil.which("clang"):
        print("clang is not installed: nothing was tested")
        sys.exit(77)
    cli.main()
