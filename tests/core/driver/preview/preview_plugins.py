"""Stub plugins whose previews tests look at, and the preview of a plan that selects them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sweepwright.contracts import (
    Bracket,
    Budget,
    Command,
    FrameworkProvider,
    Job,
    PlatformProvider,
    Role,
    Rung,
    TunerProvider,
)
from sweepwright.core.driver.preview.preview import PlanPreview, preview_plan
from sweepwright.core.plan.plan import Plan
from sweepwright.core.registry.registry import Registry
from sweepwright.events import Attempt, Event, Opened, Promote, Start, Suggestion
from sweepwright.hooks import hookimpl
from tests.core.examples import plan

BRACKETS = (Bracket((Rung(1, 8), Rung(9, 2))),)
WITH_BRACKETS = replace(plan(), budget=Budget(9.0), brackets=BRACKETS)
"""A plan whose tuner announced brackets."""


@dataclass(frozen=True)
class NoOptions:
    """The options of a plugin without any."""


class Counting:
    """A tuner that suggests 0 layers, 1 layer and so on, and waits for results after some."""

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


class Plugin:
    """Offers a tuner as ``random``, and the platform and framework of the example plan."""

    def __init__(
        self, tuner: type[Counting], attributes: dict[str, Any], shipment: Any = None
    ) -> None:
        self._shipment = shipment
        self._tuner = TunerProvider("random", NoOptions, tuner, **attributes)

    @hookimpl
    def sweep_tuners(self) -> list[Any]:
        return [self._tuner]

    @hookimpl
    def sweep_platforms(self) -> list[Any]:
        return [PlatformProvider("simulated", NoOptions, plain, shipment=self._shipment)]

    @hookimpl
    def sweep_frameworks(self) -> list[Any]:
        return [FrameworkProvider("python", NoOptions, plain)]


def previewed(
    tuner: type[Counting] = Counting,
    of: Plan | None = None,
    shipment: Any = None,
    **attributes: Any,
) -> PlanPreview:
    """Preview a plan with a tuner whose provider has these attributes."""
    plugin = Plugin(tuner, attributes, shipment)
    return preview_plan(of or plan(), Registry.of({"here": plugin}))
