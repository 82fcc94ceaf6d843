"""The plan of a sweep: what the compiler returns and the driver runs.

A plan is complete and checked. Code that receives a plan never has to look up or validate
anything. A plan is immutable, but a resume may replace its `Limits` and its platform. `plan_json`
writes plans to the journal and computes their fingerprints.
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
    """The metric that a sweep optimises, and whether it is minimised or maximised."""

    metric: str = "default"
    """Name of the metric in a trial's reports. NNI's API reports a bare number as ``default``."""
    direction: Direction = Direction.MAXIMIZE
    """Whether larger or smaller values are better."""

    def minimised(self, value: float) -> float:
        """Convert a reported value to the minimised value that tuners see, or convert it back."""
        return -value if self.direction is Direction.MAXIMIZE else value


class StoppedAs(StrEnum):
    """Which value the tuner receives for a trial that an assessor stopped."""

    WORST = "worst"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Selection:
    """A provider that the configuration selects, with its options as plain data."""

    kind: str
    """Kind of the provider: ``tuner``, ``assessor``, ``platform`` or ``framework``."""
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    distribution: str = ""
    """Name and version of the distribution that offers the provider, as in ``sweepwright
    0.1.0``."""


NO_RETRIES: Mapping[FailureKind, int] = dict.fromkeys(FailureKind, 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a sweep. A resume may change them, so the fingerprint does not cover them."""

    max_trials: int | None = 20
    max_duration: float | None = None
    """Largest total running time of all drivers of the sweep, in seconds."""
    concurrency: int = 2
    trial_timeout: float | None = None
    """Largest duration of one attempt, in seconds."""
    retries: Mapping[FailureKind, int] = field(default_factory=lambda: NO_RETRIES)
    """Number of retries that a trial gets for each class of failures."""
    drain_timeout: float | None = None
    """Seconds after which a drain stops the trials that still run; None to wait for them all."""


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
    """Hash of the source files of the trial. The trial's entries name these files."""
    sampler: Selection | None = None
    """The tuner that chooses assignments on behalf of `tuner`; None if `tuner` chooses them
    itself."""
    assessor: Selection | None = None
    stopped_as: StoppedAs = StoppedAs.WORST
    """Which value the tuner receives for a stopped trial: the worst value or the last
    reported value."""
    budget: Budget | None = None
    start: tuple[Assignment, ...] = ()
    """Assignments to try before the tuner is asked."""
    nni_v0_format: bool = False
    """Whether trials receive assignments in the format that NNI used before version 0.8."""
    brackets: tuple[Bracket, ...] = ()
    """One round of the brackets that a tuner with budgets announces. Brackets are displayed and
    used for the cost estimate. They do not control the sweep: the tuner decides which trials
    run."""
    ends_after: int | None = None
    """Number of trials after which the tuner has no further suggestion; None for a tuner that can
    always suggest another trial."""
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    reproducible: bool = False
    store: str = "sweeps"
    shared: bool = False
    """Whether the members of the user's group may read the sweep."""
    reports_kept: int = 10_000
    """Number of reports of an attempt that are kept before further reports are thinned out."""
    overrides: tuple[str, ...] = ()
    """The overrides from the command line that were applied to compose the sweep, for the
    record."""

    @property
    def full_budget(self) -> float | None:
        """The largest budget of a trial; None when the sweep has no budget."""
        return self.budget.maximum if self.budget else None

    @property
    def most_trials(self) -> int | None:
        """The largest number of trials that the sweep may open; None if unlimited."""
        # The tuner does not count the start assignments, because it is not asked for them.
        own = None if self.ends_after is None else self.ends_after + len(self.start)
        ends = [count for count in (own, self.limits.max_trials) if count is not None]
        return min(ends, default=None)

    @property
    def problem(self) -> Problem:
        """The optimisation problem, as it is passed to the tuner."""
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
        """Suggest the assignments of `start`, except the first `opened` ones, which have trials.

        At most `count` assignments are returned. Each gets the full budget, because no results
        exist yet that could justify a smaller budget.
        """
        # Plugins receive these assignments and may modify them; the plan must not change.
        ahead = deepcopy(self.start[opened : opened + count])
        return [Start(assignment, self.full_budget) for assignment in ahead]
