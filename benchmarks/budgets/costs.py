"""The cost of each tuner to reach each target: logarithms of budgets, by problem."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..comparison.statistics import Interval, bootstrap, interval
from .curves import Floats
from .races import Race

Records: TypeAlias = Mapping[Race, Mapping[str, Any]]
Flags: TypeAlias = NDArray[np.bool_]

SEARCH = "search"
"""Name of the random search that sets the target, in the list of tuners."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Budgets needed to reach the target, as shares of the whole budget of the search that set it.

    They are natural logarithms, so that means are geometric. A tuner that gave up counts as if
    it had reached the target at that moment.
    """

    tuners: Sequence[str]
    """In the order of the matrices' rows."""
    shares: Mapping[str, Floats]
    """For each problem, shape (tuners, seeds)."""
    reached: Mapping[str, Flags]
    """Whether each run reached the target, shape (tuners, seeds)."""
    searched: Mapping[str, Floats]
    """Share after which the search itself found its final incumbent, shape (seeds,)."""

    @property
    def groups(self) -> list[str]:
        """Name the groups of problems, in order."""
        return list(dict.fromkeys(name.partition("/")[0] for name in self.shares))

    def only(self, group: str) -> "Costs":
        """Keep the problems of one group; an empty name keeps all."""
        names = [name for name in self.shares if name.startswith(group)]
        return Costs(
            self.tuners,
            {name: self.shares[name] for name in names},
            {name: self.reached[name] for name in names},
            {name: self.searched[name] for name in names},
        )

    @property
    def seeds(self) -> str:
        """Describe how many seeds there are, and whether problems differ in that."""
        counts = sorted({matrix.shape[1] for matrix in self.shares.values()})
        return f"{counts[0]}" if counts[0] == counts[-1] else f"{counts[0]} to {counts[-1]}"

    def speed_ups(self) -> list[Interval]:
        """Divide the whole budget of random search by the cost of each tuner."""
        means, resampled = bootstrap(list(self.shares.values()))
        return [_exponential(-m, -r) for m, r in zip(means, resampled, strict=True)]

    def head_starts(self) -> list[Interval]:
        """Divide the budget until random search found its incumbent by the cost of each tuner."""
        found = []
        for matrices in self._beside_search():
            means, resampled = bootstrap(matrices)
            found.append(_exponential(means[0] - means[1], resampled[0] - resampled[1]))
        return found

    def ratio(self, mine: str, other: str) -> Interval:
        """Divide the cost of another tuner by the cost of ours; above 1, ours is cheaper."""
        means, resampled = bootstrap(list(self.shares.values()))
        one, two = self.tuners.index(mine), self.tuners.index(other)
        return _exponential(means[two] - means[one], resampled[two] - resampled[one])

    def counts(self) -> list[tuple[int, int]]:
        """Count how many runs of each tuner reached the target, and how many there are."""
        together = np.concatenate(list(self.reached.values()), axis=1)
        return [(int(row.sum()), len(row)) for row in together]

    def _beside_search(self) -> Iterable[list[Floats]]:
        for row in range(len(self.tuners)):
            yield [
                np.array([self.searched[name], matrix[row]])
                for name, matrix in self.shares.items()
            ]


def compute_costs(wanted: Sequence[Race], records: Records) -> Costs | None:
    """Collect the requested runs that exist; None if there are none.

    A seed of a problem counts only if all tuners that have runs of the problem have it.
    """
    there = [race for race in wanted if race in records]
    tuners = list(dict.fromkeys(race.tuner for race in there))
    shares: dict[str, Floats] = {}
    reached: dict[str, Flags] = {}
    searched: dict[str, Floats] = {}
    for problem in dict.fromkeys(race.problem for race in there):
        races = {(race.tuner, race.seed): race for race in there if race.problem == problem}
        seeds = list(dict.fromkeys(seed for _, seed in races))
        whole = [seed for seed in seeds if all((tuner, seed) in races for tuner in tuners)]
        if whole:
            rows = [
                [(races[one, seed], records[races[one, seed]]) for seed in whole] for one in tuners
            ]
            shares[problem] = np.log([[_share(*pair) for pair in row] for row in rows])
            reached[problem] = np.array(
                [[bool(pair[1]["reached"]) for pair in row] for row in rows]
            )
            searched[problem] = np.log(
                [record["target_reached"] / _whole(race, record) for race, record in rows[0]]
            )
    return Costs(tuners, shares, reached, searched) if shares else None


def _share(race: Race, record: Mapping[str, Any]) -> float:
    """Return the cost as a share of the search's budget, limited by the patience of the run."""
    if record["reached"] is None:
        return race.patience
    return float(record["reached"]) / _whole(race, record)


def _whole(race: Race, record: Mapping[str, Any]) -> int:
    return race.trials * int(record["units"])


def _exponential(estimate: float, resampled: Floats) -> Interval:
    return interval(float(np.exp(estimate)), np.exp(resampled))
