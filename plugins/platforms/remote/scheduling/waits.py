"""Reports of what jobs wait for before their machines run them; each wait is reported once."""

from collections.abc import Iterable
from functools import cache

from sweepwright.contracts import JobEvent, Waiting

from .active_job import ActiveJob, Stage
from .fleet import Fleet
from .placement import Wait, describe_wait
from .starter import Starter


class WaitReports:
    """Tells the driver what jobs wait for."""

    def __init__(self, fleet: Fleet, starter: Starter, events: list[JobEvent]) -> None:
        self._fleet = fleet
        self._starter = starter
        self._events = events

    def tell(self, jobs: Iterable[ActiveJob]) -> None:
        """Report what each of these jobs waits for, unless it was the last thing reported."""
        rooms = self._fleet.rooms
        describe = cache(lambda needs: describe_wait([*map(dict, needs)], rooms))
        for job in jobs:
            if job.stage is Stage.WAITING:
                self._tell(job, describe(job.kind))
            elif job.stage is Stage.COPYING:
                self._tell(job, self._starter.describe_wait(job))

    def tell_unheard(self, jobs: Iterable[ActiveJob]) -> None:
        """Report that these jobs wait until all machines have listed the jobs that they know."""
        unheard = (machine.name for machine in self._fleet if not machine.state.settled)
        wait = Wait(f"{', '.join(unheard)}, where earlier trials may still run")
        for job in jobs:
            self._tell(job, wait)

    def _tell(self, job: ActiveJob, wait: Wait) -> None:
        if job.told != wait:
            job.told = wait
            self._events.append(Waiting(job.name, wait.wants, wait.refusal))
