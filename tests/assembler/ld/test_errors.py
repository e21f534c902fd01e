"""Each error of tg-ld, word for word. Arguments: tg-as, tg-ld."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import ld_case  # noqa: E402

HERE = pathlib.Path(__file__).parent

SOURCES = {
    "main": """
        .globl  _start
_start: call    putz
        la      a0, putz
        la      a0, message
        j       .
""",
    "functions": """
        .type   f, @function
        .globl  _start
f:      call    putz
        .type   _start, @function
_start: nop
        call    putz
        .section .text.g, "ax"
        call    putz
""",
    "many": "        .globl _start\n_start:\n" + "        call putz\n" * 30,
    "puts": """
        .globl  puts
puts:   ret
""",
    "again": """
        .data
        .globl  puts
puts:   .word   0
""",
    "far": """
        .globl  _start
_start: beq     a0, a1, there
        j       there
        lw      a0, there(zero)
        .data
        .half   there
        .byte   there
""",
    "odd": """
        .globl  _start
_start: j       there + 2
""",
    "plain": """
        .globl  _start
_start: j       .
        .data
word:   .word   1
        .section .extra, "a"
        .word   2
""",
    "dropped": """
        .globl  _start
_start: la      a0, word
        .section .gone, "a"
word:   .word   1
""",
}

# Name, words of the command line, files: a script is "s.ld".
CASES = [
    ("undefined symbol, with lines", ["-g main.s", "puts.s"], None),
    ("undefined symbol, without lines", ["main.s", "puts.s"], None),
    ("undefined symbol, in many places", ["many.s"], None),
    ("undefined symbol, in a function", ["functions.s", "puts.s"], None),
    ("defined twice", ["-g plain.s", "-g puts.s", "-g again.s"], None),
    ("defined by the script too", ["-g plain.s", "--defsym", "_start=3"], None),
    ("too far", ["-g far.s", "--defsym", "there=0x10000000"], None),
    ("not a multiple", ["-g odd.s", "--defsym", "there=0x1008"], None),
    ("no entry", ["puts.s"], None),
    ("another entry", ["puts.s", "-e", "put"], None),
    ("no inputs", [], None),
    ("missing file", ["nothing.o"], None),
    ("not an object", ["text.o"], None),
    ("linked already", ["plain.tg"], None),
    ("no library", ["plain.s", "-lwhat", "-L", "."], None),
    ("unknown option", ["--gc-section=3", "plain.s"], None),
    ("misspelt option", ["--strip-al", "plain.s"], None),
    ("option without its value", ["plain.s", "-T"], None),
    ("unknown layout", ["--layout", "kernal", "plain.s"], None),
    ("script and layout", ["--layout", "kernel", "-T", "s.ld", "plain.s"], ""),
    ("bad defsym", ["plain.s", "--defsym", "a="], None),
    ("missing script", ["-T", "missing.ld", "plain.s"], None),
    ("script with a zero byte", ["-T", "s.ld", "plain.s"], "ENTRY(_start)\0"),
    ("no end of a comment", ["-T", "s.ld", "plain.s"], "ENTRY(_start)\n/* a comment"),
    ("no brace", ["-T", "s.ld", "plain.s"], "SECTIONS {\n  .text : { *(.text)\n"),
    ("no semicolon", ["-T", "s.ld", "plain.s"], "SECTIONS {\n  . = 0x1000\n  .text : { }\n}"),
    ("unknown statement", ["-T", "s.ld", "plain.s"], "ENTRI(_start)\n"),
    ("unknown function", ["-T", "s.ld", "plain.s"], "x = ALIGNED(4);\n"),
    ("memory", ["-T", "s.ld", "plain.s"], "MEMORY { ram : ORIGIN = 0 }\n"),
    ("regions", ["-T", "s.ld", "plain.s"], "SECTIONS { .text : { *(.text) } > ram }\n"),
    ("large number", ["-T", "s.ld", "plain.s"], "x = 0x100000000;\n"),
    ("undefined in a script", ["-T", "s.ld", "plain.s"],
     "ENTRY(_start)\nSECTIONS {\n  .text : { *(.text) }\n  x = wrd + 1;\n}\n"),
    ("no such section", ["-T", "s.ld", "plain.s"],
     "ENTRY(_start)\nSECTIONS { .text : { *(.text) } }\nx = SIZEOF(.txt);\n"),
    ("assertion", ["-T", "s.ld", "plain.s"],
     'ENTRY(_start)\nSECTIONS { .text : { *(.text) } }\nASSERT(SIZEOF(.text) > 100, "too small")\n'),
    ("overlap", ["-T", "s.ld", "plain.s"],
     "ENTRY(_start)\nSECTIONS { .text 0x1000 : { *(.text) } .data 0x1000 : { *(.data) } }\n"),
    ("overlap of load addresses", ["-T", "s.ld", "plain.s"],
     "ENTRY(_start)\nSECTIONS { .text 0x1000 : { *(.text) }\n"
     " .data 0x2000 : AT(0x1000) { *(.data) } }\n"),
    ("going back", ["-T", "s.ld", "plain.s"],
     "ENTRY(_start)\nSECTIONS { .text : { *(.text)\n . = 1; } }\n"),
    ("beyond memory", ["-T", "s.ld", "plain.s"],
     "ENTRY(_start)\nSECTIONS { .text 0xfffffffc : { *(.text) *(.data) } }\n"),
    ("not aligned", ["-T", "s.ld", "plain.s"],
     "ENTRY(_start)\nSECTIONS { .text 0x1002 : { *(.text) } }\n"),
    ("no power of two", ["-T", "s.ld", "plain.s"],
     "ENTRY(_start)\nSECTIONS { .text : ALIGN(3) { *(.text) } . = ALIGN(5); }\n"),
    ("division", ["-T", "s.ld", "plain.s"],
     "ENTRY(_start)\nSECTIONS { .text : { *(.text) } x = 1 / (2 - 2); }\n"),
    ("never settles", ["-T", "s.ld", "plain.s"],
     "ENTRY(_start)\nSECTIONS { .text : { *(.text) } . = x + 4; x = .; }\n"),
    ("too much", ["-T", "s.ld", "plain.s"],
     "ENTRY(_start)\nSECTIONS { .text : { *(.text) . = 0x60000000; BYTE(1) } }\n"),
    ("refers to what is discarded", ["-T", "s.ld", "-g dropped.s"],
     "ENTRY(_start)\nSECTIONS { .text : { *(.text) } /DISCARD/ : { *(.gone) } }\n"),
    ("deep", ["-T", "s.ld", "plain.s"], "x = " + "(" * 1000 + ";\n"),
    ("long", ["-T", "s.ld", "plain.s"], "x = 1" + "\n+ 1" * 5000 + ";\n"),
]


class ErrorTest(ld_case.LinkCase):
    def prepare(self, words):
        """Assembles the sources among the words; returns the command line."""
        line = []
        for word in words:
            match = re.fullmatch(r"(-g )?(\w+)\.s", word)
            if match:
                name = match[2]
                self.write(f"{name}.s", SOURCES[name])
                self.run_program([self.path("tg-as"), *([match[1].strip()] if match[1] else []),
                                  "-W", "none", "-o", f"{name}.o", f"{name}.s"], cwd=self.folder)
                word = f"{name}.o"
            line.append(word)
        return line

    def test_every_error_is_golden(self):
        text = "tg-ld errors, version 1\n"
        self.write("text.o", "this is a text\n")
        self.link(*self.prepare(["plain.s"]))
        (self.folder / "out.tg").rename(self.folder / "plain.tg")
        for name, words, script in CASES:
            if script is not None:
                self.write("s.ld", script)
            done = ld_case.cli.subprocess.run(
                [self.path("tg-ld"), "-o", "out.tg", *self.prepare(words)], cwd=self.folder,
                capture_output=True, text=True, check=False, timeout=60)
            text += f"\n== {name}: tg-ld {' '.join(words)}\nstatus {done.returncode}\n"
            text += done.stdout + done.stderr
            with self.subTest(name):
                self.assertIn(done.returncode, (1, 2))
                self.assertFalse((self.folder / "out.tg").exists(), "an output was written")
        self.assert_golden(HERE / "errors.golden", text)


if __name__ == "__main__":
    ld_case.cli.main()
