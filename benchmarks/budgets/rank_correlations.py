"""How informative small budgets are: rank correlations of random assignments."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy import stats

from sweepwright.seeds import rng

from ..comparison.tables import head, row
from ..problems.landscape import row_values
from .curves import Curves
from .races import curves_of

ASSIGNMENTS = 300
SHARES = (27, 9, 3)
"""Parts of the whole budget."""


def rank_correlation_table(problems: Sequence[str], seed: int, surrogates: Path) -> Iterator[str]:
    """Write how well the order after a part of the budget agrees with the final order."""
    yield "Rank correlation (Spearman) of the losses of 300 random assignments after a part of the"
    yield "budget with those after the whole; of the simulated curves those of the first seed"
    yield from head(["problem", *(f"1/{share}" for share in SHARES)])
    for name in problems:
        cells = [f"{found:.2f}" for found in rank_correlations(curves_of(name, seed, surrogates))]
        yield row([name, *cells])


def rank_correlations(curves: Curves) -> list[float]:
    """Correlate the losses after each part of the budget with the final losses."""
    rows = curves.space.sample(rng(0, "hints"), ASSIGNMENTS).tolist()
    drawn = [row_values(curves.space, one) for one in rows]
    heard = np.array([curves.stretch(values, 0, curves.units).heard for values in drawn])
    least = int(curves.budget.minimum)
    budgets = [max(least, round(curves.units / share)) for share in SHARES]
    return [float(stats.spearmanr(heard[:, b - 1], heard[:, -1]).statistic) for b in budgets]
