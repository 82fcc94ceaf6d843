"""The outcome of driving a sweep: done, failed or interrupted."""

from dataclasses import dataclass

from ..study import Study


@dataclass(frozen=True, slots=True)
class SweepOutcome:
    """The state in which a driver leaves a sweep."""

    state: str
    """``done``, ``failed`` or ``interrupted``."""
    reason: str
    exit_code: int
    """0 done, 1 failed or refused by the machine, 130 interrupted, 143 terminated."""
    launched: int = 0
    """Number of attempts that this driver launched."""


def decide_outcome(
    study: Study, drained: str, signal_exit_code: int, launched: int, refusal: str = ""
) -> SweepOutcome:
    """Decide the outcome of a sweep when its driver stops.

    If a signal or the machine interrupted the driver, the sweep is interrupted, even if trials
    were measured.
    Otherwise the sweep is done if at least one trial was measured or stopped by the assessor. If
    there is no such trial, the sweep has failed, and the reason is the most frequent failure of
    its trials.

    Parameters
    ----------
    drained : str
        Why no more trials were opened; empty if the tuner or ``max_trials`` ended the sweep.
    signal_exit_code : int
        Exit code for the signal that interrupted the driver; 0 if there was no signal.
    refusal : str
        Why the machine cannot run the trials that are left; empty if it can.
    """
    if signal_exit_code:
        return SweepOutcome("interrupted", "interrupted", signal_exit_code, launched)
    if refusal:
        return SweepOutcome("interrupted", refusal, 1, launched)
    if study.counts["measured"] or study.counts["stopped"]:
        return SweepOutcome("done", drained, 0, launched)
    reason = drained or "the tuner suggested no trial"
    for failure, count in study.failures.most_common(1):
        reason = f"no trial succeeded; {count} of {study.opened}: {failure}"
    return SweepOutcome("failed", reason, 1, launched)
