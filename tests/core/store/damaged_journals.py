"""Journals whose bytes are damaged: truncated, flipped or zeroed at random places."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sweepwright.core.store.entries import Entry
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.core.store.sweep_files import JOURNAL
from tests.core.simulated_sweeps import simulate_sweep, sweep


def _flip(content: bytearray, draw: random.Random) -> None:
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)


def _truncate(content: bytearray, draw: random.Random) -> None:
    del content[draw.randrange(len(content)) :]


def _zero(content: bytearray, draw: random.Random) -> None:
    start, length = draw.randrange(len(content)), draw.choice((1, 16, 512, 4096))
    content[start : start + length] = bytes(len(content[start : start + length]))


def _scramble(content: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(content))
    end = min(start + draw.choice((2, 64, 4096)), len(content))
    content[start:end] = draw.randbytes(end - start)


_DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip,
    _flip,
    _truncate,
    _zero,
    _scramble,
)


def write_sweep(store: Path, trials: int = 12) -> Path:
    """Run a sweep with two sessions in a store, and return its folder."""
    simulated = simulate_sweep(store)
    limits = sweep(max_trials=trials).limits
    simulated.run(sweep(max_trials=trials // 2))
    simulated.resume(replace(limits, max_trials=trials))
    return simulated.folder


def damaged_copies(journal: Path, count: int) -> Iterator[int]:
    """Damage a journal `count` times, each time starting from what it was; yield the number."""
    sound = journal.read_bytes()
    for number in range(count):
        draw = random.Random(number)  # noqa: S311 - repeatable damage, no secret
        content = bytearray(sound)
        draw.choice(_DAMAGES)(content, draw)
        journal.write_bytes(content)
        yield number
    journal.write_bytes(sound)


def read_entries(folder: Path) -> list[Entry]:
    """Read all entries of a journal, without tolerance."""
    with closing(JournalReader(folder)) as reader:
        return list(reader.entries())


def journal_of(folder: Path) -> Path:
    """Return the file of a sweep's journal."""
    return folder / JOURNAL
