#!/usr/bin/env python3
"""The checks that guard the tree must themselves be able to fail. Arguments: the source root."""
import json
import pathlib
import sys
import tempfile

import cli

TABLE = """
| Folder | What it owns | May include | System headers |
|---|---|---|---|
| `emu/isa` | tables | | |
| `emu/core` | state | `emu/isa` | `xxhash.h` |
| `tools` | programs | `emu` | `any` |
"""


class CheckCase(cli.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def check(self, script, *more, **expected):
        path = pathlib.Path(cli.arguments[0], "tests", script)
        return self.run_program([sys.executable, path, *more], **expected)


class LayersTest(CheckCase):
    def setUp(self):
        super().setUp()
        self.write("docs/architecture.md", TABLE)
        self.write("emu/isa/isa.h", "#include <stdint.h>\n")
        self.write("emu/core/state.h", '#include "isa/isa.h"\n#include <xxhash.h>\n')

    def layers(self, **expected):
        return self.check("check_layers.py", self.root, **expected)

    def test_downward_includes_pass(self):
        self.write("tools/run/main.c", '#include "core/state.h"\n#include <unistd.h>\n')
        self.layers(stdout="3 files, 0 problems")

    def test_upward_include_fails(self):
        self.write("emu/isa/decode.c", '#include "isa/isa.h"\n#include "core/state.h"\n')
        self.layers(status=1, stdout='emu/isa/decode.c:2: "core/state.h"')

    def test_upward_include_by_relative_path_fails(self):
        self.write("emu/isa/decode.c", '#include "../core/state.h"\n')
        self.layers(status=1, stdout="emu/isa/decode.c:1")

    def test_upward_include_of_a_generated_header_fails(self):
        self.write("emu/isa/decode.c", '#include "core/generated.h"\n')
        self.layers(status=1, stdout="emu/isa/decode.c:1")

    def test_unlisted_system_header_fails(self):
        self.write("emu/core/clock.c", "#include <time.h>\n")
        self.layers(status=1, stdout="emu/core/clock.c:1: <time.h>")

    def test_folder_without_a_row_fails(self):
        self.write("emu/extra/new.c", "")
        self.layers(status=1, stdout="emu/extra/new.c: its folder is in no row")

    def test_document_without_a_table_fails(self):
        self.write("docs/architecture.md", "nothing\n")
        self.layers(status=1, stdout="no table")


class HeadersTest(CheckCase):
    def headers(self, **expected):
        commands = [{"file": "a.c", "command": "cc -Wall -Wextra -Wpedantic -c a.c"}]
        self.write("build/compile_commands.json", json.dumps(commands))
        return self.check("check_headers.py", self.root, self.root / "build", **expected)

    def test_header_with_all_it_needs_passes(self):
        self.write("emu/good.h", "#ifndef G\n#define G\n#include <stdint.h>\n"
                                 "struct good { uint32_t x; };\n#endif\n")
        self.headers(stdout="1 headers, 0 do not")

    def test_header_with_macros_only_passes(self):
        self.write("emu/macros.h", "#ifndef M\n#define M\n#define ONE 1\n#endif\n")
        self.headers(stdout="1 headers, 0 do not")

    def test_header_that_needs_another_fails(self):
        self.write("emu/bad.h", "#ifndef B\n#define B\nstruct bad { uint32_t x; };\n#endif\n")
        self.headers(status=1, stdout="emu/bad.h does not compile on its own")

    def test_header_without_guard_fails(self):
        self.write("emu/bad.h", "struct bad { int x; };\n")
        self.headers(status=1, stdout="redefinition")

    def test_nothing_to_check_fails(self):
        self.headers(status=1, stdout="nothing was checked")


class CountTest(CheckCase):
    def log(self, build, *results):
        rows = [json.dumps({"name": f"test{i}", "result": r}) for i, r in enumerate(results)]
        self.write(f"{build}/meson-logs/testlog.json", "\n".join(rows))

    def count(self, *builds, **expected):
        return self.check("count_results.py", *builds, cwd=self.root, **expected)

    def test_all_builds_are_added_up(self):
        self.log("gcc", "OK", "OK", "SKIP")
        self.log("clang", "OK")
        self.count("gcc", "clang", stdout="3 passed, 0 failed, 1 skipped (2 builds)\n")

    def test_every_other_result_is_a_failure(self):
        self.log("gcc", "OK", "FAIL", "TIMEOUT", "ERROR", "INTERRUPT", "UNEXPECTEDPASS")
        self.count("gcc", status=1, stdout="1 passed, 5 failed, 0 skipped (1 build)\n")

    def test_build_that_did_not_come_to_its_tests_is_a_failure(self):
        self.count("gcc", status=1, stdout="0 passed, 1 failed")

    def test_run_without_tests_is_a_failure(self):
        self.log("gcc")
        self.count("gcc", status=1, stdout="0 passed, 1 failed")


class RulesTest(CheckCase):
    def setUp(self):
        super().setUp()
        self.write("docs/isa.md", "- **[ALU-1]** Sums wrap.\n| INSN-ADD | sum |\n| INSN-LR.W | load |\n")
        self.write("docs/devices.md", "- **[DEV-BUS-1]** As ALU-1 says, [ALU-9] is not defined here.\n")

    def rules(self, *options, **expected):
        return self.check("check_rules.py", self.root, *options, **expected)

    def test_every_rule_with_a_test_passes(self):
        self.write("tests/a.c", "/* rules: ALU-1 INSN-*. Then words.\n */\n")
        self.write("tests/b/b.py", "# rules: ALU-1,\n#   DEV-BUS-1\n")
        self.rules(stdout="4 rules, 4 with a test, 0 complaints")

    def test_a_rule_without_a_test_fails(self):
        self.write("tests/a.c", "/* rules: ALU-1, INSN-ADD, INSN-LR.W */\n")
        self.rules(status=1, stdout="docs/devices.md:1: DEV-BUS-1 has no test")

    def test_an_unknown_rule_fails(self):
        self.write("tests/a.c", "\n/* rules: ALU-1, INSN-*, DEV-BUS-1, ALU-2 */\n")
        self.rules(status=1, stdout="tests/a.c:2: no rule is called ALU-2")

    def test_a_rule_defined_twice_fails(self):
        self.write("docs/isa.md", "- **[ALU-1]** A.\n- **[ALU-1]** B.\n")
        self.write("tests/a.c", "/* rules: ALU-1 DEV-BUS-1 */\n")
        self.rules(status=1, stdout="docs/isa.md:2: ALU-1 is defined a second time")

    def test_no_rules_at_all_fails(self):
        self.write("docs/isa.md", "nothing\n")
        self.write("docs/devices.md", "nothing\n")
        self.write("tests/a.c", "")
        self.rules(status=1, stdout="0 rules")

    def test_a_list_is_never_a_failure(self):
        self.write("tests/a.c", "/* rules: ALU-1 */\n")
        self.rules("--list", stdout="ALU-1          docs/isa.md:1        tests/a.c:1\n")


if __name__ == "__main__":
    cli.main()
