"""Begin or resume a sweep: read its journal, build its plugins, and run the driver.

A new sweep is a resume of an empty journal, so beginning and resuming share their code.

The journal is read once, from its first entry to its last. Entries that are replayed are also
added to the history. When this driver's session ends, the session's own entries are added as well.
Only the first entry of each session is read beforehand, through an index. The tuner is built with
the limits of the last session, and it must exist before the first event is replayed.
"""

import gc
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

from sweepwright.contracts import PluginError
from sweepwright.diagnostics import plural

from ..plan.plan import Plan
from ..plan.redaction import remember_variables
from ..plan.trial_files import hash_sources
from ..registry.registry import Registry
from ..store.catalog import Store
from ..store.history import History, HistoryFold
from ..store.journal import Journal
from ..store.journal_reader import JournalReader
from ..store.leftovers import DeadDrivers
from ..store.sessions import fold_sessions
from ..store.store_errors import DamagedJournalError, LostStoreError, StoreError, converting_errors
from .beliefs.recording import record_belief
from .driver import Driver
from .ending.outcome import SweepOutcome
from .probe import probe, probe_store
from .replay import replay
from .runtime import Runtime
from .study import Study
from .turn import Display

CHANGED_SOURCE = (
    "the trial's source has changed since the sweep began: "
    "results from before and after may not be comparable"
)

LEFT_RUNNING = (
    "running trials go on without their driver; "
    "`resume` takes them up again, and `cleanup` ends them"
)

Revise: TypeAlias = Callable[[Plan], Plan]
"""Function that changes the limits of a recorded plan, or the slots of its platform."""


def run_sweep(plan: Plan, registry: Registry, display: Display) -> tuple[SweepOutcome, History]:
    """Begin a sweep in the plan's store, and drive it to its end.

    Raises
    ------
    CompileError, StoreError
        When the store cannot be used. In this case nothing was started.
    """
    probe_store(Path(plan.store))
    return _continue(Store(Path(plan.store)).create(plan), registry, display, lambda plan: plan)


def resume_sweep(
    folder: Path, registry: Registry, display: Display, revise: Revise | None = None
) -> tuple[SweepOutcome, History]:
    """Continue a sweep after the last entry of its journal.

    Parameters
    ----------
    revise
        Function that changes the recorded plan; None to use the recorded plan unchanged.

    Returns
    -------
    SweepOutcome, History
        The outcome of this session, and the whole recorded history of the sweep.

    Raises
    ------
    StoreError
        When the journal cannot be read, or another driver holds it. In this case nothing was
        started.
    CompileError
        When this machine lacks something that the sweep needs, or the platform finds no machine
        that can run trials. In this case nothing was started, and the journal is unchanged.
    LostStoreError
        When the journal could no longer be written. What was committed can be resumed.
    """

    def revise_and_probe(plan: Plan) -> Plan:
        revised = revise(plan) if revise else plan
        for warning in probe(revised, registry, folder):
            way_out = f"; {warning.help}" if warning.help else ""
            display.notify(f"warning[{warning.code.value}]: {warning.message}{way_out}")
        return revised

    return _continue(folder, registry, display, revise_and_probe)


def _continue(
    folder: Path, registry: Registry, display: Display, revise: Revise
) -> tuple[SweepOutcome, History]:
    with closing(Journal(folder)) as journal, closing(JournalReader(folder)) as reader:
        fold = HistoryFold(reader)
        try:
            outcome = _drive(journal, reader, fold, registry, display, revise)
        except PluginError as error:
            # The driver could not be built, so no session began and the journal is unchanged.
            outcome = SweepOutcome("failed", str(error), 1)
        return outcome, fold.history(driven=False)


def _drive(
    journal: Journal,
    reader: JournalReader,
    fold: HistoryFold,
    registry: Registry,
    display: Display,
    revise: Revise,
) -> SweepOutcome:
    folder = journal.folder
    # The lock is already held, so no other driver can add another session.
    sessions = fold_sessions(reader.plan, reader.sessions())
    plan = revise(sessions.plan)
    for environment in (plan.code.environment, *(role.environment for role in plan.code.roles)):
        remember_variables(environment)
    assembled = Runtime.assemble(
        plan, registry, folder, sessions.most_concurrent, resumed=bool(sessions.started)
    )
    with closing(assembled) as runtime:
        study = Study(plan, folder.name)
        driver = Driver(study, journal, runtime, display)
        with converting_errors(journal.path):
            uncancelled = replay(fold.entries(), study, driver.feed, runtime.tell)
        # The limits were found through an index, which has no checksum.
        if fold.sessions.plan != sessions.plan:
            raise DamagedJournalError(journal.path, "its index lacks a session")
        earlier = DeadDrivers(folder, plan.platform, sessions.started)
        if ended := earlier.end_leftovers(registry):
            ended_processes = plural(ended, "process", "processes")
            display.notify(f"ended {ended_processes} that an earlier driver left running")
        driver.begin()
        # A notice is enough, because the change may be harmless, such as a comment or a fixed
        # crash.
        if plan.source_hash and hash_sources(plan.code) != plan.source_hash:
            display.notify(CHANGED_SOURCE)
        outcome = _run(driver, runtime, display, uncancelled, fold.sessions.seconds)
        if outcome.state == "failed" and study.busy and runtime.outlives:
            display.notify(LEFT_RUNNING)
    # The platform is closed: no trial waits for the tuner now.
    if outcome.state != "failed":
        hurry = outcome.state == "interrupted"
        record_belief(study, journal, runtime, driver.feed, display.notify, interrupted=hurry)
    return outcome


def _run(
    driver: Driver, runtime: Runtime, display: Display, uncancelled: Iterable[str], seconds: float
) -> SweepOutcome:
    """Take over the jobs of an earlier driver, and drive the study to its end.

    Raises
    ------
    LostStoreError
        When the journal can no longer be written.
    """
    # What was imported lives to the end, so the collector need not visit it again and again.
    gc.freeze()
    try:
        driver.recover(uncancelled)
        return driver.run(seconds)
    except StoreError as error:
        if driver.study.busy and runtime.outlives:
            display.notify(LEFT_RUNNING)
        raise LostStoreError(
            f"the sweep was interrupted: {error}; once the store is in order, `resume` "
            "continues from the last commit"
        ) from error
    finally:
        gc.unfreeze()
