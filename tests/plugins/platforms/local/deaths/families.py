"""A trial with many descendants, and functions that find processes."""

import time
from pathlib import Path

import psutil

FAMILY = """
    # A child, one in a session of its own, one whose parents are gone; forked and exec'ed;
    # none heeds SIGTERM.
    import os, signal, subprocess, sys, time
    from sweepwright.trial import report_intermediate_result

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    reader, writer = os.pipe()

    def spread(depth):
        if os.fork() == 0:
            if depth:
                os.setsid()
                spread(depth - 1)
                os._exit(0)
            os.write(writer, b"%d\\n" % os.getpid())
            time.sleep(600)

    for depth in range(3):
        spread(depth)
    deaf = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
    execed = [subprocess.Popen(deaf, start_new_session=own).pid for own in (True, False)]
    found = b""
    while found.count(b"\\n") < 3:
        found += os.read(reader, 100)
    with open(os.environ["WITNESS"], "w") as file:
        file.write(" ".join(map(str, [os.getpid(), *map(int, found.split()), *execed])))
    report_intermediate_result(0)
    time.sleep(float(os.environ.get("LINGER", "600")))
"""


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_until_dead(pids: list[int], seconds: float = 60.0) -> None:
    """Fail if some of the processes are alive after some seconds."""
    deadline = time.monotonic() + seconds
    while left := [pid for pid in pids if alive(pid)]:
        assert time.monotonic() < deadline, f"still alive: {left}"
        time.sleep(0.01)


def witnesses(path: Path) -> list[int]:
    """Read the process ids of a job with many descendants."""
    pids = [int(word) for word in path.read_text().split()]
    assert len(pids) == 6
    return pids


def servers() -> list[psutil.Process]:
    """Return the roots of fork servers that this process has started."""
    living = [child for child in psutil.Process().children() if alive(child.pid)]
    return [child for child in living if _command(child)[2:3] == ["root"]]


def _command(process: psutil.Process) -> list[str]:
    """Return a process's command line, which is empty for a moment while the process begins."""
    while not (words := process.cmdline()) and alive(process.pid):
        time.sleep(0.01)
    return words
