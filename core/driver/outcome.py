"""How a driver's work on a sweep ended: done, failed or interrupted."""

from dataclasses import dataclass

from .study import Study


@dataclass(frozen=True, slots=True)
class Ending:
    """The state a driver leaves a sweep in."""

    state: str
    """``done``, ``failed`` or ``interrupted``."""
    reason: str
    exit_code: int
    launched: int = 0
    """Attempts that this driver launched."""


def decide_outcome(study: Study, drained: str, signalled: int) -> Ending:
    """Judge a study that a driver has left.

    Parameters
    ----------
    drained : str
        Why no more trials were opened, empty when there were none left to open.
    signalled : int
        The exit code of the signal that ended it, 0 without one.
    """
    if signalled:
        return Ending("interrupted", "interrupted", signalled)
    if study.counts["measured"] or study.counts["stopped"]:
        return Ending("done", drained, 0)
    for reason, count in study.failures.most_common(1):
        return Ending("failed", f"no trial succeeded; {count} of {study.opened}: {reason}", 1)
    return Ending("failed", drained or "the tuner suggested no trial", 1)
