"""An OpenPAI cluster for tests: its jobs, users, storages and virtual clusters."""

import json
import re
import secrets
import socket
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .exchange import Exchange
from .exit_specs import COMPLETED, STOPPED, ExitSpec, exited
from .faults import Faults
from .jobs import PaiJob, Task
from .protocol_validation import entrypoint
from .rate_limits import Limits, MovableClock, RateLimiter
from .tasks import Container


class OpenPai:
    """A cluster, which `http_server.served` serves over HTTP.

    All methods may be called from any thread. Jobs run as soon as there is room for them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        users: Mapping[str, str] | None = None,
        storages: Mapping[str, Path] | None = None,
        virtual_clusters: Sequence[str] = ("default",),
        limits: Limits | None = None,
        private: Sequence[str] = ("/tmp/sweepwright",),  # noqa: S108 - a folder of containers
    ) -> None:
        """Make a cluster.

        Parameters
        ----------
        folder
            Folder for the containers.
        users
            Mapping from user to token; by default, a user ``alice`` with a random token.
        storages
            Mapping from storage to the folder that stands for it.
        private
            Folders of which each container has one of its own.
        """
        self.users = dict(users or {"alice": secrets.token_hex(8)})
        self.storages = dict(storages or {})
        self.virtual_clusters = list(virtual_clusters)
        self.url = ""
        """Address of the cluster, while it is served."""
        self.exchanges: list[Exchange] = []
        """All requests so far."""
        self.clock = MovableClock()
        self.faults = Faults()
        limits = limits or Limits()
        self.limiters = {
            "request": RateLimiter(limits.requests_per_minute, 60.0, self.clock),
            "list": RateLimiter(limits.lists_per_minute, 60.0, self.clock),
            "submission": RateLimiter(limits.submissions_per_hour, 3600.0, self.clock),
        }
        self.jobs: dict[tuple[str, str], PaiJob] = {}
        """Mapping from user and name to job, in the order of submission."""
        self.hidden_lists = 0
        """Number of lists of jobs that still lack the jobs submitted last, as lists may."""
        self.capacity: int | None = None
        """Number of jobs that run at once; None for any number."""
        self.log_token = "log0"  # noqa: S105 - a word that the log manager checks
        """Token in the addresses of logs; other addresses are no longer valid."""
        self.runs_tasks = True
        """Whether containers are started; otherwise jobs run until a test ends them."""
        self.changed = threading.Condition(threading.RLock())
        """Notified when a job has changed; its lock guards all jobs."""
        self._folder = folder
        self._private = private

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """Method, path and status of each request so far."""
        return [(each.method, each.path, each.status) for each in self.exchanges]

    def close(self) -> None:
        """End all containers."""
        with self.changed:
            jobs = list(self.jobs.values())
        for job in jobs:
            self.stop(job)

    def submit_for(self, user: str, protocol: Mapping[str, Any]) -> PaiJob:
        """Submit a job without a request."""
        job = PaiJob(user, str(protocol["name"]), protocol, json.dumps(protocol), self.clock())
        self.submit(job)
        return job

    def submit(self, job: PaiJob) -> None:
        """Add a job, and start it if there is room."""
        with self.changed:
            self.jobs[job.user, job.name] = job
            self.start_waiting()
            self.changed.notify_all()

    def start_waiting(self) -> None:
        """Start the jobs for which there is room, in order."""
        with self.changed:
            for job in list(self.jobs.values()):
                running = sum(each.sub_state == "AttemptRunning" for each in self.jobs.values())
                if self.capacity is not None and running >= self.capacity:
                    return
                if job.sub_state == "AttemptCreationPending" and job.execution == "START":
                    self._start(job)

    def stop(self, job: PaiJob, end: ExitSpec = STOPPED) -> None:
        """Stop a job, as its user does."""
        with self.changed:
            if job.final:
                return
            job.execution = "STOP"
            self._end(job, end, None)

    def end_task(self, job: PaiJob, end: ExitSpec, role: str | None = None) -> None:
        """Let the cluster end a container of a job, and run the job again if OpenPAI would."""
        with self.changed:
            task = next((each for each in job.tasks if role in (None, each.role)), None)
            if task is not None:
                task.end = end
            if not end.retried:
                self._end(job, end, task)
                return
            for each in job.tasks:
                each.container.kill()
            job.retries += 1
            job.sub_state = "AttemptCreationPending"
            self.start_waiting()
            self.changed.notify_all()

    def remove(self, job: PaiJob) -> None:
        """Forget a job, as if an administrator had removed it."""
        with self.changed:
            for task in job.tasks:
                task.container.kill()
            del self.jobs[job.user, job.name]

    def wait_for(self, name: str, *states: str, seconds: float = 30.0) -> PaiJob:
        """Wait until a job, given by a part of its name, is in one of some states."""
        with self.changed:
            found: list[PaiJob] = []

            def reached() -> bool:
                found[:] = [
                    job
                    for job in self.jobs.values()
                    if re.search(name, job.name) and job.state in states
                ]
                return bool(found)

            assert self.changed.wait_for(reached, seconds), f"no `{name}` is in {states}"
            return found[0]

    def _start(self, job: PaiJob) -> None:
        roles = job.protocol["taskRoles"]
        job.tasks = [
            Task(name, index, Container(self._folder, self._on_exit), ports=_free_ports(role))
            for name, role in roles.items()
            for index in range(role.get("instances", 1))
        ]
        job.attempts.append(job.tasks)
        job.sub_state = "AttemptRunning"
        job.launched = self.clock()
        if not self.runs_tasks:
            return
        shared = _addresses(job)
        for task in job.tasks:
            task.container.start(
                entrypoint(job.protocol, task.role),
                {
                    **shared,
                    "PAI_JOB_NAME": job.name,
                    "PAI_USER_NAME": job.user,
                    "PAI_CURRENT_TASK_ROLE_NAME": task.role,
                    "PAI_CURRENT_TASK_ROLE_CURRENT_TASK_INDEX": str(task.index),
                },
                self._mounts(job),
                self._private,
            )

    def _mounts(self, job: PaiJob) -> Mapping[str, Path]:
        mounted = job.protocol.get("extras", {}).get("storages", [])
        return {
            each.get("mountPath", f"/mnt/{each['name']}"): self.storages[each["name"]]
            for each in mounted
            if each["name"] in self.storages
        }

    def _on_exit(self, container: Container, code: int) -> None:
        with self.changed:
            for job in self.jobs.values():
                for task in job.tasks:
                    if task.container is container and task.end is None and not job.final:
                        task.end = exited(code)
                        self._decide(job, task)

    def _decide(self, job: PaiJob, task: Task) -> None:
        """End a job if its completion policy says so, now that a task has ended."""
        assert task.end is not None, "the task has ended"
        policy = job.protocol["taskRoles"][task.role].get("completion", {})
        ended = [each for each in job.tasks if each.role == task.role and each.end]
        failed = sum(each.end is not None and each.end.code != 0 for each in ended)
        succeeded = len(ended) - failed
        instances = job.protocol["taskRoles"][task.role].get("instances", 1)
        if failed and 0 < policy.get("minFailedInstances", 1) <= failed:
            self._end(job, task.end, task)
        elif 0 < policy.get("minSucceededInstances", instances) <= succeeded:
            self._end(job, exited(0), task)
        elif all(each.end for each in job.tasks):
            self._end(job, exited(0), None)

    def _end(self, job: PaiJob, end: ExitSpec, trigger: Task | None) -> None:
        """Kill what runs of a job, and complete it."""
        job.trigger = trigger
        for task in job.tasks:
            if task.end is None:
                task.end = COMPLETED
            task.container.kill()
        job.end, job.sub_state, job.completed = end, "Completed", self.clock()
        if end.code:
            job.diagnostics = f"[{end.phrase}] {end.reason or f'exit code {end.code}'}"
        self.start_waiting()
        self.changed.notify_all()


def _addresses(job: PaiJob) -> dict[str, str]:
    """Return the variables by which the containers of a job find each other."""
    found = {}
    for task in job.tasks:
        role = re.sub("[^a-z0-9]", "", task.role.lower())
        found[f"PAI_HOST_IP_{role}_{task.index}"] = "127.0.0.1"
        for label, port in task.ports.items():
            found[f"PAI_PORT_LIST_{role}_{task.index}_{label}"] = str(port)
    return found


def _free_ports(role: Mapping[str, Any]) -> dict[str, int]:
    labels = {"ssh": 1, "http": 1, **role["resourcePerInstance"].get("ports", {})}
    bound = {label: socket.create_server(("127.0.0.1", 0)) for label in labels}
    ports = {label: kept.getsockname()[1] for label, kept in bound.items()}
    for kept in bound.values():
        kept.close()
    return ports
