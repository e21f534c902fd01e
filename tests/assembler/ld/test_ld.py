"""What tg-ld makes of objects and archives. Arguments: tg-as, tg-ld, tollgate."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import ld_case  # noqa: E402

# Ends with the low byte of a0 as exit status.
EXIT = """
        outw    a0, 0x28(zero)
"""
MAIN = """
        .globl  _start
_start: call    answer
""" + EXIT
ANSWER = """
        .globl  answer
answer: li      a0, 42
        ret
"""


class ResolveTest(ld_case.LinkCase):
    def test_a_bare_program_starts_at_0x1000_and_runs(self):
        self.link(self.assemble("main", MAIN), self.assemble("answer", ANSWER))
        self.assertEqual(self.entry(), 0x1000)
        self.run_it(status=42)

    def test_members_of_archives_are_pulled_on_demand_wherever_the_archive_stands(self):
        other = self.assemble("other", ".globl other\nother: .word 1\n")
        library = self.archive("liba.a", self.assemble("answer", ANSWER), other)
        self.link(library, self.assemble("main", MAIN), "-Map", "map")
        self.run_it(status=42)
        self.assertNotIn("other", self.symbols())
        self.assertIn("liba.a(answer.o) because of answer in main.o",
                      (self.folder / "map").read_text())

    def test_archives_that_need_each_other_are_linked(self):
        first = self.archive("one.a", self.assemble(
            "answer", ".globl answer, low\nanswer: tail middle\n"), self.assemble(
                "low", ".globl low\nlow: li a0, 7\n ret\n"))
        second = self.archive("two.a", self.assemble("middle", ".globl middle\nmiddle: tail low\n"))
        self.link(self.assemble("main", MAIN), first, second)
        self.run_it(status=7)

    def test_libraries_are_found_in_folders(self):
        (self.folder / "lib").mkdir()
        self.archive("lib/libanswer.a", self.assemble("answer", ANSWER))
        self.link(self.assemble("main", MAIN), "-Lnothing", "-L", "lib", "-lanswer")
        self.run_it(status=42)

    def test_whole_archives_and_wanted_symbols(self):
        library = self.archive("liba.a", self.assemble("x", ".globl x\nx: .word 1\n"))
        main = self.assemble("main", ".globl _start\n_start: wfi\n")
        self.link(main, library)
        self.assertNotIn("x", self.symbols())
        self.link(main, "--whole-archive", library, "--no-whole-archive")
        self.assertIn("x", self.symbols())
        self.link(main, library, "-u", "x")
        self.assertIn("x", self.symbols())

    def test_weak_definitions_give_way(self):
        weak = self.assemble("weak", ".weak answer\nanswer: li a0, 1\n ret\n")
        main = self.assemble("main", MAIN)
        self.link(main, weak)
        self.run_it(status=1)
        for order in ([weak, self.assemble("answer", ANSWER)], ["answer.o", weak]):
            self.link(main, *order)
            self.run_it(status=42)

    def test_a_weak_symbol_that_nothing_defines_is_zero_and_pulls_nothing(self):
        library = self.archive("liba.a", self.assemble("answer", ANSWER))
        self.link(self.assemble("main", """
        .globl  _start
        .weak   answer
_start: la      a0, answer
        snez    a0, a0
        addi    a0, a0, 3
""" + EXIT), library)
        self.run_it(status=3)

    def test_common_symbols_share_the_largest_size_and_a_definition_wins(self):
        main = self.assemble("main", """
        .globl  _start
        .comm   shared, 8, 8
_start: lw      a0, shared
""" + EXIT)
        large = self.assemble("large", ".comm shared, 64, 16\n")
        self.link(main, large)
        shared = self.symbols()["shared"]
        self.assertEqual(shared % 16, 0)
        self.run_it(status=0)
        self.link(main, large, self.assemble("real", ".globl shared\n.data\nshared: .word 5\n"))
        self.run_it(status=5)

    def test_bounds_of_sections_with_names_of_c(self):
        self.link(self.assemble("main", """
        .globl  _start
_start: la      a0, __stop_table
        la      a1, __start_table
        sub     a0, a0, a1
""" + EXIT + """
        .section table, "a"
        .word   1, 2, 3
"""))
        self.run_it(status=12)

    def test_defined_on_the_command_line(self):
        self.link(self.assemble("main", """
        .globl  _start
_start: li      a0, 1
        lw      a1, begin
""" + EXIT + """
        .globl  begin, other
        .data
