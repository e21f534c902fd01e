#!/usr/bin/env python3
"""Fails when a rule of the manuals has no test, or a test names a rule that does not exist.

Usage: check_rules.py SOURCE_ROOT          prints what is wrong, a line each; exit status 1 then
       check_rules.py SOURCE_ROOT --list   prints every rule with its place and the tests naming it

A rule is defined in docs/isa.md or docs/devices.md by its id at the start of a list item, as in
`- **[ALU-1]** ...`, or as the first cell of a table's row, as in `| INSN-ADD | ...`. A test names
rules in a comment: `rules: ALU-1, ALU-2`, with commas or spaces. `INSN-*` stands for every id that
begins so: for tests that go through a whole table.
"""
import pathlib
import re
import sys

MANUALS = ["docs/isa.md", "docs/devices.md"]
TEST_SUFFIXES = {".c", ".h", ".def", ".py", ".sh"}
NOT_TESTS_OF_RULES = {"check_rules.py", "test_checks.py"}
ID = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9_]+(?:\.[A-Z0-9_]+)*)+"
DEFINITION = re.compile(r"^\s*(?:[-*]\s+)?(?:\*\*)?\[(" + ID + r")\](?:\*\*)?(?:\s|$)")
TABLE_ROW = re.compile(r"^\|\s*`?(" + ID + r")`?\s*\|")
# Ids with commas or spaces between; a comment may go on with them on its next line.
NAME = r"(?:" + ID + r"|[A-Z][A-Z0-9-]*-\*)(?![A-Za-z0-9_-])"
GAP = r"(?:,?[ \t]*\n[ \t]*(?:\*|#|//)?[ \t]*|[ \t]*,[ \t]*|[ \t]+)"
NAMING = re.compile(r"\b[Rr]ules:\s*(" + NAME + r"(?:" + GAP + NAME + r")*)")


def read_rules(root):
    """The rules by id, each with its place; and complaints about ids that are defined twice."""
    rules, complaints = {}, []
    for manual in MANUALS:
        lines = (root / manual).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            match = DEFINITION.match(line) or TABLE_ROW.match(line)
            if not match:
                continue
            place = f"{manual}:{number}"
            if match[1] in rules:
                complaints.append(f"{place}: {match[1]} is defined a second time, "
                                  f"first in {rules[match[1]]}")
            else:
                rules[match[1]] = place
    return rules, complaints


def read_namings(root):
    """What tests name: a list of (id, or beginning of ids with *; place)."""
    namings = []
    for file in sorted((root / "tests").rglob("*")):
        if file.suffix not in TEST_SUFFIXES or file.name in NOT_TESTS_OF_RULES:
            continue
        text = file.read_text(encoding="utf-8")
        for match in NAMING.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            place = f"{file.relative_to(root).as_posix()}:{line}"
            namings += [(name, place) for name in re.findall(NAME, match[1])]
    return namings


def match_namings(rules, namings):
    """The places of tests by rule; and complaints about names that no rule has."""
    tests, complaints = {rule: [] for rule in rules}, []
    for name, place in namings:
        named = [name] if name in rules else []
        if name.endswith("*"):
            named = [rule for rule in rules if rule.startswith(name[:-1])]
        if not named:
            complaints.append(f"{place}: no rule is called {name}; "
                              f"ids are defined in {' and '.join(MANUALS)}")
        for rule in named:
            tests[rule].append(place)
    return tests, complaints


def main(arguments):
    if not arguments or arguments[1:] not in ([], ["--list"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    root = pathlib.Path(arguments[0]).resolve()
    rules, complaints = read_rules(root)
    tests, unknown = match_namings(rules, read_namings(root))
    if arguments[1:] == ["--list"]:
        for rule, place in rules.items():
            print(f"{rule:<14} {place:<20} {' '.join(tests[rule]) or '-'}")
        return 0
    complaints += unknown
    complaints += [f"{place}: {rule} has no test; name it in the comment of one: 'rules: {rule}'"
                   for rule, place in rules.items() if not tests[rule]]
    for complaint in complaints:
        print(complaint)
    tested = sum(1 for places in tests.values() if places)
    print(f"{len(rules)} rules, {tested} with a test, {len(complaints)} complaints")
    return 1 if complaints or not rules else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
