"""The predicted best of tuners with a model, compared with the best that they measured."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ..problems.catalogue import landscape
from .regret import Floats, normalised
from .regrets import Records, compute_regrets
from .runs import Run
from .statistics import bootstrap, interval
from .tables import head, row


def prediction_table(wanted: Sequence[Run], records: Records, surrogates: Path) -> Iterator[str]:
    """Compare the true losses of both after noisy runs; nothing if no tuner predicted any."""
    predicted = [run for run in wanted if "predicted" in records.get(run, {})]
    if not predicted:
        return
    yield ""
    yield "Normalised regret of the assignment that was measured best, and of the one that the"
    yield "tuner predicts to be best, at the end of noisy runs"
    titles = ["tuner", "problems", "runs", "measured, median", "predicted, median"]
    yield from head([*titles, "measured, mean", "predicted, mean", "predicted is better : worse"])
    for tuner in dict.fromkeys(run.tuner for run in predicted):
        mine = [run for run in predicted if run.tuner == tuner]
        yield row([f"`{tuner}`", *_cells(_pairs(mine, records, surrogates))])


def _pairs(runs: Sequence[Run], records: Records, surrogates: Path) -> list[Floats]:
    """Return the regrets of measured and predicted bests for each problem; (2, seeds) each."""
    found = []
    for problem, curves in compute_regrets(runs, records, surrogates).regrets.items():
        where = landscape(problem, surrogates)
        losses = [float(records[run]["predicted"]) for run in runs if run.problem == problem]
        predicted = normalised(np.array(losses), where.best, where.median)
        found.append(np.array([curves[0, :, -1], predicted]))
    return found


def _cells(pairs: Sequence[Floats]) -> list[str]:
    together = np.concatenate(pairs, axis=1)
    means, resampled = bootstrap(pairs)
    counts = [str(len(pairs)), str(together.shape[1])]
    medians = [f"{np.median(side):.4f}" for side in together]
    intervals = [str(interval(means[side], resampled[side])) for side in (0, 1)]
    better, worse = (int(np.sum(sign * together[1] < sign * together[0])) for sign in (1, -1))
    return [*counts, *medians, *intervals, f"{better} : {worse}"]
