#!/usr/bin/env python3
"""Fails when a file includes what its layer may not use, by the table in docs/architecture.md.

Usage: check_layers.py SOURCE_ROOT. Prints one line a violation: file:line, what, what to do.
"""
import pathlib
import re
import sys

DOCUMENT = "docs/architecture.md"
SOURCES = {".c", ".h", ".def", ".S"}
# Folders that include directories point to: where `#include "isa/isa.h"` is looked for.
INCLUDE_ROOTS = ["emu", "assembler", "assembler/include", "tools", "guestos", "guestos/include", "."]
# C11's headers without locale, setjmp, signal, threads and time.
PLAIN_C = set("""assert complex ctype errno fenv float inttypes iso646 limits math stdalign stdarg
    stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath uchar wchar wctype""".split())
INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')
ROW = re.compile(r"\|\s*`([\w/.]+)`\s*\|[^|]*\|([^|]*)\|([^|]*)\|\s*$")


class Layer:
    """A row of the table."""

    def __init__(self, folder, folders, headers):
        self.folder = folder
        self.folders = [folder, *folders]
        self.headers = headers

    def may_use(self, path):
        return any(is_inside(path, folder) for folder in self.folders)

    def may_use_system(self, header):
        plain = header.endswith(".h") and header[:-2] in PLAIN_C
        return plain or "any" in self.headers or header in self.headers


def is_inside(path, folder):
    return path == folder or path.startswith(folder + "/")


def read_layers(document):
    words = re.compile(r"`([^`]+)`")
    rows = (ROW.match(line) for line in document.read_text(encoding="utf-8").splitlines())
    return [Layer(row[1], words.findall(row[2]), words.findall(row[3])) for row in rows if row]


def layer_of(path, layers):
    """The row with the longest folder that contains path, or None."""
    fitting = [layer for layer in layers if is_inside(path, layer.folder)]
    return max(fitting, key=lambda layer: len(layer.folder), default=None)


def resolve(root, includer, name):
    """What a quoted include names, as a path from root. Generated files are not in the tree: they
    count as part of the folder they are written with, or else of the includer's own."""
    for base in [includer.parent, *(root / folder for folder in INCLUDE_ROOTS)]:
        target = (base / name).resolve()
        if target.is_file() and target.is_relative_to(root):
            return target.relative_to(root).as_posix()
    for folder in INCLUDE_ROOTS:
        if "/" in name and (root / folder / name).parent.is_dir():
            return (root / folder / name).relative_to(root).as_posix()
    return (includer.parent / name).relative_to(root).as_posix()


def check_line(root, file, layer, quote, name):
    """What is wrong with one include, or None."""
    if quote == "<":
        if not layer.may_use_system(name):
            return f"<{name}> is not a system header that {layer.folder} may use"
        return None
    target = resolve(root, file, name)
    if not layer.may_use(target):
        return f'"{name}" ({target}) is out of reach for {layer.folder}'
    return None


def check_file(root, file, layers):
    path = file.relative_to(root).as_posix()
    layer = layer_of(path, layers)
    if not layer:
        return [f"{path}: its folder is in no row of {DOCUMENT}: write one"]
    problems = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        include = INCLUDE.match(line)
        problem = include and check_line(root, file, layer, include[1], include[2])
        if problem:
            problems.append(f"{path}:{number}: {problem}; the rules are in {DOCUMENT}")
    return problems


def source_files(root):
    for top in sorted(root.iterdir()):
        if top.is_dir() and not top.name.startswith((".", "build")):
            yield from sorted(file for file in top.rglob("*") if file.suffix in SOURCES)


def main(root):
    layers = read_layers(root / DOCUMENT)
    if not layers:
        print(f"check_layers.py: no table of folders found in {root / DOCUMENT}")
        return 1
    files = list(source_files(root))
    problems = [problem for file in files for problem in check_file(root, file, layers)]
    print("\n".join([*problems, f"{len(files)} files, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
