"""Sweeps: begins a new one or resumes one, assembles its parts, and drives it."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sweepwright.contracts import PluginError

from ..plan.plan import Limits, Plan, Selection
from ..plan.trial_files import hash_sources
from ..registry.registry import Registry
from ..store.catalog import Store
from ..store.history import current_plan, most_concurrent
from ..store.journal import Journal, JournalReader
from .driver import Driver
from .outcome import SweepOutcome
from .replay import replay
from .runtime import Runtime
from .study import Study
from .turn import Display

CHANGED_SOURCE = (
    "the trial's source has changed since the sweep began: "
    "results from before and after may not compare"
)


def run_sweep(plan: Plan, registry: Registry, display: Display) -> SweepOutcome:
    """Begin a sweep in the plan's store, and drive it.

    Raises
    ------
    StoreError
        When the store cannot be used; then nothing was started.
    """
    folder = Store(Path(plan.store)).create(plan)
    return resume_sweep(folder, None, None, registry, display)


def resume_sweep(
    folder: Path,
    limits: Limits | None,
    platform: Selection | None,
    registry: Registry,
    display: Display,
) -> SweepOutcome:
    """Go on with a sweep where its journal ends, under new limits where they are given.

    Raises
    ------
    StoreError
        When the journal cannot be read, or another driver holds it.
    """
    journal = Journal(folder)
    try:
        return _drive(folder, journal, limits, platform, registry, display)
    except PluginError as error:
        # No driver could be built, so the journal stays as it is.
        return SweepOutcome(folder, "failed", str(error), 1)
    finally:
        journal.close()


def _drive(
    folder: Path,
    journal: Journal,
    limits: Limits | None,
    platform: Selection | None,
    registry: Registry,
    display: Display,
) -> SweepOutcome:
    with closing(JournalReader(folder)) as reader:
        plan = current_plan(reader)
        plan = replace(plan, limits=limits or plan.limits, platform=platform or plan.platform)
        with closing(Runtime.assemble(plan, registry, folder, most_concurrent(reader))) as runtime:
            study = Study(plan, folder.name)
            driver = Driver(study, journal, runtime, display)
            found = replay(reader.rows(), study, driver.feed, runtime.tell)
            driver.begin()
            if plan.source_hash and hash_sources(plan.code) != plan.source_hash:
                display.notify(CHANGED_SOURCE)
            driver.recover(found.uncancelled)
            return driver.run(found.seconds)
