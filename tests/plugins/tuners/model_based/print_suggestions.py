"""Prints what the model-based tuners suggest and believe after many trials."""

import sys

from sweepwright.contracts import Problem
from sweepwright.events import Measured, Opened, Start, Trial
from sweepwright.plugins.tuners import gp, metis, smac
from sweepwright.plugins.tuners.gp import GpOptions
from sweepwright.plugins.tuners.metis import MetisOptions
from sweepwright.plugins.tuners.smac import SmacOptions
from sweepwright.seeds import rng
from sweepwright.testing.problems import PROBLEMS

TRIALS = 330
"""Number of trials. BLAS works in threads only on large matrices."""


def main(problem: Problem) -> None:
    """Print a line for each tuner."""
    rows = problem.space.sample(rng(0, "rows"), TRIALS)
    for tuner in (
        gp.build(GpOptions(), problem),
        smac.build(SmacOptions(), problem),
        metis.build(MetisOptions(), problem),
    ):
        for number, assignment in enumerate(problem.space.decode(rows)):
            trial = Trial(number, assignment)
            tuner.tell(Opened(trial, Start(assignment)))
            tuner.tell(Measured(trial, float(rows[number, :3].sum() ** 2)))
        sys.stdout.write(f"{tuner.ask(4)} {tuner.belief()}\n")  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(PROBLEMS["every_kind"])
