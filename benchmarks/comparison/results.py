"""Results on disk: append-only, one line for each run; the last line of a run counts."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Generic, TypeVar

R = TypeVar("R")
"""What identifies a run: a dataclass, one of whose fields is `tuner`."""


class Results(Generic[R]):
    """The records in a folder, in a file of JSON lines for each tuner."""

    def __init__(self, folder: Path, kind: type[R]) -> None:
        self._folder = folder
        self._kind = kind
        self._keys = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        folder.mkdir(parents=True, exist_ok=True)

    def read(self) -> dict[R, Mapping[str, Any]]:
        """Read all records, ignoring an incomplete last line."""
        found: dict[R, Mapping[str, Any]] = {}
        for path in sorted(self._folder.glob("*.jsonl")):
            for line in path.read_text().splitlines():
                if record := _record(line):
                    found[self._kind(**{key: record[key] for key in self._keys})] = record
        return found

    def append(self, record: Mapping[str, Any]) -> None:
        """Add a record, on a line of its own."""
        name = re.sub(r"[^\w.=-]+", "_", record["tuner"])
        path = self._folder / f"{name}.jsonl"
        with path.open("ab+") as file:
            cut_off = file.tell() > 0 and _last_byte(path) != b"\n"
            line = json.dumps(record, separators=(",", ":")).encode()
            file.write(b"\n" * cut_off + line + b"\n")


def _record(line: str) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return record


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read()
