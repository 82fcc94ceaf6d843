"""The cost of many workers in regret, compared with serial runs of the same seeds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from .regret import Floats
from .regrets import Records, compute_regrets
from .runs import Run
from .simulation import SPREAD
from .statistics import Interval, bootstrap, interval
from .tables import head, row


def parallel_tables(
    wanted: Sequence[Run], records: Records, surrogates: Path, workers: int
) -> Iterator[str]:
    """Compare each tuner on many workers with itself on one, by problem and overall."""
    serial = [run for run in wanted if run.workers == 1]
    trials = serial[0].trials
    yield f"{workers} asynchronous workers beside one, after {trials} trials in all; durations are"
    yield f"lognormal, the standard deviation of their logarithm {SPREAD}"
    for tuner in dict.fromkeys(run.tuner for run in serial):
        mine = [run for run in serial if run.tuner == tuner]
        pairs = _pairs(mine, records, surrogates, workers)
        if pairs:
            yield ""
            yield f"`{tuner}`"
            yield from head(["problem", "seeds", "one worker", f"{workers} workers", "ratio"])
            for problem, matrix in pairs.items():
                yield _line(problem, [matrix])
            yield _line("mean", list(pairs.values()))


def _pairs(
    serial: Sequence[Run], records: Records, surrogates: Path, workers: int
) -> dict[str, Floats]:
    """Return the final regrets by problem, serial and parallel; (2, seeds)."""
    found = {}
    for problem in dict.fromkeys(run.problem for run in serial):
        ones = [run for run in serial if run.problem == problem]
        whole = [
            one for one in ones if one in records and replace(one, workers=workers) in records
        ]
        if whole:
            sides = [whole, [replace(one, workers=workers) for one in whole]]
            made = [compute_regrets(side, records, surrogates).regrets[problem] for side in sides]
            found[problem] = np.array([curves[0, :, -1] for curves in made])
    return found


def _line(problem: str, matrices: Sequence[Floats]) -> str:
    means, resampled = bootstrap(matrices)
    sides = [interval(means[side], resampled[side]) for side in (0, 1)]
    seeds = sum(matrix.shape[1] for matrix in matrices)
    return row([problem, str(seeds), *map(str, sides), str(_ratio(means, resampled))])


def _ratio(means: Floats, resampled: Floats) -> Interval:
    """Divide parallel by serial regret; undefined where the serial regret is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return interval(
            float(means[1] / means[0]), np.nan_to_num(resampled[1] / resampled[0], posinf=np.inf)
        )
