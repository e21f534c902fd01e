#!/usr/bin/env python3
"""Makes the kernel's table of function names: symbols.py OUT [KERNEL].

Reads the symbol table of an ELF file; without one the table is empty. The output is assembly.
"""
import struct
import sys

FUNCTION = 2
SYMTAB = 2


def functions(path):
    """(address, name) of each function, by address."""
    with open(path, "rb") as file:
        data = file.read()
    offset, = struct.unpack_from("<I", data, 32)
    size, count = struct.unpack_from("<HH", data, 46)
    sections = [struct.unpack_from("<10I", data, offset + i * size) for i in range(count)]
    found = {}
    for _, kind, _, _, start, length, link, _, _, entry in sections:
        if kind != SYMTAB:
            continue
        names = sections[link][4]
        for at in range(start, start + length, entry):
            name, address, _, info, _, _ = struct.unpack_from("<IIIBBH", data, at)
            if info & 15 == FUNCTION:
                begin = names + name
                found[address] = data[begin:data.index(b"\0", begin)].decode()
    return sorted(found.items())


def main(out, kernel=None):
    rows = functions(kernel) if kernel else []
    lines = ["# Made by symbols.py.", "        .rodata", "        .p2align 2",
             "        .globl  k_symbols, k_symbol_count",
             f"k_symbol_count: .word {len(rows)}", "k_symbols:"]
    for number, (address, _) in enumerate(rows):
        lines.append(f"        .word   {address:#x}, name{number}")
    for number, (_, name) in enumerate(rows):
        lines.append(f'name{number}: .asciz "{name}"')
    with open(out, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
