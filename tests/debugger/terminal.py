"""A program on a pseudo-terminal, as a person has it: type, wait for what appears."""
import os
import pty
import re
import select
import signal
import time

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x07")


class Terminal:
    """The program; everything that it wrote is in text."""

    def __init__(self, command, **environment):
        self.text = ""
        self.seen = 0
        self.status = None
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.chdir(environment["HOME"])
            os.execve(command[0], command, {**os.environ, "TERM": "dumb", "INPUTRC": "/dev/null", **environment})

    def type(self, text):
        os.write(self.file, text.replace("\n", "\r").encode())

    def read(self, seconds):
        """Takes what has come; False at its end."""
        if not select.select([self.file], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.file, 65536)
        except OSError:
            data = b""
        self.text += ESCAPES.sub("", data.decode(errors="replace")).replace("\r\n", "\n")
        return bool(data)

    def expect(self, words, seconds=8):
        """Waits until words appear behind what was expected before; returns what came up to their end."""
        end = time.monotonic() + seconds
        while words not in self.text[self.seen:]:
            if time.monotonic() > end or not self.read(0.2):
                raise AssertionError(f"{words!r} did not appear in:\n{self.text[self.seen:]}")
        start, self.seen = self.seen, self.text.index(words, self.seen) + len(words)
        return self.text[start:self.seen]

    def command(self, line):
        """Types a line and returns what is printed before the next prompt."""
        self.type(line + "\n")
        self.expect("\n")
        return self.expect("(tg) ").removesuffix("(tg) ")

    def close(self):
        """Waits for its end; ends it when it does not."""
        end = time.monotonic() + 20
        while time.monotonic() < end and self.read(0.2):
            pass
        if time.monotonic() >= end:
            os.kill(self.pid, signal.SIGKILL)
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.file)
        return self.status
