"""The append-only log of a sweep's events on one machine: lines of JSON, found by their offsets.

The technique is the write-ahead log: a record counts only once it is written, and is not sent
before. ::

    {"log": "5f…", "session": "9c…", "boot": "41…"}     the header
    {"event": "accepted", "job": "digits-0-1"}
    {"event": "launched", "job": "digits-0-1", "handle": {"pids": [812]}}
    {"event": "ended", "job": "digits-0-1", "failure": null}

If the machine was restarted since the header was written, the file may lack records that a driver
has read, because nothing is flushed to the disk. So the daemon then appends another header, with
another id. A driver's offsets are valid for one id only.
"""

from __future__ import annotations

import json
import os
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

NAME = "events.log"
_CHUNK = 1 << 20
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Record(NamedTuple):
    """A record that is in the log, or about to be."""

    event: dict[str, Any]
    end: int
    """Offset of the first byte after the record."""
    line: bytes


class Span(NamedTuple):
    """Where the records of a job are."""

    start: int
    """Offset of the record ``accepted``, with which they begin."""
    end: int
    """Offset after the latest record."""
    ended: bool


class EventLog:
    """Appends records, and reads the written records from any offset on.

    Invariants: the file ends at `size`; what was appended and is not written yet follows there,
    so that every record has its offsets from the moment when it is appended.
    """

    def __init__(self, folder: Path) -> None:
        self.trouble = ""
        """Why the file cannot be written, in the system's words; empty if it can."""
        self.jobs: dict[str, Span] = {}
        """Jobs that were accepted, without those that were refused later."""
        self.id = self.session = ""
        self.size = 0
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(folder / NAME, flags, 0o600)
        self._unwritten = bytearray()
        self._waiting: deque[Record] = deque()
        boot = self._recover()
        self._end = self.size
        if not self.id or boot != _boot_id():
            self._begin()

    @property
    def unended(self) -> list[str]:
        """Names of the jobs whose end is not in the log."""
        return [name for name, span in self.jobs.items() if not span.ended]

    def append(self, event: dict[str, Any]) -> None:
        """Add a record, which `flush` writes."""
        line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
        start = self._end
        self._end += len(line)
        self._index(event, start, self._end)
        self._waiting.append(Record(event, self._end, line))
        self._unwritten += line

    def flush(self) -> list[Record]:
        """Write the appended records, and return the records that were written by this call.

        If the system refuses, `trouble` says why, and the next call tries again.
        """
        try:
            while self._unwritten:
                written = os.write(self._file, self._unwritten[:_CHUNK])
                self.size += written
                del self._unwritten[:written]
            self.trouble = ""
        except OSError as error:
            self.trouble = error.strerror or str(error)
        done = []
        while self._waiting and self._waiting[0].end <= self.size:
            done.append(self._waiting.popleft())
        return done

    def read(self, start: int) -> list[Record]:
        """Read some of the records that begin at an offset; return none at the end of the file."""
        size = _CHUNK
        data = os.pread(self._file, size, start)
        while b"\n" not in data and len(data) == size:
            size *= 2
            data = os.pread(self._file, size, start)
        # A record of which only a part is written is not in the log yet.
        return _parse(data[: data.rfind(b"\n") + 1], start)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _begin(self) -> None:
        self.id = os.urandom(8).hex()
        # The mark of processes stays the same, so that a later daemon finds those of earlier ones.
        self.session = self.session or os.urandom(16).hex()
        self.append({"log": self.id, "session": self.session, "boot": _boot_id()})

    def _recover(self) -> str:
        """Read the whole log, and cut off a record of which only a part was written."""
        boot = ""
        while records := self.read(self.size):
            for event, end, line in records:
                self._index(event, end - len(line), end)
                if "log" in event:
                    self.id, self.session, boot = event["log"], event["session"], event["boot"]
            self.size = records[-1].end
        os.ftruncate(self._file, self.size)
        return boot

    def _index(self, event: dict[str, Any], start: int, end: int) -> None:
        kind, job = event.get("event"), event.get("job")
        if job is None:
            return
        if kind == "refused":
            self.jobs.pop(job, None)  # its name may be launched again
            return
        first = start if kind == "accepted" or job not in self.jobs else self.jobs[job].start
        self.jobs[job] = Span(first, end, kind == "ended")


def read_marks(folder: Path) -> list[str]:
    """Return the marks of the processes of a sweep, from a log that a daemon may be writing."""
    marks = []
    with suppress(OSError), (folder / NAME).open("rb") as file:
        # Every header of a log has the same mark.
        for record in _parse(file.readline(), 0):
            marks = [record.event["session"]] if "session" in record.event else []
    return marks


def _parse(data: bytes, start: int) -> list[Record]:
    records = []
    for line in data.splitlines(keepends=True):
        start += len(line)
        records.append(Record(_event(line), start, line))
    return records


def _event(line: bytes) -> dict[str, Any]:
    """Parse a record; a line that a crash of the machine has damaged has no content."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _boot_id() -> str:
    """Return the boot id of the machine; empty if the system has none."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
