"""The surrogates of LCBench: networks trained for 2 to 52 epochs, read where they lie.

They are data beside the checkout, with their own reader; nothing of it is part of the project.
The rule of choice: every fifth of the reader's instances, the first included.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sweepwright.budgets import Budget

from ..problems.given import reader, space_of
from ..problems.landscape import Values
from .curves import Curves, Floats

BUDGET = Budget(maximum=52, minimum=2)
"""Starts at 2 epochs, because losses after epoch 1 are not informative."""
EVERY = 5


def lcbench_names(folder: Path) -> list[str]:
    """Name the instances that are used; none if the data are missing."""
    if not (folder / "lcbench").exists():
        return []
    return [f"lcbench/{instance}" for instance in _model(folder).instances[::EVERY]]


@cache
def lcbench(name: str, folder: Path) -> Curves:
    """Make the problem of an instance; the loss is the accuracy on validation data, negated."""
    model = _model(folder)
    code = model.enc[model.inst_name][name.partition("/")[2]]

    def truth(values: Values, epochs: Floats) -> Floats:
        return -_outputs(model, code, values, epochs)[:, model.targets.index("val_accuracy")]

    return Curves(name, space_of(model.space), BUDGET, truth)


@cache
def _model(folder: Path) -> Any:
    return reader(folder, "surrogates").Yahpo("lcbench")


def _outputs(model: Any, instance: int, values: Values, epochs: Floats) -> Floats:
    """Ask the model for several epochs at once, by the names of its columns."""
    columns = [epochs if name == "epoch" else values[name] for name in model.cont]
    numbers = np.empty((len(epochs), len(columns)), np.float32)
    for place, column in enumerate(columns):
        numbers[:, place] = column
    choices = np.full((len(epochs), 1), instance, np.int32)
    (outputs,) = model.s.run([model.o], {model.i[0]: choices, model.i[1]: numbers})
    return np.asarray(outputs, dtype=float)
