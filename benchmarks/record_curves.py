"""Record learning curves of the digits network, on which assessors are measured.

Usage: python benchmarks/record_curves.py [--seed 0] [--curves 100] [--epochs 30] [--out FILE]

Trains the network of ``trial=mnist`` on assignments that ``tuner=random`` draws from
``space=mnist``, each with its trial's own seed, and writes the validation accuracy after each
epoch. The same command writes the same file, on a machine of the same libraries.
"""

import argparse
import json
import platform
import warnings
from pathlib import Path
from typing import Any

import sklearn
from sklearn.exceptions import ConvergenceWarning

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.registry.registry import Registry
from sweepwright.seeds import entropy, rng
from sweepwright.trials.mnist.data import CLASSES, Digits, load
from sweepwright.trials.mnist.sklearn_mlp import DEFAULTS, build_classifier

DATA = Path(__file__).parent / "data" / "digits_curves.json"
DIGITS = 5
"""Decimals of an accuracy, of which one image in 360 is 0.0028."""


def main() -> None:
    """Train, and write the file."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--curves", type=int, default=100)
    options.add_argument("--epochs", type=int, default=30)
    options.add_argument("--out", type=Path, default=DATA)
    chosen = options.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    curves = record(chosen.seed, chosen.curves, chosen.epochs)
    chosen.out.parent.mkdir(exist_ok=True)
    chosen.out.write_text(written(curves, chosen.seed), encoding="utf-8")
    print(f"wrote {len(curves)} curves to {chosen.out}")


def record(seed: int, count: int, epochs: int) -> list[list[float]]:
    """Train a network on each of the first assignments of random search."""
    overrides = ["tuner=random", "space=mnist", f"seed={seed}"]
    problem = compile_sweep(overrides, Registry.load()).plan.problem
    digits = load()
    rows = [problem.space.sample(rng(seed, "tuner", number), 1) for number in range(count)]
    assignments = [problem.space.decode(row)[0] for row in rows]
    return [
        train(assignment, digits, (entropy(seed, "trial", number) >> 65) % 2**32, epochs)
        for number, assignment in enumerate(assignments)
    ]


def train(assignment: Any, digits: Digits, seed: int, epochs: int) -> list[float]:
    """Train a network, and return its validation accuracy after each epoch."""
    classifier = build_classifier({**DEFAULTS, **assignment}, seed)
    curve = []
    for _ in range(epochs):
        classifier.partial_fit(*digits.train, classes=range(CLASSES))
        curve.append(round(float(classifier.score(*digits.validation)), DIGITS))
    return curve


def written(curves: list[list[float]], seed: int) -> str:
    """Write curves as JSON, one a line, below a header that says how they were made."""
    epochs = len(curves[0])
    command = f"python benchmarks/record_curves.py --seed {seed} --curves {len(curves)}"
    made = {
        "what": "validation accuracy of trial=mnist after each epoch, on 360 images",
        "command": f"{command} --epochs {epochs}",
        "with": f"scikit-learn {sklearn.__version__}, Python {platform.python_version()}",
        "space": "mnist, assignments drawn by tuner=random",
    }
    lines = ",\n".join(f"    {json.dumps(curve)}" for curve in curves)
    return f'{{\n  "made": {json.dumps(made)},\n  "curves": [\n{lines}\n  ]\n}}\n'


if __name__ == "__main__":
    main()
