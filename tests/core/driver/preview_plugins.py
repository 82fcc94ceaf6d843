"""Plugins of which an outlook can be had, and the outlook itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sweepwright.contracts import (
    Bracket,
    Command,
    FrameworkProvider,
    Job,
    PlatformProvider,
    Problem,
    Role,
    Rung,
    TunerProvider,
)
from sweepwright.core.driver.preview import Outlook, preview_plan
from sweepwright.core.plan.plan import Plan
from sweepwright.core.registry.registry import Registry
from sweepwright.events import Attempt, Event, Opened, Promote, Start, Suggestion
from sweepwright.hooks import hookimpl
from tests.core.examples import plan


@dataclass(frozen=True)
class NoOptions:
    """None."""


class Counting:
    """Suggests one layer after the other, and waits after so many."""

    waits_after = 100

    def __init__(self, *_: Any) -> None:
        self.opened = 0
        self.asked: list[int] = []

    def ask(self, count: int) -> Sequence[Suggestion]:
        self.asked.append(count)
        numbers = range(self.opened, self.waits_after)
        return [
            Start({"lr": 0.1, "layers": number, "activation": "relu"})
            for number in islice(numbers, count)
        ]

    def tell(self, event: Event) -> None:
        self.opened += isinstance(event, Opened)


class Waiting(Counting):
    waits_after = 2


class Silent(Counting):
    waits_after = 0


class Promoting(Counting):
    def ask(self, count: int) -> Sequence[Suggestion]:
        return [Promote(0, 3.0)][:count]


class Plain:
    """A framework, and as much of a platform as a preview needs."""

    def lower(self, _: Any, attempt: Attempt) -> Job:
        role = Role("main", Command(("./train",)))
        return Job(attempt.job, (role,), environment={"API_KEY": "hunter2"})

    def render(self, job: Job) -> dict[str, Any]:
        return {"name": job.name, "environment": dict(job.environment)}

    def close(self) -> None:
        pass


def plain(*_: Any) -> Any:
    return Plain()


def ladder(_: NoOptions, problem: Problem) -> list[Bracket]:
    assert problem.budget
    return [Bracket((Rung(1, problem.max_trials or 9), Rung(problem.budget.maximum, 2)))]


class Plugin:
    """Offers the tuner ``random``, and what else a plan selects."""

    def __init__(self, tuner: type[Counting], facts: dict[str, Any]) -> None:
        self._tuner = TunerProvider("random", NoOptions, tuner, **facts)

    @hookimpl
    def sweep_tuners(self) -> list[Any]:
        return [self._tuner]

    @hookimpl
    def sweep_platforms(self) -> list[Any]:
        return [PlatformProvider("simulated", NoOptions, plain)]

    @hookimpl
    def sweep_frameworks(self) -> list[Any]:
        return [FrameworkProvider("python", NoOptions, plain)]


def foreseen(tuner: type[Counting] = Counting, of: Plan | None = None, **facts: Any) -> Outlook:
    """Look ahead of a plan with a tuner, whose provider has these facts."""
    return preview_plan(of or plan(), Registry.of({"here": Plugin(tuner, facts)}))
