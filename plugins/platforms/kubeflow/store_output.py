"""What the platform writes to the sweep's folder: output of trials, and how jobs have ended."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sweepwright.events import Failure, FailureKind, Json

from .jobs.active_job import ActiveJob, Outcome
from .jobs.causes import CANCELLED

LONGEST_OUTPUT = 64 << 20
"""Number of bytes that are kept of the beginning of an output."""
_LONGEST_TAIL = 1 << 18
"""Number of bytes that are kept of its end."""
FOLDER = "ended-jobs"
"""Folder in the sweep's folder with the outcomes that the journal may not have yet."""


@dataclass(frozen=True, slots=True)
class SavedEnd:
    """The end of a job whose object may be deleted already."""

    uid: str
    """Uid of the job's object; empty if a driver has cancelled a job that it did not look for."""
    handle: Json
    """The job's handle; None if the job was not seen to run."""
    outcome: Outcome
    lines: Sequence[tuple[Json, str]]
    """Cursor and text of the last lines of the job, which the journal may not have."""

    def lines_after(self, cursor: Json) -> Sequence[tuple[Json, str]]:
        """Return the lines after a cursor; all of them if there is none."""
        read = cursor["log"]["at"] if cursor else 0
        return [(at, line) for at, line in self.lines if at["log"]["at"] > read]


class StoreOutput:
    """Files of one sweep's folder."""

    def __init__(self, folder: Path) -> None:
        self._trials = folder / "trials"
        self._ended = folder / FOLDER
        self._tails: dict[tuple[str, str], bytes] = {}
        """Ends of outputs that are too long to be kept, by job and process."""

    def write_text(self, job: ActiveJob, process: str, offset: int, data: bytes) -> None:
        """Write output of a process at a place in its file, or to its end if it is too long.

        A full disk stops the driver at its journal. What is printed meanwhile is not worth more.
        """
        path = f"{self._trials}/{job.trial}/{job.attempt}/{process}.stdout"
        with suppress(OSError):
            file = _open_output(path)
            try:
                if kept := data[: max(0, LONGEST_OUTPUT - offset)]:
                    os.pwrite(file, kept, offset)
                if rest := data[len(kept) :]:
                    self._write_tail(file, (job.name, process), rest)
            finally:
                os.close(file)

    def _write_tail(self, file: int, key: tuple[str, str], rest: bytes) -> None:
        """Replace what the file has after its beginning by the newest output."""
        tail = self._tails[key] = (self._tails.get(key, b"") + rest)[-_LONGEST_TAIL:]
        kept = f"{LONGEST_OUTPUT >> 20} MiB"
        note = f"\n[sweepwright keeps the first {kept} of this output, and its end:]\n".encode()
        os.ftruncate(file, LONGEST_OUTPUT + os.pwrite(file, note + tail, LONGEST_OUTPUT))

    def save_end(self, job: ActiveJob) -> str:
        """Write down how a job has ended; return why that failed, or an empty text."""
        assert job.outcome is not None, "the job has not ended"
        lines = [(cursor, line) for _, cursor, line in job.lines]
        handle = job.handle if job.launched else None
        return self._save(job.name, SavedEnd(job.uid, handle, job.outcome, lines))

    def note_cancelled(self, name: str) -> None:
        """Write down, if possible, that a job of an earlier driver is to end."""
        self._save(name, SavedEnd("", None, Outcome(CANCELLED), ()))

    def read_end(self, name: str) -> SavedEnd | None:
        """Return how a job has ended; None if an earlier driver has not written it down."""
        try:
            found = json.loads(self._path(name).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        failure = found["failure"]
        return SavedEnd(
            found["uid"],
            found["handle"],
            Outcome(failure and Failure(FailureKind(failure["kind"]), failure["message"])),
            [(cursor, line) for cursor, line in found["lines"]],
        )

    def forget_end(self, name: str) -> None:
        """Remove what the journal has by now."""
        self._tails = {key: tail for key, tail in self._tails.items() if key[0] != name}
        with suppress(OSError):
            self._path(name).unlink()

    def _save(self, name: str, end: SavedEnd) -> str:
        """Write down the end of a job, whole or not at all."""
        failure = end.outcome.failure
        document = {
            "uid": end.uid,
            "handle": end.handle,
            "failure": failure and {"kind": failure.kind, "message": failure.message},
            "lines": list(end.lines),
        }
        path = self._path(name)
        part = path.with_suffix(".part")
        try:
            path.parent.mkdir(exist_ok=True)
            with part.open("w", encoding="utf-8") as file:
                file.write(json.dumps(document))
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            return f"{error.strerror} ({path})"
        return ""

    def _path(self, name: str) -> Path:
        return self._ended / f"{name}.json"


def _open_output(path: str) -> int:
    """Open a file for writing, and create it and its folder if they do not exist."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o666)
    except FileNotFoundError:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o666)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder outlast a crash of the machine."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
