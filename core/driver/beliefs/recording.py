"""Records what the tuner believes when a session ends.

The session has ended already: its trials are over, and its end is in the journal. A crash loses
the belief alone, which can be asked of a tuner that is rebuilt (`rebuilding`).
"""

from collections.abc import Callable

from sweepwright.contracts import PluginError

from ...store.entries import BeliefStated
from ...store.journal import Journal
from ...store.store_errors import StoreError
from ..ordering.event_order import EventFeed
from ..runtime import Runtime
from ..study import Study
from .asking import AbortedError, abort_on_signals, ask_belief

HURRY_SECONDS = 1.0
"""Longest time for which a user who has interrupted the sweep waits for the belief."""


def record_belief(
    study: Study,
    journal: Journal,
    runtime: Runtime,
    feed: EventFeed,
    notify: Callable[[str], None],
    *,
    interrupted: bool,
) -> None:
    """Ask the tuner what it believes, and journal the answer; an error costs a warning.

    A signal ends the wait for the answer, which is then not recorded.
    """
    if not runtime.believes:
        return
    try:
        with abort_on_signals(HURRY_SECONDS if interrupted else None):
            runtime.tell_tuner(feed.rest())
            belief = ask_belief(study.plan, runtime.tuner)
        journal.append(BeliefStated(belief, study.events))
        journal.commit()
    except AbortedError:
        return
    except (PluginError, StoreError) as error:
        notify(f"warning: what the tuner believes is not recorded: {error}")
