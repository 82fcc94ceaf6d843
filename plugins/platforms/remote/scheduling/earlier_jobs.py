"""Jobs that machines know from earlier: of another driver, or from before a lost connection.

A machine that is attached lists all parts that it has ever accepted. A part that consists of a
whole job can be claimed by this job, if the job waits for a machine. Otherwise a part is stale if
this driver has launched its job or a newer job of its trial, or has cancelled its job. All other
parts are left alone, because the driver may still launch their jobs.
"""

from collections.abc import Callable, Collection, Iterable

from .active_job import ActiveJob, Part
from .fleet import Fleet, FleetMachine
from .splitting import is_whole, job_of, trial_of


class EarlierJobs:
    """Finds the parts that jobs can claim, and the stale parts, which must be cancelled.

    A stale part is recorded with its machine, so that it is never claimed, and is cancelled again
    if the machine was out of reach.
    """

    def __init__(self, fleet: Fleet, cancel: Callable[[FleetMachine, str], None]) -> None:
        self._fleet = fleet
        self._cancel = cancel
        self._trials: set[int] = set()
        """Trials of which this driver has a job."""
        self._unwanted: set[str] = set()
        """Jobs of earlier drivers that this driver has cancelled."""

    @property
    def has_unwanted(self) -> bool:
        """Whether this driver has cancelled a job of an earlier driver."""
        return bool(self._unwanted)

    def enter(self, job: ActiveJob, parts: Collection[str] = ()) -> None:
        """Note a job of this driver, and cancel all other parts of its trial that machines know.

        `parts` are the names of the parts that the job goes on with; without any, it may claim a
        part that consists of the whole job.
        """
        self._trials.add(job.trial)
        for machine in self._fleet:
            names = machine.unclaimed.pop(job.trial, set()).difference(parts)
            claimable = set() if parts else {n for n in names if _claimable(n, job.name)}
            if claimable:
                machine.unclaimed[job.trial] = claimable
            self._drop(machine, names - claimable)

    def discard(self, job: str) -> None:
        """Cancel a job of an earlier driver, now or when its machine is attached."""
        self._unwanted.add(job)
        for machine in self._fleet:
            names = machine.unclaimed.get(trial_of(job), set())
            unwanted = {name for name in names if job_of(name) == job}
            names -= unwanted
            self._drop(machine, unwanted)

    def claim(self, job: ActiveJob) -> Part | None:
        """Return the part on a machine that is this whole job; None if there is none."""
        for machine in self._fleet:
            names = machine.unclaimed.get(job.trial)
            if machine.state.attached and names:
                everything = tuple(range(len(job.needs)))
                return Part(machine.name, min(names), job.submission, everything, accepted=True)
        return None

    def sort(
        self, machine: FleetMachine, assigned: Collection[str], waiting: Collection[str]
    ) -> None:
        """Note what a machine knows when it is attached, and cancel what is stale.

        Parameters
        ----------
        assigned
            Names of the parts that this driver has assigned to the machine.
        waiting
            Names of the jobs that wait for a machine.
        """
        machine.unclaimed.clear()
        for name in sorted(set(machine.known) - machine.ended - set(assigned)):
            job, trial = job_of(name), trial_of(name)
            claimed = job in waiting and is_whole(name) and name not in machine.stale
            if claimed or (trial not in self._trials and job not in self._unwanted):
                machine.unclaimed.setdefault(trial, set()).add(name)
            else:
                self._drop(machine, [name])

    def _drop(self, machine: FleetMachine, names: Iterable[str]) -> None:
        for name in names:
            machine.stale.add(name)
            self._cancel(machine, name)


def _claimable(part: str, job: str) -> bool:
    return job_of(part) == job and is_whole(part)