begin:  .word   1
other:  .word   ANSWER
"""), "--defsym", "ANSWER=begin + 0x100", "--defsym=UNUSED=3", "-e", "_start")
        self.assertEqual(self.symbols()["ANSWER"], self.symbols()["begin"] + 0x100)


class ThreadTest(ld_case.LinkCase):
    """Variables of threads are reached from tp, at the same distance in each thread's copy."""

    MAIN = """
        .globl  _start, one, late
_start: la      tp, __tls_base
        call    sum
        mv      s0, a0                  # 1 + 2 + 4 + 0
        la      t0, __tls_base          # a second thread
        la      t1, __tdata_end
        la      tp, copy
        mv      t3, tp
1:      beq     t0, t1, 2f
        lbu     a0, 0(t0)
        sb      a0, 0(t3)
        addi    t0, t0, 1
        addi    t3, t3, 1
        j       1b
2:      lui     a0, %tprel_hi(late)
        add     a0, a0, tp
        li      a1, 8
        sw      a1, %tprel_lo(late)(a0)
        call    sum
        add     s0, s0, a0              # 1 + 2 + 4 + 8
        la      tp, __tls_base
        call    sum
        add     a0, a0, s0              # 1 + 2 + 4 + 0
""" + EXIT + """
        .section .tdata, "awT"
one:    .word   1
        .space  5000                    # more than a low part reaches
        .section .tbss, "awT", @nobits
        .space  100
late:   .space  4
        .bss
        .balign 128
copy:   .space  16384
"""
    SUM = """
        .globl  sum, four
sum:    lui     a0, %tprel_hi(one)
        add     a0, a0, tp
        lw      a0, %tprel_lo(one)(a0)
        lui     a1, %tprel_hi(four)
        add     a1, a1, tp
        addi    a1, a1, %tprel_lo(four)
        lw      a2, 0(a1)
        add     a0, a0, a2
        lw      a2, -4(a1)
        add     a0, a0, a2
        lui     a1, %tprel_hi(late)
        add     a1, a1, tp
        lw      a1, %tprel_lo(late)(a1)
        add     a0, a0, a1
        ret
        .section .tdata, "awT"
        .balign 128
        .word   2
four:   .word   4
"""

    def test_each_thread_has_its_own(self):
        self.link(self.assemble("main", self.MAIN), self.assemble("sum", self.SUM))
        self.run_it(status=29)

    def test_symbols_are_offsets_from_the_start_of_the_threads_variables(self):
        self.link(self.assemble("main", self.MAIN), self.assemble("sum", self.SUM))
        symbols = self.symbols()
        self.assertEqual(symbols["one"], 0)
        self.assertEqual(symbols["four"], 5120 + 4)
        self.assertEqual(symbols["late"], 5120 + 8 + 100)
        self.assertEqual(symbols["__tls_base"] % 128, 0)

    def test_a_declaration_unlike_the_definition_is_an_error(self):
        self.link(self.assemble("sum", self.SUM),
                  self.assemble("main", self.MAIN.replace("%tprel_lo(late)", "%lo(late)")), status=1,
                  stderr="late is a variable of each thread, but is used as an ordinary one")
        self.link(self.assemble("plain", ".globl _start, late\n_start: ret\n.data\nlate: .word 0\n"),
                  self.assemble("other", "lui a0, %tprel_hi(late)\n"), status=1,
                  stderr="late is used as a variable of each thread, but is defined as an ordinary one\n"
                         "    late is defined in plain.o")


class LayoutTest(ld_case.LinkCase):
    SOURCE = """
        .globl  _start
_start: la      a0, variable
        lw      a0, 0(a0)
        la      a1, constant
        lw      a1, 0(a1)
        add     a0, a0, a1
        la      a1, zero_word
        lw      a1, 0(a1)
        add     a0, a0, a1
""" + EXIT + """
        .section .rodata
constant: .word 40
        .data
        .globl  variable
variable: .word 2
        .bss
zero_word: .space 4
"""

    def test_each_access_has_pages_of_its_own(self):
        for layout, text in (("bare", 0x1000), ("user", 0x10000)):
            self.link("--layout", layout, self.assemble("main", self.SOURCE))
            self.assertEqual(self.segments(), [(text, text, "RE"),
                                               (text + 0x1000, text + 0x1000, "R"),
                                               (text + 0x2000, text + 0x2000, "RW")])
        self.run_it(status=42)

    def test_a_kernel_is_high_and_loaded_low(self):
        main = self.assemble("main", self.SOURCE)
        self.link("--layout", "kernel", main)
        self.assertEqual(self.segments(), [(0xc0001000, 0x1000, "RE"), (0xc0002000, 0x2000, "R"),
                                           (0xc0003000, 0x3000, "RW")])
        self.assertEqual((self.entry(), self.symbols()["_start"]), (0x1000, 0xc0001000))
        self.run_it(status=42)  # all its addresses are relative
        self.link("--layout", "kernel", "--defsym", "KERNEL_BASE=0x80000000", main)
        self.assertEqual(self.segments()[0], (0x80001000, 0x1000, "RE"))

    def test_layouts_can_be_shown_and_used_as_scripts(self):
        main = self.assemble("main", self.SOURCE)
        for layout in ("bare", "kernel", "user"):
            shown = self.run_program([self.path("tg-ld"), "--layout", layout, "--show-layout"])
            self.write("my.ld", shown.stdout)
            self.link("--layout", layout, main)
            first = (self.folder / "out.tg").read_bytes()
            self.link("-T", "my.ld", main)
            self.assertEqual(first, (self.folder / "out.tg").read_bytes())

    def test_a_layout_is_chosen_by_its_option(self):
        self.link("--show-layout", "kernel", status=2,
                  stderr="a file where none is needed: kernel; --layout NAME chooses")

    def test_the_same_inputs_give_the_same_bytes(self):
        main = self.assemble("main", self.SOURCE)
        self.link(main)
        first = (self.folder / "out.tg").read_bytes()
        self.link(main)
        self.assertEqual(first, (self.folder / "out.tg").read_bytes())

    def test_stripped_programs_run(self):
        main = self.assemble("main", self.SOURCE)
        for option in ("-s", "-S"):
            self.link(option, main)
            self.assertFalse([name for name in self.sections() if name.startswith(".debug")])
            self.run_it(status=42)
        self.assertIn("variable", self.symbols())

    def test_binutils_accept_the_result(self):
        self.link(self.assemble("main", self.SOURCE))
        done = self.run_program(["readelf", "-aW", "out.tg"], cwd=self.folder)
        self.assertEqual(done.stderr, "")


