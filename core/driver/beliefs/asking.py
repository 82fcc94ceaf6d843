"""Asks a tuner what it believes, and checks the answer, which comes from a plugin."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from sweepwright.contracts import Belief, Tuner
from sweepwright.space import SearchSpace

from ...plan.field_types import check_field_types
from ...plan.plan import Plan
from ..runtime import attribute_errors
from ..signals import SIGNALS


def ask_belief(plan: Plan, tuner: Tuner) -> Belief | None:
    """Return what a tuner believes; None if it has been told too few results.

    Raises
    ------
    PluginError
        When the tuner fails, or what it returns is not a belief about the plan's space.
    """
    believer: Any = tuner
    with attribute_errors(plan.tuner):
        belief = believer.belief()
        if belief is not None:
            check_belief(belief, plan.space)
        return belief  # type: ignore[no-any-return]  # it was checked


def check_belief(belief: Any, space: SearchSpace) -> None:
    """Raise a `TypeError` or a `ValueError` if an object is not a belief about a space."""
    if not isinstance(belief, Belief):
        raise TypeError(f"`belief` returned {belief!r}, which is not a Belief")
    check_field_types(belief)
    names = {parameter.name for parameter in space.parameters}
    for name, share in belief.importance.items():
        if name not in names or not 0 <= share <= 1:
            raise ValueError(f"the importance of `{name}` is {share}, which cannot be")
    if best := belief.best:
        if best.deviation < 0:
            raise ValueError(f"the deviation of a prediction is {best.deviation}")
        if misfits := space.misfits(best.assignment):
            raise ValueError(f"the predicted best is not in the search space: {misfits}")


class AbortedError(BaseException):
    """A signal ended a computation. It is no `Exception`, so that a plugin does not catch it."""


@contextmanager
def abort_on_signals(seconds: float | None) -> Iterator[None]:
    """Let signals end a computation, and a timer as well if a number of seconds is given.

    Python handles signals between two instructions, so a long call of a compiled library is not
    cut short. Python allows this only in the main thread; elsewhere nothing ends the computation.

    Raises
    ------
    AbortedError
        When the computation was ended.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous: dict[int, Any] = {}
    try:
        for number in (*SIGNALS, signal.SIGALRM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                previous[number] = signal.signal(number, _abort)
        signal.setitimer(signal.ITIMER_REAL, seconds or 0.0)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        for earlier, handler in previous.items():
            signal.signal(earlier, handler)


def _abort(_number: int, _frame: FrameType | None) -> None:
    # Only the first signal counts: the second must not interrupt the `finally` above.
    for number in (*SIGNALS, signal.SIGALRM):
        if signal.getsignal(number) is _abort:
            signal.signal(number, _ignore)
    raise AbortedError


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing, and unlike SIG_IGN let processes that are started have the default handler."""
