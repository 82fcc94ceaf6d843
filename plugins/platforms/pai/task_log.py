"""Reads the log of one task, as often as wanted, through the addresses that OpenPAI gives.

An address carries a token that expires, so it is asked for again when it no longer works. OpenPAI
serves either a whole log or its last 16 KiB. A reader that needs no more than the latter covers
gets the latter; otherwise it gets all there is, with the part that was rotated away before it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sweepwright.events import Json
from sweepwright.runner_client.pods.log_lines import OPENING

from .client import ApiError, Client

STREAM = "stdout"
"""Name of the log that the agent writes; in ``all``, lines of the standard error come between."""
_ROTATED = f"{STREAM}.1"
_BLOCK = 1 << 13
_EXPIRED = (401, 403, 404)
_GONE = 404


@dataclass(frozen=True, slots=True)
class LogCopy:
    """A part of a log that reaches up to its present end."""

    data: bytes
    whole: bool
    """Whether it begins where the log does, and not in the middle of a line."""


class TaskLog:
    """The log of one task of one job."""

    def __init__(self, client: Client, job: str, role: str, index: int = 0) -> None:
        self._client = client
        self._path = f"{job}/attempts/0/taskRoles/{role}/taskIndex/{index}/attempts/0/logs"
        self._addresses: dict[bool, Mapping[str, str]] = {}

    def read(self, position: Json) -> LogCopy:
        """Read the log so far, or only its end if that has all that follows the position.

        Raises
        ------
        PaiError
            When the log cannot be read; with status 404 if there is none, or not yet.
        """
        if position["run"]:
            tail = self._read(STREAM, tail=True)
            if covers(tail, position):
                return LogCopy(tail, whole=False)
        data = self._read(STREAM)
        if not covers(data, position):
            if position["run"]:
                del self._addresses[False]  # a rotated part may be new
            data = self._rotated() + data
        return LogCopy(data, whole=True)

    def _rotated(self) -> bytes:
        try:
            return self._read(_ROTATED)
        except ApiError:
            return b""

    def _read(self, name: str, *, tail: bool = False) -> bytes:
        known = tail in self._addresses
        try:
            return self._content(name, tail=tail)
        except ApiError as error:
            if not known or error.status not in _EXPIRED:
                raise
        del self._addresses[tail]
        return self._content(name, tail=tail)

    def _content(self, name: str, *, tail: bool) -> bytes:
        if tail not in self._addresses:
            self._addresses[tail] = self._locate(tail=tail)
        uri = self._addresses[tail].get(name)
        if uri is None:
            raise ApiError(_GONE, "NoTaskLogError", f"there is no log `{name}`")
        data = self._client.read(uri)
        return without_breaks(data) if "/log-manager/" in uri else data

    def _locate(self, *, tail: bool) -> Mapping[str, str]:
        # The published description calls the query `tailMode`; the server reads `tail-mode`.
        query = {"tail-mode": "true"} if tail else None
        found: Any = self._client.json("GET", f"/jobs/{self._path}", query)
        return {each["name"]: each["uri"] for each in found["locations"]}


def without_breaks(data: bytes) -> bytes:
    """Remove the line break that OpenPAI's log manager adds after each block of 8 KiB."""
    step = _BLOCK + 1
    return b"".join(data[at : at + step].removesuffix(b"\n") for at in range(0, len(data), step))


def covers(data: bytes, position: Json) -> bool:
    """Tell whether a part of a log has everything that follows a position."""
    begin = 0 if data.startswith(OPENING) else data.find(b"\n" + OPENING) + 1
    end = data.find(b"\n", begin)
    if end < 0 or not data.startswith(OPENING, begin):
        return False
    try:
        found = json.loads(data[begin:end])
        # A mark has the number of the latest event, which stands before it.
        number = found["sweepwright_record"] - (found.get("event") != "mark")
        known: bool = found["run"] == position["run"] and found["text"] <= position["text"]
    except (ValueError, KeyError, TypeError):
        return False
    return known and number <= position["at"]