class UnusedTest(ld_case.LinkCase):
    SOURCE = """
        .globl  _start
        .section .text.start, "ax"
_start: call    used
""" + EXIT + """
        .section .text.used, "ax"
used:   lw      a0, data
        ret
        .section .text.unused, "ax"
unused: la      a0, unused_data
        ret
        .section .data.used, "aw"
data:   .word   9
        .section .data.unused, "aw"
unused_data: .word 1
        .section table, "a"
        .word   5
"""

    def test_sections_that_nothing_reaches_are_dropped(self):
        main = self.assemble("main", self.SOURCE)
        self.link(main)
        self.assertIn("unused", self.symbols())
        self.link("--gc-sections", "-Map", "map", main)
        self.assertFalse({"unused", "unused_data"} & set(self.symbols()))
        self.assertNotIn("table", self.sections())
        self.assertIn("main.o .text.unused: nothing refers to it",
                      (self.folder / "map").read_text())
        self.run_it(status=9)

    def test_kept_sections_and_what_they_reach_stay(self):
        self.write("keep.ld", """
ENTRY(_start)
SECTIONS { . = 0x1000; .text : { *(.text.start) KEEP(*(.text.unused)) *(.text*) }
           .data : { *(.data*) } }
""")
        self.link("--gc-sections", "-T", "keep.ld", self.assemble("main", self.SOURCE))
        self.assertLessEqual({"unused", "unused_data"}, set(self.symbols()))
        self.run_it(status=9)

    def test_bounds_keep_their_section(self):
        self.link("--gc-sections", self.assemble("main", self.SOURCE.replace(
            "lw      a0, data", "la a0, __start_table\n lw a0, 0(a0)")))
        self.run_it(status=5)


