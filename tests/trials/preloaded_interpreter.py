"""An interpreter that imports libraries once, and forks a process for each program that it runs.

Libraries take seconds to import, and many programs run for less than one second.
Programs run as ``python`` would run them; each has its own process, environment and streams.
"""

import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sweepwright.runner.fork_server.exit_reasons import ExitReason
from sweepwright.runner.fork_server.preload import drop_exit_handlers, preload
from sweepwright.runner.fork_server.run_python import (
    file_main,
    module_main,
    run_to_exit,
)

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}
SECONDS = 60


class PreloadedInterpreter:
    """Runs programs, one at a time, in forks of a process that has imported `libraries`."""

    def __init__(self, libraries: Sequence[str], folder: Path) -> None:
        self._streams = [folder / "stdout", folder / "stderr"]
        self._server = subprocess.Popen(
            [sys.executable, "-W", "error", __file__, *libraries],
            env={**os.environ, **QUIET},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, arguments: Sequence[str], tolerated: str, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run ``python …``; warnings are errors, apart from those `tolerated` as for ``-W``."""
        assert self._server.stdin
        assert self._server.stdout
        program = {"arguments": arguments, "tolerated": tolerated, "environment": environment}
        program["streams"] = list(map(str, self._streams))
        self._server.stdin.write(json.dumps(program) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        printed = [path.read_text() for path in self._streams]
        return subprocess.CompletedProcess(arguments, code, *printed)

    def close(self) -> None:
        """End the interpreter."""
        self._server.communicate(timeout=SECONDS)


def serve(libraries: Sequence[str]) -> None:
    """Run each program that is read in a fork, and print its exit code."""
    if problem := preload(libraries):
        raise SystemExit(problem["message"])
    drop_exit_handlers()
    while program := sys.stdin.readline():
        if not (process := fork()):
            begin(json.loads(program))
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()
    os._exit(0)  # without freeing all that the libraries hold, which takes a second


def fork() -> int:
    with warnings.catch_warnings():
        # Python 3.12 and later warn of threads. Those of libraries have nothing to do yet.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def begin(program: Mapping[str, Any]) -> None:
    """Run a program in this process, and end it."""
    for number, path in enumerate(program["streams"], start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    signal.alarm(SECONDS)  # which ends a program that hangs
    os.environ.clear()
    os.environ.update(program["environment"])
    warnings._setoption(program["tolerated"])  # type: ignore[attr-defined]
    match program["arguments"]:
        case ["-m", module, *words]:
            main = module_main(module, words)
        case ["-c", text]:
            sys.argv[:] = ["-c"]
            main = partial(exec, text, {"__name__": "__main__"})
        case [file, *words]:
            main = file_main(file, words)
    run_to_exit(main, None, ExitReason())


if __name__ == "__main__":
    serve(sys.argv[1:])
