"""Events of trials that ran one after the other, to tell an assessor."""

from collections.abc import Iterable, Sequence

from sweepwright.contracts import Assessor
from sweepwright.events import (
    Event,
    Failed,
    Failure,
    FailureKind,
    Measured,
    Opened,
    Promote,
    Reported,
    Start,
    Stopped,
    Trial,
)


def trial(number: int) -> Trial:
    return Trial(number, {"x": number})


def reports(
    number: int, curve: Iterable[float | None], attempt: int = 1, *, continued: bool = False
) -> list[Event]:
    return [
        Reported(trial(number), value, attempt, sequence, continued=continued)
        for sequence, value in enumerate(curve)
    ]


def measured(number: int, curve: Sequence[float]) -> list[Event]:
    opened = Opened(trial(number), Start({"x": number}))
    return [opened, *reports(number, curve), Measured(trial(number), curve[-1])]


def stopped(number: int, curve: Sequence[float]) -> list[Event]:
    return [*measured(number, curve)[:-1], Stopped(trial(number), None, "hopeless")]


def failed(number: int, curve: Sequence[float]) -> list[Event]:
    end = Failed(trial(number), Failure(FailureKind.ERROR, "ValueError: no"))
    return [*measured(number, curve)[:-1], end]


def promoted(number: int, curve: Sequence[float], *, continued: bool) -> list[Event]:
    opened = Opened(trial(number), Promote(number, 9.0))
    end = Measured(trial(number), curve[-1], 2)
    return [opened, *reports(number, curve, 2, continued=continued), end]


def tell(assessor: Assessor, *histories: Iterable[Event]) -> None:
    for history in histories:
        for event in history:
            assessor.tell(event)
