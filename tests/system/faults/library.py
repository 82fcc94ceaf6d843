"""Faults of the machine: builds `faults.c` and sets it up for a process.

A rule names a process, a call, the file, and what happens. For example, the third write to a
journal fails because the disk is full::

    Fault("driver", "write", errno.ENOSPC, path="journal.sqlite", first=3)
"""

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

COMPILER = shutil.which("cc")
"""The C compiler; tests that need it are skipped where it is None."""
SOURCE = Path(__file__).with_name("faults.c")


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule by which calls of one function fail, or kill the process that makes them."""

    process: str
    """``driver``, ``server`` (any process of a fork server) or ``any``."""
    call: str
    """Name of the function, such as ``fsync``; `faults.c` lists them."""
    error: int | None
    """The errno with which the call fails; None kills the process instead."""
    path: str = ""
    """Text that the path of the call's file must contain."""
    first: int = 1
    """Number of the first call that fails, from 1; each process counts its own calls."""
    times: int = 1
    """Number of calls that fail; 0 for all that follow."""

    def __str__(self) -> str:
        """Return the rule as `faults.c` reads it."""
        action = "kill" if self.error is None else self.error
        fields = (self.process, self.call, self.path, self.first, self.times, action)
        return ",".join(map(str, fields))


@cache
def build() -> Path:
    """Compile the library, once per process.

    Raises
    ------
    RuntimeError
        If there is no C compiler.
    """
    if COMPILER is None:
        raise RuntimeError("the library of faults needs a C compiler")
    library = Path(mkdtemp(prefix="faults-")) / "faults.so"
    subprocess.run(
        [COMPILER, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True
    )
    return library


def with_faults(
    environment: Mapping[str, str], faults: Iterable[Fault], log: Path | None = None
) -> dict[str, str]:
    """Return an environment in which the given calls fail, and are noted in `log`."""
    rules = {"LD_PRELOAD": str(build()), "FAULTS": ";".join(map(str, faults))}
    return {**environment, **rules, **({"FAULTS_LOG": str(log)} if log else {})}
