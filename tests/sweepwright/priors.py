"""The priors that domains declare, computed independently of the code that draws from them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sweepwright.space import (
    Categorical,
    Condition,
    Domain,
    Integer,
    Nested,
    Normal,
    Ordinal,
    Parameter,
    Real,
    SearchSpace,
)

Floats: TypeAlias = NDArray[np.float64]
SIGNIFICANCE = 0.01
"""Probability that at least one of the statistical tests in a test function fails by chance."""


@dataclass(frozen=True)
class Continuous:
    """A prior that is given by its distribution function."""

    domain: Domain
    cdf: Callable[[Floats], Floats]

    def p_value(self, values: Floats) -> float:
        return float(stats.kstest(values, self.cdf).pvalue)

    def worst(self, values: Floats) -> float:
        """Return the largest surplus or deficit of draws in an interval from the left end."""
        return float(stats.kstest(values, self.cdf).statistic * len(values))


@dataclass(frozen=True)
class Discrete:
    """A prior that is given by the probability of each value, or of each index of a choice."""

    domain: Domain
    masses: Mapping[float, float]

    def p_value(self, values: Floats) -> float:
        """Apply a chi-square test; values with expected counts below five share one bin."""
        counts, expected = self._counts(values)
        rare = expected < 5
        if rare.any():
            counts = np.append(counts[~rare], counts[rare].sum())
            expected = np.append(expected[~rare], expected[rare].sum())
        return float(stats.chisquare(counts, expected).pvalue)

    def worst(self, values: Floats) -> float:
        """Return the largest surplus or deficit of draws of a value."""
        counts, expected = self._counts(values)
        return float(np.abs(counts - expected).max())

    def end_p_values(self, values: Floats) -> list[float]:
        """Test whether the first and the last value are drawn as often as expected."""
        ends = min(self.masses), max(self.masses)
        counts = [int((values == end).sum()) for end in ends]
        return [
            float(stats.binomtest(count, len(values), self.masses[end]).pvalue)
            for count, end in zip(counts, ends, strict=True)
        ]

    def _counts(self, values: Floats) -> tuple[Floats, Floats]:
        assert set(values.tolist()) <= self.masses.keys(), "a value that cannot be"
        counts = np.array([(values == value).sum() for value in self.masses], dtype=float)
        return counts, np.array([*self.masses.values()]) * len(values)


Prior: TypeAlias = Continuous | Discrete


def bins(domain: Domain, edges: Mapping[float, tuple[float, float]], cdf: Any) -> Discrete:
    """Give each value the probability between the edges of its bin."""
    masses = {value: float(cdf(high) - cdf(low)) for value, (low, high) in edges.items()}
    assert math.isclose(sum(masses.values()), 1)
    return Discrete(domain, masses)


def around(values: Any, half: float) -> dict[float, tuple[float, float]]:
    return {float(value): (value - half, value + half) for value in values}


def equal(domain: Domain, values: Any) -> Discrete:
    return Discrete(domain, {float(value): 1 / len(values) for value in values})


def weighted(domain: Domain, *weights: float) -> Discrete:
    return Discrete(domain, {float(i): w / sum(weights) for i, w in enumerate(weights)})


def logs(low: float, high: float) -> Any:
    return stats.loguniform(low, high).cdf


HALVES = np.arange(0.5, 10.5, 0.5)
TENTHS = np.round(np.arange(11) / 10, 1)
STEPS = np.arange(-50, 51) / 2
PRIORS: Mapping[str, Prior] = {
    "real": Continuous(Real(-2, 5), stats.uniform(-2, 7).cdf),
    "log_real": Continuous(Real(1e-4, 1e-1, log=True), logs(1e-4, 1e-1)),
    "stepped_real": equal(Real(0, 1, step=0.1), TENTHS),
    "log_stepped_real": bins(
        Real(0.5, 10, log=True, step=0.5), around(HALVES, 0.25), logs(0.25, 10.25)
    ),
    # 2 and 10 are where what rounds to 0 and what rounds to 10 ends up.
    "clipped_real": bins(
        Real(2, 10, step=5, clip=True),
        {2.0: (2, 2.5), 5.0: (2.5, 7.5), 10.0: (7.5, 10)},
        stats.uniform(2, 8).cdf,
    ),
    "log_clipped_real": bins(
        Real(1, 100, log=True, step=30, clip=True),
        {1.0: (1, 15), 30.0: (15, 45), 60.0: (45, 75), 90.0: (75, 100)},
        logs(1, 100),
    ),
    "integer": equal(Integer(-3, 12), range(-3, 13)),
    "log_integer": bins(Integer(1, 64, log=True), around(range(1, 65), 0.5), logs(0.5, 64.5)),
    "stepped_integer": equal(Integer(1, 20, step=3), range(3, 19, 3)),
    "log_stepped_integer": bins(
        Integer(8, 64, log=True, step=8), around(range(8, 65, 8), 4), logs(4, 68)
    ),
    "normal": Continuous(Normal(3, 2), stats.norm(3, 2).cdf),
    "log_normal": Continuous(Normal(1, 0.5, log=True), stats.lognorm(0.5, scale=math.e).cdf),
    "stepped_normal": bins(Normal(1, 2, step=0.5), around(STEPS, 0.25), stats.norm(1, 2).cdf),
    "log_stepped_normal": bins(
        Normal(0, 1, log=True, step=0.5),
        {0.0: (0, 0.25), **around(np.arange(1, 2000) / 2, 0.25)},
        stats.lognorm(1).cdf,
    ),
    "choice": weighted(Categorical(("a", 1, None)), 1, 1, 1),
    "weighted_choice": weighted(Categorical(("a", "b", "c"), (1.0, 5.0, 2.0)), 1, 5, 2),
    "ordinal": weighted(Ordinal((1, 10, 100)), 1, 1, 1),
    "branches": weighted(Nested(("a", "b")), 1, 1),
    "weighted_branches": weighted(Nested(("a", "b"), (3.0, 1.0)), 3, 1),
    "number_of_a_branch": Continuous(Real(0, 1), stats.uniform(0, 1).cdf),
    "integer_of_a_branch": equal(Integer(1, 5), range(1, 6)),
}
"""Mapping from a name to a prior, with a domain of every kind."""


def everything() -> SearchSpace:
    """Build a space with all domains; the last two are in a branch of the weighted choices."""
    below = Condition("weighted_branches", (0,))
    return SearchSpace(
        [
            Parameter(name, prior.domain, ("weighted_branches", name), below)
            if name.endswith("_of_a_branch")
            else Parameter(name, prior.domain)
            for name, prior in PRIORS.items()
        ]
    )


def columns(matrix: Floats) -> Mapping[str, Floats]:
    """Return a mapping from each parameter to its values in the rows in which it is active."""
    return {name: column[~np.isnan(column)] for name, column in zip(PRIORS, matrix.T, strict=True)}


def assert_as_declared(matrix: Floats) -> None:
    """Test draws from `everything`; each prior gets an equal part of the significance."""
    drawn = columns(matrix)
    found = {name: prior.p_value(drawn[name]) for name, prior in PRIORS.items()}

    assert min(found.values()) > SIGNIFICANCE / len(found), found


def assert_ends_have_their_mass(matrix: Floats) -> None:
    """Test the first and the last value of each domain that has a first and a last value."""
    drawn = columns(matrix)
    found = {
        name: prior.end_p_values(drawn[name])
        for name, prior in PRIORS.items()
        if isinstance(prior, Discrete) and not isinstance(prior.domain, Normal)
    }

    assert min(min(pair) for pair in found.values()) > SIGNIFICANCE / (2 * len(found)), found
