#!/usr/bin/env python3
"""Adds up the test logs that Meson left in the given build folders.

Names each failed and each skipped test; the last line is the sum. A folder without a log counts
as one failure: it could not be configured or built, or it has no tests. Exit status 1 on failure.
"""
import json
import pathlib
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}


def results_of(folder):
    """(test, result) of each test of a build; one made-up failed row when there is no log."""
    log = pathlib.Path(folder, "meson-logs", "testlog.json")
    if not log.exists():
        return [("the build itself", "FAIL")]
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [(row["name"], row["result"]) for row in rows] or [("the test run", "FAIL")]


def main(folders):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for folder in folders:
        for test, result in results_of(folder):
            if result in PASSED:
                counts["passed"] += 1
                continue
            kind = "skipped" if result in SKIPPED else "failed"
            counts[kind] += 1
            print(f"{kind}: {pathlib.Path(folder).name}: {test} ({result})")
    builds = f"{len(folders)} build{'s' if len(folders) > 1 else ''}"
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
          f" ({builds})")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
