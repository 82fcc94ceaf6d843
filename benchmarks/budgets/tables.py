"""Tables of the race, in Markdown, so that a page can show them as they were printed."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..comparison.statistics import Interval
from ..comparison.tables import head, row
from .costs import Costs
from .participants import BASELINE, is_peer

ALL = ""
"""The group of all problems."""


def report(found: Costs) -> Iterator[str]:
    """Write everything there is to say of the race."""
    yield from speed_table(found)
    for tuner in found.tuners:
        if tuner != BASELINE and not is_peer(tuner):
            yield from ratio_table(found, tuner)
    yield from problem_table(found)


def speed_table(found: Costs) -> Iterator[str]:
    """Compare budgets with the random search's whole budget, and with what it needed itself."""
    yield "Budget of random search over the budget to reach its final incumbent; geometric means"
    yield f"over {len(found.shares)} problems, {found.seeds} repetitions each"
    names = _groups(found)
    yield from head(
        [
            "tuner",
            *(f"whole budget, {_said(name)}" for name in names),
            "budget until found",
            "reached",
        ]
    )
    columns = [found.only(name).speed_ups() for name in names]
    starts, counts = found.head_starts(), found.counts()
    for place, tuner in enumerate(found.tuners):
        got, races = counts[place]
        cells = [str(column[place]) for column in columns]
        yield row([f"`{tuner}`", *cells, str(starts[place]), f"{got} of {races}"])


def ratio_table(found: Costs, tuner: str) -> Iterator[str]:
    """Compare one tuner with every other."""
    names = _groups(found)
    yield ""
    yield f"Cost of other tuners, divided by the cost of `{tuner}`; above 1, they need more budget"
    yield from head(["tuner", *map(_said, names)])
    for other in found.tuners:
        if other != tuner:
            cells = [found.only(name).ratio(tuner, other) for name in names]
            yield row([f"`{other}`", *map(_judged, cells)])


def problem_table(found: Costs) -> Iterator[str]:
    """Compare speeds problem by problem."""
    yield ""
    yield "Whole budget of random search divided by the cost of the tuner, by problem, and the"
    yield "number of repetitions that reached the target; the largest ratio is bold"
    yield from head(["problem", *(f"`{name}`" for name in found.tuners)])
    for problem, matrix in found.shares.items():
        speeds = np.exp(-matrix.mean(axis=1))
        counts = found.reached[problem].sum(axis=1)
        cells = [
            f"{_bold(f'{speed:.2f}', speed == speeds.max())} ({count})"
            for speed, count in zip(speeds, counts, strict=True)
        ]
        yield row([problem, *cells])


def _groups(found: Costs) -> Sequence[str]:
    return [*found.groups, ALL] if len(found.groups) > 1 else found.groups


def _said(group: str) -> str:
    return f"`{group}`" if group else "all"


def _judged(ratio: Interval) -> str:
    """Mark a ratio whose interval lies on one side of 1."""
    if ratio.low > 1:
        return f"{ratio} more"
    return f"{ratio} **less**" if ratio.high < 1 else str(ratio)


def _bold(text: str, is_bold: bool) -> str:  # noqa: FBT001 - of one cell
    return f"**{text}**" if is_bold else text
