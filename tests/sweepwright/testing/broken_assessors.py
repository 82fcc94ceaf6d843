"""An assessor that keeps the contract, and some that break one clause of it each."""

from collections.abc import Iterator, Sequence
from math import fsum
from typing import Any

import numpy as np

from sweepwright.contracts import AssessorProvider, Finding, Problem
from sweepwright.events import Event, Failed, Lost, Measured, Opened, Reported, Trial
from tests.sweepwright.testing.options import NoOptions


class Worse:
    """Stops a trial whose last value is worse than the mean of the measurements told."""

    def __init__(self, _options: NoOptions, problem: Problem) -> None:
        self.problem = problem
        self.told: list[float] = []

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Compare with the mean."""
        del trial
        mean = fsum(value / len(self.told) for value in self.told) if self.told else curve[-1]
        return self.reason(mean) if curve[-1] > mean else None

    def tell(self, event: Event) -> None:
        """Keep measurements."""
        if isinstance(event, Measured):
            self.told.append(event.value)

    def reason(self, mean: float) -> str:
        return f"worse than {mean:g}"


def offer(assessor: type[Worse]) -> AssessorProvider[Any]:
    check = refuse if assessor is Refused else None
    return AssessorProvider(assessor.__name__.lower(), NoOptions, assessor, check=check)


def refuse(_options: Any, _problem: Problem) -> Iterator[Finding]:
    yield Finding((), "nothing suits it")


class Refused(Worse):
    pass


class TalksTooMuch(Worse):
    def reason(self, mean: float) -> str:
        return f"worse than\n{mean:g}"


class CountsQuestions(Worse):
    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        answer = super().assess(trial, curve)
        self.told.append(curve[-1])
        return answer


class RemembersTheLastTrial(Worse):
    last: tuple[int, float | None] = (-1, None)

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        before, self.last = self.last, (trial.number, curve[-1])
        other = before[1] if before[0] != trial.number else None
        return super().assess(trial, curve if other is None else [other])


class GoesByIdentity(Worse):
    reported: Trial | None = None

    def tell(self, event: Event) -> None:
        if isinstance(event, Reported):
            self.reported = event.trial
        if event.trial is self.reported:  # which a journal does not keep
            super().tell(event)


class Unseeded(Worse):
    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        noisy = [*curve, curve[-1] + np.random.default_rng().normal()]
        return super().assess(trial, noisy)


class CountsAttempts(Worse):
    def tell(self, event: Event) -> None:
        if isinstance(event, Measured):
            self.told.append(event.value - event.attempt)


class TripsOverFailures(Worse):
    def __init__(self, options: NoOptions, problem: Problem) -> None:
        super().__init__(options, problem)
        self.running: dict[int, float] = {}

    def tell(self, event: Event) -> None:
        super().tell(event)
        if isinstance(event, Reported) and event.value is not None:
            self.running[event.trial.number] = event.value
        elif isinstance(event, Failed | Lost):
            del self.running[event.trial.number]  # it may have reported nothing of use


class WantsOpenings(Worse):
    def __init__(self, options: NoOptions, problem: Problem) -> None:
        super().__init__(options, problem)
        self.open: dict[int, Trial] = {}

    def tell(self, event: Event) -> None:
        super().tell(event)
        if isinstance(event, Opened):
            self.open[event.trial.number] = event.trial
        else:
            assert self.open[event.trial.number]


class DividesByTheSpan(Worse):
    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        if (curve[0] - curve[-1]) / (max(curve) - min(curve) or 1 / len(curve[1:])) < 0:
            return "it rises"
        return super().assess(trial, curve)


class SortsTheCurve(Worse):
    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        if isinstance(curve, list):
            curve.sort()
        return super().assess(trial, curve)


class WantsAList(Worse):
    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        return super().assess(trial, curve + [curve[-1]])  # type: ignore[operator]  # noqa: RUF005 - its mistake


class ThinksWhenTold(Worse):
    def tell(self, event: Event) -> None:
        super().tell(event)
        if isinstance(event, Reported):
            assert sum(range(20_000))


CAUGHT_BY: dict[type[Worse], str] = {
    Refused: "test_options_are_found_right",
    TalksTooMuch: "test_reasons_are_one_short_line",
    GoesByIdentity: "test_replay_gives_the_same_answers",
    CountsQuestions: "test_assess_changes_nothing_that_lasts",
    RemembersTheLastTrial: "test_trials_are_judged_independently",
    Unseeded: "test_a_seed_repeats",
    CountsAttempts: "test_attempts_make_no_difference",
    TripsOverFailures: "test_failures_are_survived",
    WantsOpenings: "test_trials_of_others_are_accepted",
    DividesByTheSpan: "test_hard_curves",
    SortsTheCurve: "test_events_and_curves_are_left_alone",
    WantsAList: "test_a_curve_is_any_sequence",
    ThinksWhenTold: "test_tell_is_cheap",
}
"""For each the check that is meant for it."""
