"""A driver that is attached to a daemon: its messages, and the records that it must get.

A driver gets the records of the jobs that it follows, in the order of the log. As long as it reads
as fast as records are written, they come from memory. If it lags, or has just adopted jobs, it is
sent the content of the file, piece by piece, so that a driver that never reads costs no memory.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from .event_log import EventLog, Record

LONGEST_LINE = 1 << 24
"""Maximum length of a message from a driver, in bytes."""
_FULL = 1 << 20
"""Number of unsent bytes beyond which records are no longer kept in memory for a driver."""
_LOST = 1 << 24
"""Number of unsent bytes beyond which a driver is dropped, because it sends but never reads."""
_CHUNK = 1 << 16
_CLOSING = ("ended", "refused")


class AttachedClient:
    """The connection with a driver; never blocks.

    Invariants: of each job in `_follows`, the records whose end is at most the job's offset were
    sent or are not wanted. Of all jobs in it, records up to `_position` were sent, and records
    beyond were not; if `_position` is None, everything in the log was sent.
    """

    def __init__(self, source: int, sink: int, log: EventLog) -> None:
        self.source = source
        self.sink = sink
        self._log = log
        self._follows: dict[str, int] = {}
        self._position: int | None = None
        self._received = bytearray()
        self._unsent = bytearray()
        self._gone = False
        for file in (source, sink):
            os.set_blocking(file, False)

    def receive(self) -> list[dict[str, Any]] | None:
        """Read the messages that have arrived; return None once the driver is gone."""
        try:
            data = os.read(self.source, _CHUNK)
        except BlockingIOError:
            return []
        except OSError:
            return None
        self._received += data
        if not data or len(self._received) > LONGEST_LINE:
            return None
        if b"\n" not in data:
            return []
        *lines, rest = self._received.split(b"\n")
        self._received = rest
        return [_parse(bytes(line)) for line in lines]

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message that is not in the log."""
        self._unsent += json.dumps(message, separators=(",", ":")).encode() + b"\n"

    def follow(self, offsets: Mapping[str, int]) -> None:
        """Send the records of these jobs that end after the given offsets, old ones and new."""
        current = self._log.size if self._position is None else self._position
        for name, offset in self._follows.items():
            self._follows[name] = max(offset, current)
        jobs = self._log.jobs
        starts = {name: max(offset, jobs[name].start) for name, offset in offsets.items()}
        self._follows.update(starts)
        first = min(starts.values(), default=current)
        if first < current:
            self._position = first

    def on_written(self, records: Iterable[Record]) -> None:
        """Send the new records of the log."""
        if self._position is not None:
            return  # they are read from the file when their turn comes
        for record in records:
            self._add(record)
            if len(self._unsent) > _FULL:
                self._position = record.end
                return

    def flush(self) -> bool:
        """Send as much as the driver accepts now; return whether something may be left.

        Reads one piece of the log, because jobs must not wait while a driver reads a long log.
        """
        if len(self._unsent) < _FULL:
            self._read_log()
        while self._unsent and not self._gone:
            try:
                sent = os.write(self.sink, self._unsent[:_CHUNK])
            except BlockingIOError:
                return True
            except OSError:
                self._gone = True
                return False
            del self._unsent[:sent]
        # A piece may hold nothing that the driver wants, and the next one something.
        return self._position is not None and not self._gone

    @property
    def gone(self) -> bool:
        """Whether the driver has stopped reading."""
        return self._gone or len(self._unsent) > _LOST

    def close(self) -> None:
        """Close the connection."""
        os.close(self.source)
        os.close(self.sink)

    def _read_log(self) -> None:
        if self._position is None:
            return
        records = self._log.read(self._position)
        for record in records:
            self._add(record)
        self._position = records[-1].end if records else None

    def _add(self, record: Record) -> None:
        job = record.event.get("job")
        if job is None or record.end <= self._follows.get(job, record.end):
            return
        # The line continues with the members of the record itself.
        self._unsent += b'{"at":%d,' % record.end + record.line[1:]
        if record.event["event"] in _CLOSING:
            del self._follows[job]


def _parse(line: bytes) -> dict[str, Any]:
    """Parse a message; an invalid message is treated as an empty one."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
