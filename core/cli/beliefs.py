"""Finds what the tuner of a recorded sweep believes, for the commands that show it."""

from sweepwright.contracts import Belief, PluginError
from sweepwright.diagnostics import plural

from ..driver.beliefs.rebuilding import rebuild_belief
from ..registry.registry import Registry, UnknownProvider
from ..store.history import History
from ..store.store_errors import StoreError
from ..store.trust import foreign_owner
from ..views.output import echo_error
from .arguments import UsageError


def require_belief(history: History) -> Belief | None:
    """Return what the tuner of a sweep believes; None if it has too few results.

    Raises
    ------
    UsageError
        When the tuner cannot say what it believes, or may not be asked.
    PluginError, UnknownProvider
        When the tuner is not installed, or fails.
    """
    if history.stated:
        return history.stated.belief
    registry, name = Registry.load(), history.plan.tuner.name
    if not registry.find("tuner", name).believes:
        others = [each for each in registry.names("tuner") if _believes(registry, each)]
        which = f"tuners that do: {', '.join(others)}" if others else "no installed tuner does"
        raise UsageError(f"tuner `{name}` of sweep {history.sweep} predicts nothing; {which}")
    if owner := foreign_owner(history.folder):
        # The tuner would be built from their settings, with the rights of this user.
        raise UsageError(
            f"sweep {history.sweep} belongs to {owner}, and no prediction of its tuner is recorded"
        )
    return rebuild_belief(history, registry)


def find_belief(history: History) -> Belief | None:
    """Return what the tuner of a sweep believes; None if it does not say, as most tuners."""
    if history.stated:
        return history.stated.belief
    # Its plugin need not be loaded to know this.
    if not any(session.believes for session in history.sessions) or foreign_owner(history.folder):
        return None
    try:
        return rebuild_belief(history, Registry.load())
    except (PluginError, StoreError) as error:
        echo_error(f"note: it is not known what the tuner believes: {error}")
        return None


def describe_missing(history: History) -> str:
    """Say that the tuner of a sweep has too few results to predict anything."""
    results = plural(sum(1 for _ in history.trials.measured()), "result")
    tuner = history.plan.tuner.name
    return f"tuner `{tuner}` predicts nothing yet: sweep {history.sweep} has {results}"


def _believes(registry: Registry, tuner: str) -> bool:
    """Tell whether a tuner that is installed can say what it believes."""
    try:
        return registry.find("tuner", tuner).believes
    except (PluginError, UnknownProvider):
        return False
