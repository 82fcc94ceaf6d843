"""Files of attempts, for platforms that keep them outside the sweep's folder.

The files of an attempt have the same names on every platform, relative to the attempt's folder:

- ``<role>-<rank>.stdout`` and ``<role>-<rank>.stderr`` hold the output of a process;
- ``checkpoint/`` holds the complete checkpoint of an attempt that succeeded;
- ``tensorboard/`` holds what the trial wrote to `tensorboard_dir`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..events import Json


@dataclass(frozen=True, slots=True)
class AttemptRef:
    """An attempt whose files are wanted."""

    trial: int
    attempt: int
    job: str
    """Name of the attempt's job."""
    handle: Json = None
    """The job's handle from its `Launched` event; None if no driver saw the job start."""


@dataclass(frozen=True, slots=True)
class AttemptFile:
    """A file of an attempt."""

    path: str
    """Path below the attempt's folder, with ``/`` between its names: ``checkpoint/model.pt``."""
    size: int
    """Size in bytes; the file of a running attempt may grow."""


class AttemptFiles(Protocol):
    """Reads the files of attempts, whether they are running or have ended.

    Reading has no effect on jobs, and works while a driver runs the sweep. Each method raises
    `ConnectionError`, with a message of one line, if the files cannot be reached.
    """

    def list(self, attempt: AttemptRef) -> Sequence[AttemptFile]:
        """List all ordinary files of an attempt, in any order, without following links.

        Raises
        ------
        FileNotFoundError
            If nothing is known of the attempt: it has not begun, or its files were removed.
        """
        ...

    def read(self, attempt: AttemptRef, path: str, offset: int, limit: int) -> bytes:
        """Return up to `limit` bytes of a file from `offset` on; empty at the end of the file.

        Raises
        ------
        FileNotFoundError
            If the attempt has no such ordinary file.
        """
        ...

    def close(self) -> None:
        """Release all connections; a second call does nothing."""
        ...
