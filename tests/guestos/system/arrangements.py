"""The arrangements that the tests of the whole system run in, and how: the same kernel, the same disk, other boot words."""
import pathlib
import re
import shutil
import subprocess

# name: boot words
ARRANGEMENTS = {
    "syscall": "services=kernel",
    "message": "services=server",
    "queue": "services=kernel calls=queue",
    "message-queue": "services=server calls=queue",
    "files-apart": "services=kernel disk=server fs=server",
    "files-inside": "services=server disk=kernel fs=kernel memory=kernel calls=queue",
    "polled": "services=kernel calls=queue poll=1",
    "message-polled": "services=server calls=queue poll=1",
}
CPUS = (1, 2, 4)
LEAST_CPUS = {"polled": 2, "message-polled": 2}
DONE = re.compile(r"^done (\d+)$", re.MULTILINE)
# what the process service says of programs that faulted, as tests make them do by the hundred
NOISE = re.compile(r"^\S+ \(pid \d+\) ended: .*\n", re.MULTILINE)


def cpus_of(arrangement):
    """The numbers of CPUs that it is tested on."""
    return [cpus for cpus in CPUS if cpus >= LEAST_CPUS.get(arrangement, 1)]


def one_place_each():
    """Each arrangement with one number of CPUs, all of which come up."""
    for number, name in enumerate(ARRANGEMENTS):
        yield name, cpus_of(name)[number % len(cpus_of(name))]


class System:
    """Turnpike as it was built: the programs, and runs of it."""

    def __init__(self, tollgate, kernel, disk, fsck):
        self.tollgate, self.kernel, self.disk, self.fsck = tollgate, kernel, disk, fsck

    def command(self, arrangement, line, *options, disk=None, cpus=1, max_insns="8G"):
        """The command that boots the system and runs a line of the shell's in place of the shell."""
        words = ARRANGEMENTS[arrangement] + (f' run="{line}"' if line else "")
        return [str(word) for word in (self.tollgate, "run", "--quiet", "--cpus", cpus, "--max-insns",
                max_insns, "--disk", disk or self.disk, "--boot", words, *options, self.kernel)]

    def run(self, *arguments, timeout=600, **options):
        """subprocess's result of that command; outputs as text."""
        return subprocess.run(self.command(*arguments, **options), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", check=False,
                              timeout=timeout)

    def cut_power(self, arrangement, insns, folder, cpus=1):
        """Stops a run that changes files after so many instructions, checks the disk, boots again and compares with
        what was said to be done. None, or what is wrong."""
        disk = pathlib.Path(folder) / "disk.img"
        shutil.copyfile(self.disk, disk)
        cut = self.run(arrangement, "powercut 100000", "--disk-write", disk=disk, cpus=cpus,
                       max_insns=insns)
        if cut.returncode != 100:
            return f"the run that was to be cut ended with status {cut.returncode}:\n{cut.stdout[-500:]}"
        check = subprocess.run([self.fsck, disk], capture_output=True, text=True, check=False)
        if check.returncode != 0:
            return f"the disk is damaged:\n{check.stdout}{check.stderr}"
        done = DONE.findall(cut.stdout)
        if not done:
            return None
        again = self.run(arrangement, f"powercut -c {done[-1]}", disk=disk, cpus=cpus)
        if again.returncode != 0:
            return f"after change {done[-1]}, status {again.returncode}:\n{again.stdout[-1000:]}"
        return None


if __name__ == "__main__":  # for meson.build, which has a test for each
    print(*ARRANGEMENTS)
