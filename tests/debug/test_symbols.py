#!/usr/bin/env python3
"""The files with symbols that the debugger finds are those of the programs that run.

Usage: test_symbols.py FOLDER: the build's folder guestos. Compares what is loaded of each program on the disk image, and of
each server in the kernel's image, with its file with symbols.
"""
import pathlib
import struct
import sys
import unittest

FOLDER = pathlib.Path(sys.argv.pop())
LOAD = 1


def loaded(path):
    """Entry, and (address, size in memory, bytes) of each part that is loaded."""
    data = path.read_bytes()
    entry, segments = struct.unpack_from("<II", data, 24)
    size, count = struct.unpack_from("<HH", data, 42)
    parts = [struct.unpack_from("<8I", data, segments + i * size) for i in range(count)]
    return entry, [(p[2], p[5], data[p[1]:p[1] + p[4]]) for p in parts if p[0] == LOAD]


def has_symbols(path):
    """Whether the file has a symbol table and lines."""
    data = path.read_bytes()
    offset, = struct.unpack_from("<I", data, 32)
    size, count, names = struct.unpack_from("<HHH", data, 46)
    sections = [struct.unpack_from("<10I", data, offset + i * size) for i in range(count)]
    if not sections:
        return False
    text = sections[names][4]
    found = {data[text + s[0]:data.index(b"\0", text + s[0])] for s in sections}
    return b".symtab" in found and b".debug_line" in found


class SymbolsTest(unittest.TestCase):
    def compare(self, stripped, full):
        self.assertTrue(full.exists(), f"{full} is missing")
        self.assertEqual(loaded(stripped), loaded(full), f"{full} is not what {stripped} is")
        self.assertTrue(has_symbols(full), f"{full} has no symbols or no lines")
        self.assertFalse(has_symbols(stripped), f"{stripped} is not stripped")

    def test_programs(self):
        programs = sorted(FOLDER.glob("user/*.program"))
        self.assertGreater(len(programs), 20)
        for program in programs:
            with self.subTest(program.name):
                self.compare(program, program.with_suffix(".elf"))

    def test_servers(self):
        servers = sorted(FOLDER.glob("services/*.server"))
        self.assertEqual(len(servers), 8)
        for server in servers:
            with self.subTest(server.name):
                self.compare(server, server.with_name(server.name + ".elf"))


if __name__ == "__main__":
    unittest.main()
