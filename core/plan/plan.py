"""The plan of a sweep: what the compiler returns and the driver runs.

A plan is complete and checked, so that whoever holds one looks nothing up and validates
nothing. It is immutable apart from `Limits` and the platform, which a resume may replace.
`plan_json` writes it to the journal and computes its fingerprint.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sweepwright.contracts import Bracket, Budget, Problem, TrialCode
from sweepwright.events import Assignment, FailureKind, Start
from sweepwright.space import SearchSpace


class Direction(StrEnum):
    """Whether the objective is minimised or maximised."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


@dataclass(frozen=True, slots=True)
class Objective:
    """The metric that a sweep optimises, and the direction in which it is better."""

    metric: str = "default"
    """Its name in the reports of a trial; NNI's API calls a bare number ``default``."""
    direction: Direction = Direction.MAXIMIZE
    """Whether larger or smaller values are better."""

    def minimised(self, value: float) -> float:
        """Convert a metric to the minimised value that tuners see, or such a value back."""
        return -value if self.direction is Direction.MAXIMIZE else value


class StoppedAs(StrEnum):
    """The value that tuners are told for a trial that an assessor stopped."""

    WORST = "worst"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Selection:
    """A provider that the configuration selects, with its options as plain data."""

    kind: str
    """``tuner``, ``assessor``, ``platform`` or ``framework``."""
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    distribution: str = ""
    """The distribution that offers it, with its version, as in ``sweepwright 0.1.0``."""


NO_RETRIES: Mapping[FailureKind, int] = dict.fromkeys(FailureKind, 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a sweep. A resume may change them, so the fingerprint does not cover them."""

    max_trials: int | None = 20
    max_duration: float | None = None
    """Seconds that all drivers of the sweep together may run."""
    concurrency: int = 2
    trial_timeout: float | None = None
    """Seconds that one attempt may run."""
    retries: Mapping[FailureKind, int] = field(default_factory=lambda: NO_RETRIES)
    """How often a trial is retried after a failure of each class."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a driver needs to run a sweep."""

    space: SearchSpace
    objective: Objective
    tuner: Selection
    platform: Selection
    framework: Selection
    code: TrialCode
    source_hash: str = ""
    """Hash of the source files that the trial's entries name."""
    sampler: Selection | None = None
    """The tuner that chooses assignments for `tuner`, where `tuner` delegates that choice."""
    assessor: Selection | None = None
    stopped_as: StoppedAs = StoppedAs.WORST
    """The value that the tuner is told for a stopped trial: the worst, or its last report."""
    budget: Budget | None = None
    start: tuple[Assignment, ...] = ()
    """Assignments that are tried before the tuner is asked."""
    nni_v0_format: bool = False
    """Whether trials receive assignments in the format that NNI used before its version 0.8."""
    brackets: tuple[Bracket, ...] = ()
    """One round of the brackets that a tuner with budgets announces. They are shown to people
    and enter the cost estimate; the tuner alone decides what runs."""
    ends_after: int | None = None
    """The number of trials after which the tuner has nothing left to suggest, if there is one."""
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    reproducible: bool = False
    store: str = "sweeps"
    reports_kept: int = 10_000
    """How many reports of an attempt are kept before the rest are thinned out."""
    overrides: tuple[str, ...] = ()
    """The overrides that the sweep was composed with, for the record."""

    @property
    def full_budget(self) -> float | None:
        """The largest budget of a trial; None when the sweep has no budget."""
        return self.budget.maximum if self.budget else None

    @property
    def most_trials(self) -> int | None:
        """The largest number of trials that may be opened; None when nothing limits it."""
        own = None if self.ends_after is None else self.ends_after + len(self.start)
        ends = [count for count in (own, self.limits.max_trials) if count is not None]
        return min(ends, default=None)

    @property
    def problem(self) -> Problem:
        """What the tuner has to solve, as its contract describes it."""
        limits = self.limits
        return Problem(
            self.space,
            self.seed,
            limits.concurrency,
            limits.max_trials,
            self.budget,
            self.start,
            self.code.structure,
            self.objective.direction is Direction.MAXIMIZE,
        )

    def start_suggestions(self, opened: int, count: int) -> list[Start]:
        """Suggest the assignments of `start` that are not among the first `opened` trials.

        At most `count` are returned. Each gets the full budget, because there are no results yet
        that would tell whether it deserves less.
        """
        # Plugins receive these assignments and may modify them; the plan must not change.
        ahead = deepcopy(self.start[opened : opened + count])
        return [Start(assignment, self.full_budget) for assignment in ahead]
