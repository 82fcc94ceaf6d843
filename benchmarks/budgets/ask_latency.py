"""Measures the time of an `ask` of ASHA in a sweep of 10,000 trials."""

from collections.abc import Iterator

import numpy as np

from ..comparison.tables import head, row
from .simulated import simulated
from .sweep import sweep

TUNER = "asha"
TRIALS = 10_000
WORKERS = 64
EVERY = 1_000


def ask_table() -> Iterator[str]:
    """Write the quantiles of the time of an `ask`, for each thousand trials."""
    found = sweep(TUNER, simulated("simulated/power", 0), WORKERS, TRIALS, reproducible=False)
    asks = np.array([(ask.opened, 1000 * ask.seconds) for ask in found.asks])
    yield ""
    yield f"Milliseconds of an `ask` of `{TUNER}` in a sweep of {TRIALS:,} trials with its driver:"
    yield f"{WORKERS} workers on the simulated platform, {len(found.spans):,} jobs"
    yield from head(["trials", "median", "99th percentile", "longest"])
    for first in range(0, TRIALS, EVERY):
        there = (asks[:, 0] >= first) & (asks[:, 0] < first + EVERY)
        median, high, longest = np.quantile(asks[there, 1], (0.5, 0.99, 1))
        cells = [f"{first + 1:,} to {first + EVERY:,}"]
        yield row([*cells, *(f"{value:.3f}" for value in (median, high, longest))])
