"""A folder for each test, in which sources are assembled and linked and the result is looked at."""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
import cli  # noqa: E402


class LinkCase(cli.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def path(self, program):
        """A program of the build by its name."""
        return next(str(pathlib.Path(p).resolve()) for p in cli.arguments
                    if pathlib.Path(p).name == program)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def assemble(self, name, source):
        """Assembles source as NAME.s into NAME.o."""
        self.write(f"{name}.s", source)
        self.run_program([self.path("tg-as"), "-o", f"{name}.o", f"{name}.s"], cwd=self.folder)
        return f"{name}.o"

    def archive(self, name, *members):
        subprocess.run(["ar", "rc", name, *members], cwd=self.folder, check=True)
        return name

    def link(self, *words, **expected):
        return self.run_program([self.path("tg-ld"), "-o", "out.tg", *words], cwd=self.folder,
                                **expected)

    def run_it(self, *options, **expected):
        return self.run_program([self.path("tollgate"), "run", "--quiet", *options, "out.tg"],
                                cwd=self.folder, **expected)

    def symbols(self):
        """Values by name."""
        text = subprocess.run(["nm", "out.tg"], cwd=self.folder, check=True, text=True,
                              capture_output=True).stdout
        return {name: int(value, 16) for value, name in re.findall(r"(?m)^(\w+) \w (.+)$", text)}

    def segments(self):
        """Address, load address, access of each."""
        text = subprocess.run(["readelf", "-lW", "out.tg"], cwd=self.folder, check=True, text=True,
                              capture_output=True).stdout
        rows = re.findall(r"LOAD\s+\w+ 0x(\w+) 0x(\w+) \w+ \w+ ([RWE ]{3}) 0x1000", text)
        return [(int(a, 16), int(b, 16), access.replace(" ", "")) for a, b, access in rows]

    def entry(self):
        text = subprocess.run(["readelf", "-h", "out.tg"], cwd=self.folder, check=True, text=True,
                              capture_output=True).stdout
        return int(re.search(r"Entry point address:\s+0x(\w+)", text)[1], 16)

    def sections(self):
        """Contents by name, of sections that have any."""
        found = {}
        text = subprocess.run(["readelf", "-SW", "out.tg"], cwd=self.folder, check=True, text=True,
                              capture_output=True).stdout
        data = (self.folder / "out.tg").read_bytes()
        for name, kind, offset, size in re.findall(
                r"\] (\S+)\s+(\w+)\s+\w{8} (\w+) (\w+)", text):
            if kind != "NOBITS":
                found[name] = data[int(offset, 16):int(offset, 16) + int(size, 16)]
        return found
