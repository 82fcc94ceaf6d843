"""A controller whose cluster is a script: a test says what the API server answers and shows."""

from collections.abc import Iterable
from typing import Any

from sweepwright.contracts import Ended, JobEvent
from sweepwright.events import Failure, Json
from sweepwright.plugins.platforms.kubeflow.api.errors import ApiError
from sweepwright.plugins.platforms.kubeflow.api.resources import JOB, POD, PYTORCH_JOB, Resource
from sweepwright.plugins.platforms.kubeflow.jobs.active_job import ActiveJob, Outcome
from sweepwright.plugins.platforms.kubeflow.jobs.controller import Controller
from sweepwright.plugins.platforms.kubeflow.jobs.pod_view import Pod
from sweepwright.runner_client.pods.log_reader import Item, Record, Text

OWNER = {"name": "sw-s", "uid": "owner"}


class ScriptedCluster:
    """Records what a controller asks for, and gives it answers and notices; time is a number."""

    def __init__(self, *, start_timeout: float | None = None, keep_finished: bool = False) -> None:
        self.now = 1000.0
        self.asked: list[tuple[str, ...]] = []
        """Requests since `take_asked`, each with the name of the object."""
        self.text: dict[str, dict[int, bytes]] = {}
        self.saved: dict[str, Outcome | None] = {}
        self.full_disk = ""
        self.controller = Controller(
            self,
            start_timeout=start_timeout,
            keep_finished=keep_finished,
            now=lambda: self.now,
        )

    # What the controller asks for.

    def create_inputs(self) -> None:
        self.asked.append(("inputs",))

    def create(self, job: ActiveJob, owner: Json) -> None:
        assert owner == OWNER
        self.asked.append(("create", job.object_name))

    def read(self, job: ActiveJob) -> None:
        self.asked.append(("read", job.object_name))

    def delete(self, _resource: Resource, name: str, uid: str, _key: str) -> None:
        self.asked.append(("delete", name, uid))

    def list_events(self) -> None:
        self.asked.append(("events",))

    def follow(self, _job: ActiveJob, pod: Pod) -> None:
        self.asked.append(("follow", pod.name))

    def finish_log(self, job: ActiveJob) -> None:
        self.asked.append(("finish", job.object_name))

    def close_log(self, job: ActiveJob) -> None:
        self.asked.append(("close", job.object_name))

    def save_tail(self, _job: ActiveJob, pod: Pod) -> None:
        self.asked.append(("tail", pod.name))

    def keep_text(self, job: ActiveJob, offset: int, data: bytes) -> None:
        self.text.setdefault(job.name, {})[offset] = data

    def save_outcome(self, job: ActiveJob) -> str:
        if not self.full_disk:
            self.saved[job.name] = job.outcome
        return self.full_disk

    # What a test does.

    def job(
        self,
        trial: int = 0,
        attempt: int = 1,
        *,
        resource: Resource = JOB,
        role: str = "main",
        pods: int = 1,
    ) -> ActiveJob:
        """Make a job."""
        name = f"s-{trial}-{attempt}"
        manifest = {"metadata": {"name": f"sw-{name}"}}
        return ActiveJob(name, trial, attempt, resource, manifest, role, pods)

    def launch(self, trial: int = 0, attempt: int = 1, **changes: Any) -> ActiveJob:
        """Launch a job."""
        job = self.job(trial, attempt, **changes)
        self.controller.launch(job)
        self.controller.step()
        return job

    def created(self, trial: int = 0, attempt: int = 1, **changes: Any) -> ActiveJob:
        """Launch a job, and create what it asks for."""
        job = self.launch(trial, attempt, **changes)
        if self.take_asked() == [("inputs",)]:
            self.controller.on_inputs(OWNER, None)
            self.controller.step()
        self.answer_create(job)
        self.take_asked()
        return job

    def running(self, trial: int = 0, attempt: int = 1, **changes: Any) -> ActiveJob:
        """Launch a job, and let all its pods run."""
        job = self.created(trial, attempt, **changes)
        self.show_job(job, status={"active": 1})
        for role, rank in roles(job):
            self.show_pod(job, role=role, rank=rank, **RUNNING)
        self.take_asked()
        return job

    def answer_create(self, job: ActiveJob, error: ApiError | None = None) -> None:
        """Answer a request that creates a job."""
        self.controller.on_created(job.name, self.job_object(job), error)
        self.controller.step()

    def job_object(self, job: ActiveJob, **changes: Any) -> Json:
        """Make the object of a job."""
        metadata = {
            "name": job.object_name,
            "uid": f"uid of {job.object_name}",
            "labels": labels(job),
            "annotations": {"sweepwright.dev/job": job.name},
            **changes.pop("metadata", {}),
        }
        return {"metadata": metadata, "spec": {}, **changes}

    def show_job(self, job: ActiveJob, **changes: Any) -> None:
        """Let the watch show the object of a job."""
        self.controller.on_changed(job.resource, self.job_object(job, **changes))

    def condition(self, job: ActiveJob, kind: str, reason: str = "", message: str = "") -> None:
        """Let the operator set a condition of a job."""
        condition = {"type": kind, "status": "True", "reason": reason, "message": message}
        self.show_job(job, status={"conditions": [condition]})

    def pod_object(
        self, job: ActiveJob, *, role: str = "", rank: int = 0, uid: str = "", **changes: Any
    ) -> Json:
        """Make the object of a pod."""
        role = role or job.role
        name = f"{job.object_name}-{role}-{rank}"
        own = {
            "sweepwright.dev/role": role,
            "sweepwright.dev/reports": str(role == job.role).lower(),
            "training.kubeflow.org/replica-index": str(rank),
        }
        metadata = {
            "name": name,
            "uid": uid or f"uid of {name}",
            "labels": {**labels(job), **own},
            **changes.pop("metadata", {}),
        }
        containers = [{"name": "trial", "image": "img:1", "env": [{"name": "SWEEPWRIGHT_POD"}]}]
        spec = {"containers": containers, "nodeName": changes.pop("node", "node1")}
        return {"metadata": metadata, "spec": spec, "status": changes}

    def show_pod(self, job: ActiveJob, **changes: Any) -> None:
        """Let the watch show a pod of a job."""
        self.controller.on_changed(POD, self.pod_object(job, **changes))

    def remove_pods(self, job: ActiveJob) -> None:
        """Let all pods of a job vanish."""
        for pod in list(job.pods.values()):
            if not pod.gone:
                self.controller.on_deleted(POD, {"metadata": {"name": pod.name}})

    def remove(self, job: ActiveJob) -> None:
        """Let a job and its pods vanish, as after a deletion."""
        self.remove_pods(job)
        self.controller.on_deleted(job.resource, {"metadata": {"name": job.object_name}})

    def log(self, job: ActiveJob, *items: Item) -> None:
        """Let the log of a job have new items."""
        self.controller.on_log(job.name, items)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and step as often as the controller wants to."""
        until = self.now + seconds
        while (due := self.controller.next_change) <= until:
            self.now = max(self.now, due)
            self.controller.step()
            assert self.controller.next_change > self.now, "it would spin"
        self.now = max(self.now, until)
        self.controller.step()

    def take_asked(self) -> list[tuple[str, ...]]:
        """Return what was asked for, and forget it."""
        asked, self.asked = self.asked, []
        return asked

    def events(self) -> list[JobEvent]:
        """Return the new events."""
        return self.controller.take_events()

    def failure(self) -> Failure | None:
        """Return the failure of the only job that has ended among the new events."""
        (ended,) = [event for event in self.events() if isinstance(event, Ended)]
        return ended.failure


def roles(job: ActiveJob) -> Iterable[tuple[str, int]]:
    """List the role and the rank of each pod of a job: the reporting one, then the workers."""
    return [(job.role, 0), *(("worker", rank) for rank in range(job.pods_wanted - 1))]


def labels(job: ActiveJob) -> Json:
    return {
        "sweepwright.dev/sweep": "s",
        "sweepwright.dev/trial": str(job.trial),
        "sweepwright.dev/attempt": str(job.attempt),
    }


def container(**state: Any) -> Json:
    """Make the status of a pod whose container is in a state."""
    return {"containerStatuses": [{"name": "trial", "state": state}]}


def ended(code: int = 0, reason: str = "", message: str = "", at: str = "") -> Json:
    """Make the status of a pod whose container has ended."""
    reason = reason or ("Error" if code else "Completed")
    state = {"exitCode": code, "reason": reason, "message": message, "finishedAt": at}
    return {"phase": "Failed" if code else "Succeeded", **container(terminated=state)}


def record(at: int, event: str, **facts: Any) -> Record:
    """Make a record of the agent."""
    return Record(at, {"event": event, **facts}, {"at": at})


def report(at: int, line: str) -> Record:
    """Make a record of a line that the trial reports."""
    return record(at, "output", line=line)


def text(at: int, data: bytes) -> Text:
    """Make something that the trial prints."""
    return Text(at, data)


def refusal(status: int, reason: str, message: str) -> ApiError:
    """Make an answer of the API server."""
    return ApiError(status, reason, message)


RUNNING: Json = {"phase": "Running", **container(running={})}
SUCCESS = record(9, "ended", failure=None)
QUOTA = refusal(403, "Forbidden", 'jobs "x" is forbidden: exceeded quota: small, used: pods=2')
AWAY = refusal(0, "NoAnswer", "Connection refused")
TWO_ROLES: Json = {"resource": PYTORCH_JOB, "role": "master", "pods": 2}
