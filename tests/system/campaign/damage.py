"""Damage to the files of a sweep: truncated, flipped, zeroed, emptied, forged."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

JOURNAL = "journal.sqlite"
JUNK = ["null", "[]", "{}", "3", '"x"', "{", "", "[" * 5000, '{"handle": ' + "9" * 5000 + "}"]
"""Bodies of rows that are no events."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Damage to one file of a sweep, determined by a seed."""

    how: str
    file: str
    seed: int

    def __str__(self) -> str:
        """Name the damage."""
        return f"{self.how} {self.file}, seed {self.seed}"


def damages(count: int, seed: int) -> Iterator[Damage]:
    """Yield kinds of damage in turn, whose seeds are even and odd by turns for each of them."""
    kinds = [(how, f"{JOURNAL}{end}") for how in _BYTES for end in ("", "-wal")]
    kinds += [(how, JOURNAL) for how in (*_ROWS, *_FILES)]
    for number in range(count):
        rounds, kind = divmod(number, len(kinds))
        how, file = kinds[kind]
        yield Damage(how, file, seed + number + rounds)


def _truncate(data: bytearray, drawn: random.Random) -> bytes:
    return bytes(data[: drawn.randrange(len(data) + 1)])


def _flip(data: bytearray, drawn: random.Random) -> bytes:
    data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
    return bytes(data)


def _zero(data: bytearray, drawn: random.Random) -> bytes:
    begin = drawn.randrange(len(data))
    size = min(drawn.choice((1, 512, 4096)), len(data) - begin)
    data[begin : begin + size] = bytes(size)
    return bytes(data)


def _scramble(data: bytearray, drawn: random.Random) -> bytes:
    begin = drawn.randrange(len(data))
    data[begin : begin + 64] = drawn.randbytes(64)
    return bytes(data)


def _forge_body(connection: sqlite3.Connection, drawn: random.Random) -> None:
    (rows,) = connection.execute("SELECT max(sequence) FROM events").fetchone()
    change = "UPDATE events SET body = ? WHERE sequence = ?"
    connection.execute(change, (drawn.choice(JUNK), drawn.randint(1, rows)))


def _forge_kind(connection: sqlite3.Connection, drawn: random.Random) -> None:
    (rows,) = connection.execute("SELECT max(sequence) FROM events").fetchone()
    kind = drawn.choice(["", "opened", "measured", "started", "session", "nothing"])
    connection.execute(
        "UPDATE events SET kind = ? WHERE sequence = ?", (kind, drawn.randint(1, rows))
    )


def _forge_plan(connection: sqlite3.Connection, drawn: random.Random) -> None:
    connection.execute("UPDATE sweep SET plan = ?", (drawn.choice(JUNK),))


def _delete_rows(connection: sqlite3.Connection, drawn: random.Random) -> None:
    connection.execute("DELETE FROM events WHERE sequence % 5 = ?", (drawn.randrange(5),))


def _drop(connection: sqlite3.Connection, drawn: random.Random) -> None:
    connection.execute(f"DROP TABLE {drawn.choice(['events', 'sweep'])}")


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _replace_by_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _replace_by_text(file: Path) -> None:
    file.write_text("not a database\n" * 1000)


def _link_into_nothing(file: Path) -> None:
    file.unlink()
    file.symlink_to("/nonexistent/journal.sqlite")


def _remove(file: Path) -> None:
    file.unlink()


_BYTES = {"truncate": _truncate, "flip": _flip, "zero": _zero, "scramble": _scramble}
_ROWS = {
    "forge a body in": _forge_body,
    "forge a kind in": _forge_kind,
    "forge the plan in": _forge_plan,
    "delete rows of": _delete_rows,
    "drop a table of": _drop,
}
_FILES: dict[str, Callable[[Path], None]] = {
    "empty": _empty,
    "replace by a folder": _replace_by_folder,
    "replace by text": _replace_by_text,
    "link into nothing": _link_into_nothing,
    "remove": _remove,
}


def inflict(damage: Damage, sweep: Path) -> None:
    """Damage a file of a sweep."""
    drawn = random.Random(damage.seed)  # noqa: S311 - no secret
    file = sweep / damage.file
    if damage.how in _BYTES:
        data = bytearray(file.read_bytes())
        file.write_bytes(_BYTES[damage.how](data, drawn) if data else b"")
    elif damage.how in _ROWS:
        with closing(sqlite3.connect(file)) as connection, connection:
            _ROWS[damage.how](connection, drawn)
    else:
        _FILES[damage.how](file)
