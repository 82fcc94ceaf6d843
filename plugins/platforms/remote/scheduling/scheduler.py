"""The scheduler: assigns jobs to machines, and takes them back from machines that are lost.

A job goes through the stages of `Stage`: it waits for machines, then for the checkpoint that it
inherits, then for the ports of its processes if they are on several machines, and then its
machines run it. A job that has not begun goes back to the first stage if one of its machines is
lost.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from sweepwright.contracts import Ended, JobEvent, Refused
from sweepwright.events import CheckpointRef, Json

from .active_job import CANCELLED, ActiveJob, Part, Stage
from .assignments import Assignments
from .checkpoints import Checkpoints, Copied, Copy
from .earlier_jobs import EarlierJobs
from .fleet import Fleet, FleetMachine
from .follower import Follower
from .placement import Share, explain_impossible
from .placement_queue import PlacementQueue
from .splitting import checkpoint_of
from .starter import Starter
from .waits import WaitReports

RETRY_SECONDS = 2.0
"""Interval in seconds at which failed copies of checkpoints are tried again."""


class Scheduler:
    """Assigns jobs to machines and reports their events.

    Invariants: a job is in `jobs` from its launch to its end. In the stage WAITING it is in
    `_queue`, or in `_held` until all machines of a resumed sweep have listed the jobs that they
    know. Its parts are assigned from the stage RESERVING on until they end.
    """

    def __init__(
        self,
        fleet: Fleet,
        order_copy: Callable[[Copy], None],
        on_end: Callable[[ActiveJob], None],
        token: str,
        *,
        resumed: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.jobs: dict[str, ActiveJob] = {}
        self._fleet = fleet
        self._on_end = on_end
        self._resumed = resumed
        self._now = now
        self._assignments = Assignments(fleet)
        self._checkpoints = Checkpoints(order_copy, fleet.reach, lambda: resumed and fleet.unheard)
        self._earlier = EarlierJobs(fleet, self._assignments.cancel)
        self.events: list[JobEvent] = []
        """Events that were not returned to the driver yet."""
        self._follower = Follower(
            fleet, self._assignments, self._checkpoints, self.events, self._end, self._requeue
        )
        self._starter = Starter(fleet, self._assignments, self._checkpoints, token, self.events)
        self._waits = WaitReports(fleet, self._starter, self.events)
        self._queue = PlacementQueue(fleet.rooms)
        self._held: list[ActiveJob] = []
        self._retry_at = float("inf")

    def take_events(self) -> list[JobEvent]:
        """Return the new events, and forget them."""
        events = self.events.copy()
        self.events.clear()
        return events

    @property
    def next_change(self) -> float:
        """Time at which `step` has something to do even if no notice arrives."""
        retry_at = self._retry_at if self._starter.copying else float("inf")
        return min(retry_at, self._fleet.next_change)

    def launch(self, job: ActiveJob) -> None:
        """Let a job wait for a machine; the next `step` may place it."""
        self.jobs[job.name] = job
        self._earlier.enter(job)
        self._held.append(job)

    @property
    def has_unwanted(self) -> bool:
        """Whether a job of an earlier driver was cancelled that may still run somewhere."""
        return self._earlier.has_unwanted

    def homes(self, ref: CheckpointRef | None) -> Sequence[str]:
        """List the machines that may hold a checkpoint; the list grows when others do."""
        return self._checkpoints.homes(ref)

    def take_over(self, job: ActiveJob, parts: Sequence[Part]) -> None:
        """Follow a job on the machines on which an earlier driver has launched it."""
        self.jobs[job.name] = job
        self._earlier.enter(job, {part.name for part in parts})
        job.stage, job.parts, job.launched = Stage.PLACED, list(parts), True
        for part in parts:
            self._assignments.assign(job, part)
            self._assignments.adopt(part)
            self._follower.tell_stalls(self._fleet[part.machine])

    def cancel(self, name: str) -> None:
        """End a job, wherever it is; `Ended` follows if it was launched here."""
        job = self.jobs.get(name)
        if job is None:
            self._earlier.discard(name)
        elif job.stage is Stage.PLACED:
            job.cancel()
            self._follower.advance(job)
        else:
            self._end(job, Ended(name, CANCELLED))

    def step(self) -> None:
        """Do what is due by now, and place the jobs that can be placed."""
        now = self._now()
        for machine in self._fleet:
            machine.update_room()
            if machine.is_mute(now, self._assignments.unaccepted(machine.name)):
                self._take_back(machine, "it accepts no trials")
            if machine.state.gives_up_at <= now:
                machine.state.given_up = True
                self._give_up(machine)
        if self._starter.copying and self._retry_at <= now:
            self._order_copies()
        self._place_jobs()

    def on_attached(self, machine: FleetMachine, hello: Json) -> None:
        """Send a machine the commands that it has missed, and note the jobs that it knows."""
        machine.on_attached(hello)
        assigned = self._assignments.on_machine(machine.name)
        waiting = [job.name for job in self.jobs.values() if job.stage is Stage.WAITING]
        self._earlier.sort(machine, {part.name for _, part in assigned}, waiting)
        for job, part in assigned:
            self._resume_part(machine, job, part)
        for name in machine.known:
            if ref := checkpoint_of(name):
                self._checkpoints.add_home(ref, machine.name)
        self._order_copies()
        self._review_jobs(machine)

    def on_detached(self, machine: FleetMachine, reason: str, *, unfit: bool) -> None:
        """Take back the jobs that a machine has not accepted, so that others can run them."""
        machine.state.on_detached(reason, unfit=unfit)
        machine.update_room()
        self._take_back(machine, reason)
        self._review_jobs(machine)

    def on_message(self, machine: FleetMachine, message: Json) -> None:
        """Handle a message of a machine's daemon."""
        match message:
            case {"event": _, "job": _}:
                self._follower.on_record(machine, message)
            case {"reserved": name, **answer}:
                self._on_reserved(machine, name, answer)
            case {"unknown": name}:
                self._follower.on_unknown(machine, name)
            case {"trouble": text}:
                self._follower.on_trouble(machine, text)

    def on_copied(self, copied: Copied) -> None:
        """Handle what became of the copy of a checkpoint."""
        job, copy = self.jobs.get(copied.copy.job), copied.copy
        if job is None or job.stage is not Stage.COPYING or job.placements != copy.placement:
            return  # the copy was for an earlier placement
        if copied.failed == copy.target:
            self._fleet[copy.target].on_failure(copied.reason)
            self._requeue(job)
        else:
            self._starter.on_copied(job, copied)
            self._waits.tell([job])

    def _resume_part(self, machine: FleetMachine, job: ActiveJob, part: Part) -> None:
        """Go on with a part on a machine that is attached again."""
        if part.name in machine.known:
            self._assignments.adopt(part)
            if part.cancelled or part.finishing:
                self._assignments.order(part, "cancel" if part.cancelled else "finish")
        elif part.accepted or part.cancelled:
            self._follower.on_unknown(machine, part.name)
        else:
            self._starter.resume(job, part)

    def _place_jobs(self) -> None:
        held = self._held
        if held and self._resumed and not self._fleet.settled:
            self._waits.tell_unheard(held)
        else:
            self._held = []
            for job in held:
                self._queue.add(job)
            self._claim_or_refuse(held)
        while (taken := self._queue.take()) is not None:
            self._begin(self.jobs[taken[0].name], taken[1])
        if not self._held:
            self._waits.tell(job for job in held if job.name in self.jobs)

    def _review_jobs(self, machine: FleetMachine) -> None:
        """Update jobs after a machine was attached or detached, and report what they wait for."""
        self._claim_or_refuse([self.jobs[waiting.name] for waiting in self._queue.jobs])
        machine.update_room()
        self._place_jobs()  # first, because a job that starts now does not wait
        held = {job.name for job in self._held}
        self._waits.tell(job for name, job in self.jobs.items() if name not in held)
        self._follower.tell_stalls(machine)

    def _claim_or_refuse(self, jobs: Iterable[ActiveJob]) -> None:
        """Let waiting jobs go on where they are known, and refuse those that can never run."""
        rooms = self._fleet.rooms
        explain = cache(lambda needs: explain_impossible([*map(dict, needs)], rooms))
        for job in jobs:
            if part := self._earlier.claim(job):
                self._claim(job, part)
            elif reason := self._fleet.unfit or explain(job.kind):
                self._end(job, Refused(job.name, reason))

    def _claim(self, job: ActiveJob, part: Part) -> None:
        self._queue.remove(job)
        self._earlier.enter(job, {part.name})
        job.stage, job.parts = Stage.PLACED, [part]
        job.placements += 1  # another placement must have another name
        self._assignments.assign(job, part)
        self._assignments.adopt(part)

    def _begin(self, job: ActiveJob, shares: Sequence[Share]) -> None:
        self._starter.begin(job, shares)
        if job.stage is Stage.COPYING:
            self._retry_at = min(self._retry_at, self._now() + RETRY_SECONDS)
            self._waits.tell([job])

    def _order_copies(self) -> None:
        self._starter.order_copies()
        self._retry_at = self._now() + RETRY_SECONDS

    def _on_reserved(self, machine: FleetMachine, name: str, answer: Json) -> None:
        found = self._assignments.find(machine.name, name)
        if found is None or self._starter.on_reserved(*found, answer.get("ports")):
            return
        machine.on_failure(answer.get("error", "it reserved other ports than requested"))
        self._requeue(found[0])

    def _give_up(self, machine: FleetMachine) -> None:
        """Take back the jobs of a machine that has been out of reach for too long."""
        reason = f"{machine.name} can no longer be reached ({machine.state.reason})"
        for job, part in self._assignments.on_machine(machine.name):
            if job.launched or len(job.parts) > 1:
                self._follower.lose(job, part, reason)
            else:
                self._requeue(job)
        self._order_copies()

    def _take_back(self, machine: FleetMachine, reason: str) -> None:
        """Take back the jobs that a machine has not accepted."""
        placed = [job for job in self.jobs.values() if job.is_placed_on(machine.name)]
        if idle := [job for job in placed if not job.begun]:
            # A machine that can be attached again and again, and accepts nothing, is no use.
            machine.on_failure(reason)
        for job in idle:
            self._requeue(job)

    def _withdraw(self, job: ActiveJob) -> None:
        """Take a job from its machines, and tell these to end their parts of it."""
        for part in job.parts:
            if not part.ended:
                self._assignments.order(part, "cancel")
                self._assignments.release(job, part)
        self._starter.forget(job)
        for share in job.shares:
            self._fleet[share.machine].room.release(job.name)

    def _requeue(self, job: ActiveJob) -> None:
        """Take a job from its machines, and let it wait for others, unless it was to end."""
        if job.failure is not None:
            self._end(job, Ended(job.name, job.failure))
            return
        self._withdraw(job)
        job.reset()
        self._queue.add(job)
        # Another machine may know it, too: from an earlier driver, or an earlier placement.
        self._claim_or_refuse([job])
        if job.name in self.jobs:
            self._waits.tell([job])

    def _end(self, job: ActiveJob, event: JobEvent) -> None:
        self._withdraw(job)
        self._queue.remove(job)
        self._held = [held for held in self._held if held is not job]
        del self.jobs[job.name]
        self._on_end(job)
        self.events.append(event)
