"""The log of an attempt's reports: which were read before, which are kept, how they are numbered.

An attempt may report from several processes, for example from the steps of a shell script. Each
process counts its own reports from 0. Tuners and assessors need one order, so the log gives each
report a number within its attempt. As long as only one process has reported, this is the number
that the process gave, so that lines may arrive in any order. Once several processes have reported,
their reports are numbered in the order of their arrival.

Everything that a trial can make grow is bounded: the number of reports, the memory for their
metrics, and the number of processes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sweepwright.events import Reported
from sweepwright.protocol import TrialLine

METRICS_KEPT = 4 << 20
"""Bytes of metrics, as text, that are kept for an attempt. After these, only the objective is."""
FINALS_KEPT = 10
"""Number of final results that the journal stores for an attempt. The last one always counts."""
_PROCESSES = 1000
"""Number of processes whose reports are counted for each process."""
_LARGEST_NUMBER = 1 << 62
"""Above it, there is room for more numbers in the 63 bits that the journal has."""


@dataclass(slots=True)
class ReportLog:
    """The reports of one attempt, as its processes numbered them.

    Invariants: `_read` and `_numbers` hold the kept reports only; `_count` is the number of all
    lines that were read, kept or not, and `_counts` says how many of them each of the first
    processes wrote.
    """

    dropped: int = 0
    """Number of intermediate reports that were not kept."""
    shortened: int = 0
    """Number of reports of which only the objective was kept."""
    _read: set[tuple[str, str, int]] = field(default_factory=set)
    """Role, process and number of each kept report. They reveal duplicates, because a platform
    may read a log twice. Only rank 0 of a role is heard."""
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)
    _count: int = 0
    _numbers: set[int] = field(default_factory=set)
    """The numbers of the kept reports within the attempt."""
    _last: int = -1
    """The highest of these numbers."""
    _finals: int = 0
    _bytes: int = 0

    def has(self, line: TrialLine) -> bool:
        """Tell whether a line was read before, and its report kept."""
        return (line.role, line.process, line.sequence) in self._read

    def keeps(self, line: TrialLine, limit: int) -> bool:
        """Decide whether to keep the report of a line that was not read before."""
        if line.final:
            return self._finals < FINALS_KEPT
        # The reports of other processes come on top. Otherwise, a trial with many processes would
        # never reach the limit.
        of_others = self._count - self._counts.get((line.role, line.process), 0)
        return should_keep(line.sequence + of_others, limit)

    def number(self, line: TrialLine) -> int:
        """Return the number of a line's report within the attempt, which no other report has."""
        alone = not self._counts or self._counts.keys() == {(line.role, line.process)}
        usable = line.sequence < _LARGEST_NUMBER and line.sequence not in self._numbers
        return line.sequence if alone and usable else self._last + 1

    def shorten(self, metrics: Mapping[str, Any], objective: str) -> Mapping[str, Any]:
        """Return the metrics to keep: all of them, or the objective if there is no room."""
        if self._bytes + _size(metrics) <= METRICS_KEPT:
            return metrics
        self.shortened += 1
        return {name: value for name, value in metrics.items() if name == objective}

    def add(self, report: Reported, role: str, process: str, line: int) -> None:
        """Add a report that is kept; `line` is the number that its process gave it."""
        self._read.add((role, process, line))
        self._count_line(role, process)
        self._numbers.add(report.sequence)
        self._last = max(self._last, report.sequence)
        self._finals += report.final
        self._bytes += 0 if report.final else _size(report.metrics)

    def drop(self, line: TrialLine) -> None:
        """Count a report that is not kept."""
        self.dropped += not line.final
        self._count_line(line.role, line.process)

    def _count_line(self, role: str, process: str) -> None:
        self._count += 1
        if (role, process) in self._counts or len(self._counts) < _PROCESSES:
            self._counts[role, process] = self._counts.get((role, process), 0) + 1


def should_keep(sequence: int, limit: int) -> bool:
    """Decide whether to keep the report that has this sequence number.

    All reports with numbers below the limit are kept. Above the limit, the distance between kept
    reports doubles whenever the sequence number doubles. Each doubling adds about ``limit / 2``
    reports, so the number of kept reports grows with the logarithm of the number of reports. For a
    limit of 4::

        sequence    0-3   4-7   8-15   16-31   32-63
        distance      1     2      4       8      16
        kept        all   4 6   8 12   16 24   32 48

    The decision depends only on the sequence number. The log of one process that is read twice or
    out of order is therefore thinned in the same way.
    """
    if sequence < limit:
        return True
    stride = 1 << (sequence // max(1, limit)).bit_length()
    return sequence % stride == 0


_NUMBER_BYTES = 20


def _size(metrics: Mapping[str, Any]) -> int:
    """Estimate the length of metrics as text."""
    return sum(
        len(name) + (len(value) if isinstance(value, str) else _NUMBER_BYTES)
        for name, value in metrics.items()
    )
