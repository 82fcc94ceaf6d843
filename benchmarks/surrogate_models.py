"""Predictive quality of the models behind our tuners, compared with scikit-learn's and SMAC3's.

Usage: python benchmarks/surrogate_models.py [--problems given] [--surrogates DIR] [--seeds 3]

Each model is fitted to 50 and to 100 trials, of `tpe` and of random search, and predicts 150
random points and 150 points near the best trials. All models get the same targets.
"""

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the parts are modules of `benchmarks`

from benchmarks.problems.catalogue import names
from benchmarks.problems.given import FOLDER
from benchmarks.surrogates.cases import Case, cases
from benchmarks.surrogates.models import MODELS, OURS, available
from benchmarks.surrogates.scores import Scores, score, score_table

KINDS = ("plain", "half-rank")


def main() -> None:
    """Score all models, and print a table for each kind of targets."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--problems", nargs="+", default=["given"])
    options.add_argument("--surrogates", type=Path, default=FOLDER)
    options.add_argument("--seeds", type=int, default=3, help="how many")
    options.add_argument("--first-seed", type=int, default=7000)
    chosen = options.parse_args()
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
    problems = names(chosen.problems, chosen.surrogates)
    if not problems:
        sys.exit(f"no problem of {chosen.problems} is known; is `{chosen.surrogates}` there?")
    found = all_scores(cases(problems, chosen.surrogates, seeds))
    for kind, scores in found.items():
        for base in OURS:
            if base in scores:
                print(*score_table(kind, scores, base), sep="\n")


def all_scores(given: Iterable[Case]) -> dict[str, dict[str, list[Scores]]]:
    """Score the models that are installed on all cases, by kind of targets and by model."""
    found: dict[str, dict[str, list[Scores]]] = {kind: defaultdict(list) for kind in KINDS}
    models: list[str] = []
    for case in given:
        models = models or [name for name in MODELS if available(name, case)]
        for kind in KINDS:
            for name in models:
                found[kind][name].append(score(MODELS[name], case, kind))
    for name in set(MODELS) - set(models):
        print(f"`{name}` is left out: it is not installed")
    return found


if __name__ == "__main__":
    main()
