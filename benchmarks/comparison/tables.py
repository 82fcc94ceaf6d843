"""Tables of the comparison, in Markdown, so that a page can show them as they were printed."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import stats

from .participants import BASELINE, RIVALS, participant
from .regrets import Regrets
from .statistics import (
    LEVEL,
    average_ranks,
    bootstrap,
    critical_difference,
    holm,
    interval,
    is_worse,
    ratio_to_best,
)

HORIZONS = (50, 100, 200, 500)
"""Numbers of trials after which regret is reported."""
FEWEST = 3
"""Fewest tuners and problems for Friedman's test."""


def report(found: Regrets, trials: int) -> Iterator[str]:
    """Write all tables."""
    horizons = [n for n in HORIZONS if n < trials] + [trials]
    yield from regret_table(found, horizons)
    for tuner in found.tuners:
        if is_judged(tuner):
            yield from ratio_table(found, tuner, horizons)
    yield from problem_table(found, trials)
    yield from baseline_table(found, horizons)
    yield from rank_table(found, trials)


def is_judged(tuner: str) -> bool:
    """Tell whether a tuner is one of ours, other than the baseline."""
    return tuner != BASELINE and not participant(tuner).is_peer


def regret_table(found: Regrets, horizons: Sequence[int]) -> Iterator[str]:
    """Compare mean regrets over all problems, with intervals over seeds."""
    yield f"Mean normalised regret over {len(found.regrets)} problems, {found.seeds} seeds each"
    yield from head(["tuner", *(f"after {n}" for n in horizons), "CPU ms per trial"])
    columns = [bootstrap(found.after(n)) for n in horizons]
    for index, tuner in enumerate(found.tuners):
        cells = [str(interval(means[index], resampled[index])) for means, resampled in columns]
        yield row([f"`{tuner}`", *cells, f"{found.cpu_milliseconds[tuner]:.2f}"])


def ratio_table(found: Regrets, tuner: str, horizons: Sequence[int]) -> Iterator[str]:
    """Compare the regret of one tuner with that of each peer, and of the best of rivals."""
    mine = found.tuners.index(tuner)
    rivals = [i for i, name in enumerate(found.tuners) if name in RIVALS]
    others = [[i] for i in range(len(found.tuners)) if i != mine]
    columns = [bootstrap(found.after(n)) for n in horizons]
    yield ""
    yield f"Regret of `{tuner}`, divided by the regret of other tuners"
    yield from head(["divided by the regret of", *(f"after {n}" for n in horizons)])
    for group in ([rivals] if rivals else []) + others:
        first = f"`{found.tuners[group[0]]}`"
        named = f"the best of {_names(RIVALS)}" if group is rivals else first
        yield row([named, *(str(ratio_to_best(mine, group, *column)) for column in columns)])
    for part in found.groups if rivals and len(found.groups) > 1 else []:
        cells = [
            str(ratio_to_best(mine, rivals, *bootstrap(found.only(part).after(n))))
            for n in horizons
        ]
        yield row([f"the best of these, on `{part}` alone", *cells])
    for kind, these in found.kinds.items():
        columns = [bootstrap(these.after(n)) for n in horizons]
        for (other,) in others:
            named = f"`{found.tuners[other]}`, on {kind} problems ({len(these.regrets)})"
            yield row([named, *(str(ratio_to_best(mine, [other], *column)) for column in columns)])


def problem_table(found: Regrets, trials: int) -> Iterator[str]:
    """Compare mean regrets problem by problem."""
    yield ""
    yield f"Normalised regret after {trials} trials, by problem; the lowest is bold"
    yield from head(["problem", *(f"`{name}`" for name in found.tuners)])
    for problem, matrix in zip(found.regrets, found.after(trials), strict=True):
        means = matrix.mean(axis=1)
        cells = [f"**{x:.4f}**" if x == means.min() else f"{x:.4f}" for x in means]
        yield row([problem, *cells])


def baseline_table(found: Regrets, horizons: Sequence[int]) -> Iterator[str]:
    """Test on which problems a tuner is worse than the baseline."""
    if BASELINE not in found.tuners:
        return
    yield ""
    yield f"Problems on which a tuner is worse than `{BASELINE}`; if there are none,"
    yield f"the lowest p-value. One-sided test at a level of {LEVEL:.0%}, which flips the signs of"
    yield "differences between paired seeds at random; Holm's method corrects the p-values for"
    yield f"{len(found.regrets)} problems."
    yield from head(["tuner", *(f"after {n}" for n in horizons)])
    base = found.tuners.index(BASELINE)
    for index, tuner in enumerate(found.tuners):
        if index != base:
            yield row([f"`{tuner}`", *(_worse(found, index, base, n) for n in horizons)])


def _worse(found: Regrets, index: int, base: int, trials: int) -> str:
    adjusted = holm([is_worse(m[index], m[base]) for m in found.after(trials)])
    named = list(zip(adjusted, found.regrets, strict=True))
    worse = [name for p, name in named if p < LEVEL]
    lowest, name = min(named)
    return f"on {', '.join(worse)}" if worse else f"on none ({lowest:.2g}, {name})"


def rank_table(found: Regrets, trials: int) -> Iterator[str]:
    """Rank the tuners on each problem, and say which average ranks differ."""
    if min(len(found.tuners), len(found.regrets)) < FEWEST:
        return
    matrices = found.after(trials)
    means = np.array([matrix.mean(axis=1) for matrix in matrices])
    difference = critical_difference(len(found.tuners), len(matrices))
    friedman = stats.friedmanchisquare(*means.T).pvalue
    yield ""
    yield f"Average rank after {trials} trials; critical difference {difference:.2f} (Nemenyi,"
    yield f"{LEVEL:.0%}), Friedman's test p = {friedman:.2g}"
    yield from head(["tuner", "average rank"])
    for rank, tuner in sorted(zip(average_ranks(matrices), found.tuners, strict=True)):
        yield row([f"`{tuner}`", f"{rank:.2f}"])


def head(cells: Sequence[str]) -> Iterator[str]:
    """Write the first lines of a table."""
    yield ""
    yield row(cells)
    yield "|---" * len(cells) + "|"


def row(cells: Sequence[str]) -> str:
    """Write a line of a table."""
    return f"| {' | '.join(cells)} |"


def _names(tuners: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in tuners)
