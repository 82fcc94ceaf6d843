"""A command line that receives a signal at a chosen moment of its process.

A moment is the number of an audit event: CPython raises one for each import, opened file,
directory, socket and more. An audit hook, which ``sitecustomize`` installs, counts the events from
the first import of ours, and sends the signal to its own process. A moment is therefore the same
point of the program however fast the machine is.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOOK = """
import os, signal, sys

first, number, left, log = os.environ.pop("TEST_SIGNAL_MOMENT").split("|")
process, left, seen, begun = os.getpid(), int(left), 0, False
send = os.kill

def count(event, arguments):
    global seen, begun
    begun = begun or (event == "import" and arguments[0] == first)
    if begun and os.getpid() == process:
        seen += 1
        if seen == left:
            send(process, int(number))

sys.addaudithook(count)
if log:
    import atexit
    atexit.register(lambda: open(log, "w").write(str(seen)))
"""
RUN_PY = [sys.executable, str(ROOT / "run.py")]
SCRIPT = [str(Path(sys.executable).with_name("sweepwright"))]


class Moments:
    """Runs command lines of one entry point in a folder."""

    def __init__(self, folder: Path, entry: list[str]) -> None:
        self.folder = folder
        self._entry = entry
        # `run.py` heeds signals before the first import of ours. A console script is written by
        # the installer, and heeds them from the first statement of `main`.
        self._first = "sweepwright" if entry is RUN_PY else "sweepwright.core.cli.error_handling"
        self._site = folder / "site"
        self._site.mkdir()
        (self._site / "sitecustomize.py").write_text(HOOK)

    def count(self, *typed: str) -> int:
        """Run a command line to its end, and return the number of its moments."""
        log = self.folder / "count"
        ran = self._run(typed, 0, 0, str(log))
        assert ran.returncode == 0, ran.stderr
        return int(log.read_text())

    def send(self, number: int, moment: int, *typed: str) -> subprocess.CompletedProcess[str]:
        """Run a command line that receives a signal at a moment."""
        return self._run(typed, number, moment, "")

    def _run(
        self, typed: tuple[str, ...], number: int, moment: int, log: str
    ) -> subprocess.CompletedProcess[str]:
        chosen = f"{self._first}|{int(number)}|{moment}|{log}"
        path = os.pathsep.join(filter(None, [str(self._site), os.environ.get("PYTHONPATH")]))
        return subprocess.run(
            [*self._entry, *typed],
            env={**os.environ, "PYTHONPATH": path, "TEST_SIGNAL_MOMENT": chosen},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
