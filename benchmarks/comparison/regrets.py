"""The regrets of the runs that exist, restricted so that every tuner has the same seeds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..problems.catalogue import landscape
from .regret import Floats, regret_curve
from .runs import Run

Records = Mapping[Run, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Regrets:
    """Regrets by problem; each of shape (tuners, seeds, trials)."""

    tuners: Sequence[str]
    regrets: Mapping[str, Floats]
    cpu_milliseconds: Mapping[str, float]
    """CPU time per trial of `ask` and `tell`, by tuner."""
    conditional: Collection[str] = ()
    """The problems that have parameters which are not always active."""

    def after(self, trials: int) -> list[Floats]:
        """Return the regrets after so many trials, for each problem; (tuners, seeds)."""
        return [curves[:, :, trials - 1] for curves in self.regrets.values()]

    def only(self, group: str) -> "Regrets":
        """Keep the problems of one group."""
        return self._keep(name for name in self.regrets if name.startswith(f"{group}/"))

    @property
    def kinds(self) -> Mapping[str, "Regrets"]:
        """Separate flat and conditional problems; empty where there is only one kind."""
        conditional = self._keep(name for name in self.regrets if name in self.conditional)
        flat = self._keep(name for name in self.regrets if name not in self.conditional)
        both = {"flat": flat, "conditional": conditional}
        return both if flat.regrets and conditional.regrets else {}

    def _keep(self, names: Iterable[str]) -> "Regrets":
        return replace(self, regrets={name: self.regrets[name] for name in names})

    @property
    def groups(self) -> list[str]:
        """List the groups of problems."""
        return sorted({name.partition("/")[0] for name in self.regrets})

    @property
    def seeds(self) -> str:
        """Describe how many seeds there are, and whether problems differ in that."""
        counts = sorted({curves.shape[1] for curves in self.regrets.values()})
        return f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def compute_regrets(wanted: Sequence[Run], records: Records, surrogates: Path) -> Regrets:
    """Collect the requested runs that exist; they differ only in tuner, problem and seed.

    Tuners without runs, seeds that some tuner lacks, and problems without norms are dropped.
    """
    there = [run for run in wanted if run in records]
    tuners = _in_order(run.tuner for run in there)
    found: dict[str, Floats] = {}
    for problem in _in_order(run.problem for run in there):
        curves = {
            (run.tuner, run.seed): _curve(run, records[run], surrogates)
            for run in there
            if run.problem == problem
        }
        seeds = _in_order(seed for _, seed in curves)
        whole = [seed for seed in seeds if all((tuner, seed) in curves for tuner in tuners)]
        if whole and not np.isnan(landscape(problem, surrogates).best):
            found[problem] = np.array([[curves[one, seed] for seed in whole] for one in tuners])
    spent = {tuner: _spent(tuner, records, there) for tuner in tuners}
    return Regrets(tuners, found, spent, {name for name in found if _branches(name, surrogates)})


def _branches(problem: str, surrogates: Path) -> bool:
    """Tell whether some parameter of a problem is not always active."""
    return any(p.when is not None for p in landscape(problem, surrogates).space.parameters)


def _curve(run: Run, record: Mapping[str, Any], surrogates: Path) -> Floats:
    where = landscape(run.problem, surrogates)
    known = record.get("truths"), where.best, where.median
    return regret_curve(record["observed"], *known, run.trials, record.get("firsts"))


def _spent(tuner: str, records: Records, there: Sequence[Run]) -> float:
    mine = [records[run] for run in there if run.tuner == tuner]
    trials = sum(len(record["observed"]) for record in mine)
    return 1000 * sum(float(record["cpu_seconds"]) for record in mine) / trials


def _in_order(items: Iterable[Any]) -> list[Any]:
    """Remove repetitions, and keep the order."""
    return list(dict.fromkeys(items))
