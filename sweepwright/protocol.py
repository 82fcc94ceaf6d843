"""The protocol of trials: JSON for the attempts that they receive, and for lines that they report.

Any language can read and write JSON. Every report contains the version of its format,
`sweepwright.trial.VERSION`, because a script may contain an old copy of the trial API.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .events import Attempt, Json
from .runner.report_fifo import OPENING
from .trial import LONGEST_LINE, VERSION

LONGEST_TEXT = 200
"""Maximum length, in characters, of a metric's name and of a metric that is not a number.

Longer texts are shortened, because every report stores them and tables show them.
"""
_MOST_TEXTS = 10_000
"""Maximum number of texts that are remembered to be shared."""
_texts: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One line that a trial reports: intermediate metrics, or its final result."""

    attempt: int
    role: str
    rank: int
    sequence: int
    """Number of the report among those of its process, from 0."""
    final: bool
    metrics: Mapping[str, Any]
    continued: bool = False
    """Whether the trial asked for its inherited checkpoint and received it."""
    process: str = ""
    """Id of the process that reported; empty if an old copy of the trial API wrote the line."""


def dumps(value: Json) -> str:
    """Return canonical JSON: without spaces and NaN, with keys in the order of the mapping."""
    return _encode(value)


# `json.dumps` with these options builds a new encoder at each call.
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode


def describe_attempt(attempt: Attempt) -> str:
    """Return the JSON that a trial receives in the environment variable ``SWEEPWRIGHT_TRIAL``."""
    trial = attempt.trial
    return dumps(
        {
            "sweepwright": VERSION,
            "sweep": attempt.sweep,
            "job": attempt.job,
            "trial": trial.number,
            "attempt": attempt.number,
            "budget": trial.budget,
            "seed": attempt.seed,
            "assignment": trial.assignment,
        }
    )


def write_line(line: TrialLine) -> str:
    """Return the line of a report, without its line break; the inverse of `read_line`."""
    body = asdict(line)
    kind = "final" if body.pop("final") else "intermediate"
    for key in ("continued", "process"):
        if not body[key]:
            del body[key]
    return dumps({"sweepwright": VERSION, **body, "kind": kind})


def read_line(text: str | bytes) -> TrialLine | None:
    """Return the report in a line of a trial's output, or None if the line has no report.

    Any text is accepted. The values of a report are safe: they can be written as JSON, numbers
    fit into the journal, and there are at most `LONGEST_LINE` bytes of them. Text before a report
    on the same line is skipped, because a trial may print text without a line break.
    """
    try:
        text = text.decode() if isinstance(text, bytes) else text
        # Parse from the last start of a report, because an incomplete report may precede it.
        text = text[max(text.rfind(OPENING), 0) :]
        if len(text) > LONGEST_LINE:
            return None
        body = json.loads(text)
        if body["sweepwright"] != VERSION or body["kind"] not in ("intermediate", "final"):
            return None
        return TrialLine(
            attempt=_count(body["attempt"]),
            role=_shared(_printable(body["role"])),
            rank=_count(body["rank"]),
            sequence=_count(body["sequence"]),
            final=body["kind"] == "final",
            metrics={
                _shared(_printable(name)): _metric(value)
                for name, value in body["metrics"].items()
            },
            continued=body.get("continued") is True,
            process=_shared(_printable(body.get("process", ""))),
        )
    # These errors come from invalid JSON, JSON of another shape, infinity, or deep nesting.
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _shared(text: str) -> str:
    """Return the same object for equal texts, because names are reported again and again.

    `sys.intern` would do so too, but some versions of Python never free what it returns.
    """
    if len(_texts) >= _MOST_TEXTS:
        _texts.clear()
    return _texts.setdefault(text, text)


def _count(value: Any) -> int:
    """Return a number that counts, which the journal stores as a signed 64-bit integer."""
    number = int(value)
    if not 0 <= number < 1 << 63:
        raise ValueError("a report counts from 0, in 63 bits")
    return number


def _metric(value: Any) -> float | str:
    """Return a finite number unchanged, and any other value as text, because JSON has no NaN."""
    return value if finite(value) is not None else _printable(value)


def _printable(value: Any) -> str:
    """Return text that UTF-8 can encode, shortened to `LONGEST_TEXT`."""
    # JSON can hold half of a surrogate pair, which UTF-8 cannot encode.
    return str(value)[:LONGEST_TEXT].encode(errors="replace").decode()


def finite(value: Any) -> float | None:
    """Return a metric as a finite float, or None if it is a boolean or is not a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # An integer of Python may be too large for a float.
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
