"""Studies in processes of their own, and what they leave in memory."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

STUDY = """
architectures = [[4, 4, 4], [8, 8], [6, 6]]
replicas = 2
recipe.epochs = {epochs}
[[datasets]]
name = "circles"
n_train = 60
n_test = {n_test}
k = [4, 8]
"""
HEARS = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); "
"""Under ``nohup``, as whoever runs the tests may be, a child would leave SIGHUP ignored."""

RUN = f"{HEARS}import sys; from geoflow.cli import main; sys.exit(main())"


def command(study, jobs):
    """Return the command that runs a study into g.duckdb."""
    more = ("study", "run", study, "--db", "g.duckdb", "--jobs", str(jobs))
    return [sys.executable, "-c", RUN, *more]


def soon(is_so, seconds=30):
    """Wait until something is so, and say whether it ever was."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def start(folder, epochs, jobs=2, n_test=30, more=(), **options):
    """Run a study in a process of its own."""
    (folder / "small.toml").write_text(STUDY.format(epochs=epochs, n_test=n_test))
    return subprocess.Popen(
        [*command("small.toml", jobs), *more],
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        **options,
    )


def workers(pid):
    """Return the processes at work for a process."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if int(stat[1]) == pid and b"popen_loky" in command:
            found.append(int(entry.name))
    return found


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


def group(leader):
    """Return the processes of a group that have not ended."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(stat[2]) == leader and stat[0] != "Z":
            found.append(int(entry.name))
    return found


def shared(pid):
    """Return what loky has in shared memory for a process."""
    return [path.name for path in Path("/dev/shm").glob(f"*loky-{pid}-*")]
