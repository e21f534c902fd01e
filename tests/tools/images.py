"""Tiny TG32 executables for tests of programs, built word by word (docs/isa.md sections 3 and 10)."""
import struct

ZERO, RA, SP, T0, T1, A0, A1 = 0, 1, 2, 5, 6, 10, 11
BASE = 0x1000
ELF_MACHINE = 0x5447

DEBUG_CHARACTER, DEBUG_EXIT, DEBUG_PANIC = 0x10, 0x28, 0x2C


def word(op, rd=0, ra=0, low=0):
    """op rd ra and the low 15 bits (immediate, or rb and fn)."""
    return op << 25 | rd << 20 | ra << 15 | (low & 0x7FFF)


def upper(op, rd, immediate20):
    """op rd and the low 20 bits."""
    return op << 25 | rd << 20 | (immediate20 & 0xFFFFF)


def addi(rd, ra, immediate):
    return word(0x20, rd, ra, immediate)


def lui(rd, immediate20):
    return upper(0x2A, rd, immediate20)


def outb(source, port):
    return word(0x64, source, ZERO, port)


def outw(source, port):
    return word(0x66, source, ZERO, port)


def inb(rd, port):
    return word(0x60, rd, ZERO, port)


def inw(rd, port):
    return word(0x62, rd, ZERO, port)


def branch_not_equal(first, second, words):
    return word(0x51, first, second, words)


def branch_equal(first, second, words):
    return word(0x50, first, second, words)


def jump(words):
    return upper(0x58, ZERO, words)


WFI = word(0x04)
ILLEGAL = 0


def exit_with(status):
    return [addi(A0, ZERO, status), outw(A0, DEBUG_EXIT)]


def write_text(text):
    """Code that writes text to the debug port."""
    code = []
    for character in text.encode():
        code += [addi(A0, ZERO, character), outb(A0, DEBUG_CHARACTER)]
    return code


def executable(code, *, machine=ELF_MACHINE, entry=BASE, address=BASE, flags=5):
    """An ELF32 executable of one segment."""
    text = struct.pack(f"<{len(code)}I", *code)
    header = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01".ljust(16, b"\0"), 2, machine, 1,
                         entry, 52, 0, 0, 52, 32, 1, 40, 0, 0)
    segment = struct.pack("<8I", 1, 84, address, address, len(text), len(text), flags, 4)
    return header + segment + text
