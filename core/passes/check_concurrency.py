"""Check that as many trials can run at once as the sweep asks for."""

from sweepwright.diagnostics import Code, Report

from ..registry import Registry
from ..schema import Settings
from ..stages import Part, Spaced
from .ask_plugin import ask_about


def check_concurrency(tuner: Part, spaced: Spaced, registry: Registry, report: Report) -> None:
    """Warn of room for trials that the tuner, or the sweep's end, leaves empty."""
    resolved = spaced.bound.resolved
    asked, in_all = resolved.settings.concurrency, resolved.settings.max_trials
    if not (resolved.meant("concurrency") and resolved.meant("max_trials")):
        return
    question = tuner.provider.max_concurrency
    most = ask_about(question, tuner, registry, spaced, report) if question else None
    if most is not None and most < asked:
        name = f"`tuner={tuner.selected.name}`"
        _warn(f"{name} has at most {most} running at once", most, spaced, report)
    elif in_all is not None and in_all < asked != Settings().concurrency:
        trials = "1 trial" if in_all == 1 else f"{in_all} trials"
        _warn(f"the sweep has {trials} in all", in_all, spaced, report)


def _warn(why: str, most: int, spaced: Spaced, report: Report) -> None:
    resolved = spaced.bound.resolved
    message = f"`concurrency` is {resolved.settings.concurrency}, and {why}"
    span = resolved.places.value(("concurrency",))
    report.warn(Code.IDLE_CONCURRENCY, message, span, help=f"give `concurrency={most}`")