class ScriptTest(ld_case.LinkCase):
    MAIN = """
        .globl  _start
_start: la      a0, first
        lw      a0, 0(a0)
""" + EXIT + """
        .data
        .globl  first
first:  .word   6
        .section .note.drop, "a"
        .word   0x12345678
"""

    def script(self, text):
        self.write("s.ld", text)
        self.link("-T", "s.ld", self.assemble("main", self.MAIN), "-Map", "map")

    def test_addresses_alignment_symbols_and_load_addresses(self):
        self.script("""
/* a comment */
ENTRY(_start)
base = 0x2000;
SECTIONS
{
    . = base + 4K * 2;
    .text ALIGN(16) : AT(ADDR(.text) - base) { *(.text .text.*) etext = .; }
    . = ALIGN(0x1000);
    .data : { data_start = .; *(.data) . = ALIGN(64); . += 8; data_end = .; }
    data_size = SIZEOF(.data);
    load = LOADADDR(.data);
    relation = data_end > data_start && !(base == 0) ? MAX(3, MIN(9, 7)) : 1;
    .stack 0x20000 (NOLOAD) : ALIGN(32) { . = 0x100; stack_top = .; }
    /DISCARD/ : { *(.note.drop) }
    ASSERT(data_size == 72, "size")
}
""")
        symbols = self.symbols()
        expected = {"etext": None, "data_start": 0x5000, "data_end": 0x5048, "data_size": 72,
                    "load": 0x3000, "relation": 7, "stack_top": 0x20100}
        for name, value in expected.items():
            if value is not None:
                self.assertEqual(symbols[name], value, name)
        self.assertEqual(self.segments()[0][:2], (0x4000, 0x2000))
        self.assertNotIn(".note.drop", self.sections())
        self.assertEqual(self.entry(), 0x2000)

    def test_data_and_fill(self):
        self.script("""
ENTRY(_start)
SECTIONS { . = 0x1000; .text : { *(.text) }
           .data : { *(.data) BYTE(1) . = ALIGN(4); SHORT(0x2233) LONG(first) } = 0xaabbccdd
           .note.drop : { *(.note.drop) } }
""")
        data = self.sections()[".data"]
        first = self.symbols()["first"].to_bytes(4, "little")
        self.assertEqual(data, b"\x06\0\0\0\x01\xcc\xbb\xaa\x33\x22" + first)
        self.run_it(status=6)

    def test_sorted_and_excluded_sections(self):
        parts = [self.assemble(name, f'.section {section}, "a"\n.byte {value}\n')
                 for name, section, value in (("a", ".t.3", 3), ("b", ".t.20", 20), ("c", ".t.1", 1),
                                              ("d", ".t", 9), ("e", ".t.0", 7))]
        self.write("s.ld", """
ENTRY(_start)
SECTIONS { . = 0x1000; .text : { *(.text) }
           .p : { *(SORT_BY_INIT_PRIORITY(EXCLUDE_FILE(e.o) .t.*) .t) }
           .n : { e.o(.t.*) } }
""")
        self.link("-T", "s.ld", self.assemble("main", self.MAIN), *parts)
        self.assertEqual(self.sections()[".p"], bytes([1, 3, 20, 9]))
        self.assertEqual(self.sections()[".n"], bytes([7]))
        self.write("s.ld", "ENTRY(_start) SECTIONS { . = 0x1000; .p : { *(SORT(.t.*)) } }")
        self.link("-T", "s.ld", "main.o", *parts)
        self.assertEqual(self.sections()[".p"], bytes([7, 1, 20, 3]))

    def test_provided_symbols_exist_when_needed(self):
        self.write("s.ld", """
ENTRY(_start)
SECTIONS { . = 0x1000; .text : { *(.text) } PROVIDE(here = 0x77); PROVIDE(unneeded = 1);
           PROVIDE(first = 0x99); }
""")
        self.link("-T", "s.ld", self.assemble("main", self.MAIN + "\n .word here\n"))
        self.assertEqual(self.symbols()["here"], 0x77)
        self.assertNotIn("unneeded", self.symbols())
        self.assertNotEqual(self.symbols()["first"], 0x99)

    def test_sections_that_the_script_does_not_mention_follow_their_kind(self):
        self.script("ENTRY(_start) SECTIONS { . = 0x1000; .text : { *(.text) } . = 0x8000; }")
        self.assertIn(".note.drop", self.sections())
        self.run_it(status=6)


class FileTest(ld_case.LinkCase):
    def test_output_is_whole_or_not_at_all(self):
        self.write("out.tg", "old")
        self.link(self.assemble("main", MAIN), status=1)
        self.assertEqual((self.folder / "out.tg").read_text(), "old")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()),
                         ["main.o", "main.s", "out.tg"])

    def test_an_input_is_never_replaced(self):
        self.assemble("main", MAIN)
        before = (self.folder / "main.o").read_bytes()
        for words in (["-o", "./main.o"], ["-Map", "./main.o"]):
            self.link(*words, "main.o", status=2, stderr="would replace the input main.o")
            self.assertEqual((self.folder / "main.o").read_bytes(), before)

    def test_words_can_come_from_files(self):
        self.assemble("start", ".globl _start\n_start: call other\n")
        self.assemble("other", ".globl other\nother: ret\n")
        self.write("words", "start.o\n'other.o' -Map=\"a map\"")
        self.link("@words")
        self.assertTrue((self.folder / "a map").exists())
        (self.folder / "words").write_bytes(b"a\0b")
        self.link("@words", status=2, stderr="response file words: not a text: it has a zero byte")

    def test_many_output_sections_take_little_time(self):
        """Each is looked at a few times only; quadratic ways would take minutes."""
        self.assemble("many", ".globl _start\n_start: la a0, _start\n" +
                      "".join(f'.section .s{i},"a{"w" * (i % 2)}"\n.word {i}\n' for i in range(60000)))
        self.link("-W", "many.o", status=2, stderr="unknown option -W")
        self.link("many.o", timeout=30)
        self.assertEqual(len(self.sections()), 60004)

    def test_files_can_be_called_otherwise(self):
        self.assemble("main", MAIN)
        self.link("--call", "first/start.o", "main.o", status=1, stderr="    first/start.o, .text+0x0")

    def test_help_and_version(self):
        for option in ("--help", "--version"):
            self.run_program([self.path("tg-ld"), option], stdout="tg-ld")


if __name__ == "__main__":
    ld_case.cli.main()
