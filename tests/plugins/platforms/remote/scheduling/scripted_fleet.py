"""Machines that are scripts: tests say what they report, and read what they were told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweepwright.contracts import JobEvent
from sweepwright.events import CheckpointRef, Json
from sweepwright.plugins.platforms.remote.scheduling.active_job import ActiveJob
from sweepwright.plugins.platforms.remote.scheduling.checkpoints import Copy
from sweepwright.plugins.platforms.remote.scheduling.fleet import Fleet, FleetMachine
from sweepwright.plugins.platforms.remote.scheduling.machine_room import MachineRoom
from sweepwright.plugins.platforms.remote.scheduling.machine_state import MachineState
from sweepwright.plugins.platforms.remote.scheduling.scheduler import Scheduler

LOST_AFTER = 100.0


@dataclass
class ScriptedLink:
    """A link that keeps what is sent while the machine is attached."""

    sent: list[Json] = field(default_factory=list)
    attached: bool = False

    def start(self) -> None: ...

    def send(self, message: Json) -> None:
        if self.attached:
            self.sent.append(message)

    def on_handled(self) -> None: ...

    def close(self) -> None: ...

    def join(self, seconds: float) -> None: ...

    def take(self) -> list[Json]:
        sent, self.sent = self.sent, []
        return sent


class ScriptedFleet:
    """A scheduler with machines that do what a test says, and a clock that the test moves."""

    def __init__(self, *names: str, resumed: bool = False, slots: int = 4) -> None:
        self.now = 0.0
        self.links = {name: ScriptedLink() for name in names}
        self.fleet = Fleet([self._machine(name, slots) for name in names])
        self.copies: list[Copy] = []
        self.ended: list[ActiveJob] = []
        self.scheduler = Scheduler(
            self.fleet,
            self.copies.append,
            self.ended.append,
            "f00d",
            resumed=resumed,
            now=self._clock,
        )
        self._at = 0
        self._jobs = 0

    def attach(
        self,
        *names: str,
        known: Iterable[str] = (),
        log: str | None = None,
        end: int = 1000,
        cpus: float = 4.0,
        gpus: int = 0,
    ) -> None:
        """Attach machines, in whose logs the latest record of each known part ends at `end`."""
        for name in names:
            self.links[name].attached = True
            hello = {
                "log": log or f"log of {name}",
                "known": dict.fromkeys(known, end),
                "capacity": {"cpus": cpus, "gpus": [*map(str, range(gpus))], "memory": 1e9},
            }
            self.scheduler.on_attached(self.fleet[name], hello)
        self.scheduler.step()

    def detach(self, name: str, reason: str = "cut", *, unfit: bool = False) -> None:
        self.links[name].attached = False
        self.scheduler.on_detached(self.fleet[name], reason, unfit=unfit)
        self.scheduler.step()

    def say(self, name: str, message: Mapping[str, Any]) -> None:
        """Let a machine send a message; a record of the log gets the next position."""
        if "event" in message:
            self._at += 1
            message = {"at": self._at, **message}
        self.scheduler.on_message(self.fleet[name], message)
        self.scheduler.step()

    def report(self, name: str, part: str, *events: str) -> None:
        """Let a machine record events of a part that have no content."""
        for event in events:
            content: dict[str, Any] = {"event": event, "job": part}
            if event == "ended":
                content["failure"] = None
            if event == "output":
                content["line"] = f"line {self._at + 1}"
            self.say(name, content)

    def fail(self, name: str, part: str, kind: str = "error", message: str = "boom") -> None:
        failure = {"kind": kind, "message": message}
        self.say(name, {"event": "ended", "job": part, "failure": failure})

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.scheduler.step()

    def job(
        self,
        *needs: Mapping[str, float],
        trial: int | None = None,
        attempt: int = 1,
        inherits: CheckpointRef | None = None,
        wired: bool = False,
    ) -> ActiveJob:
        """Make a job with one process for each need, of which the first reports and decides."""
        number = self._jobs
        self._jobs += 1
        trial = number if trial is None else trial
        processes = [
            {
                "role": "main",
                "rank": rank,
                "resources": dict(need),
                "decides": rank == 0,
                "environment": {"SWEEPWRIGHT_REPORTS": "file:x"} if rank == 0 else {},
                "wiring": {"MASTER": "<host of main 0>:<port of main 0>"} if wired else {},
            }
            for rank, need in enumerate(needs or [{}])
        ]
        return ActiveJob(
            f"sweep-{trial}-{attempt}",
            number,
            trial,
            attempt,
            {"processes": processes},
            inherits,
            self.scheduler.homes(inherits),
        )

    def launch(self, *needs: Mapping[str, float], **more: Any) -> ActiveJob:
        job = self.job(*needs, **more)
        self.scheduler.launch(job)
        self.scheduler.step()
        return job

    def events(self) -> list[JobEvent]:
        return self.scheduler.take_events()

    def sent(self, name: str) -> list[Json]:
        """Take what a machine was told since the last call, without submissions."""
        return [
            {key: value for key, value in message.items() if key != "submission"}
            for message in self.links[name].take()
        ]

    def machines_of(self, job: ActiveJob) -> Sequence[str]:
        return [part.machine for part in job.parts]

    def _machine(self, name: str, slots: int) -> FleetMachine:
        return FleetMachine(
            name,
            lambda: f"{name}.lab",
            self.links[name],
            MachineState(LOST_AFTER, self._clock),
            MachineRoom(name),
            slots,
        )

    def _clock(self) -> float:
        return self.now
