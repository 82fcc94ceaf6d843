"""A job of the double: its states, and how the API describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any

from .exit_specs import ExitSpec
from .tasks import Container

_FINAL = ("STOPPED", "SUCCEEDED", "FAILED")
_STATES = {
    "AttemptCreationPending": "WAITING",
    "AttemptPreparing": "WAITING",
    "AttemptRunning": "RUNNING",
    "AttemptDeleting": "STOPPING",
}


@dataclass(slots=True)
class Task:
    """One container of a task role, in the latest attempt of its job."""

    role: str
    index: int
    container: Container
    end: ExitSpec | None = None
    ports: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class PaiJob:
    """A job from its submission on; like OpenPAI, the cluster never forgets it."""

    user: str
    name: str
    protocol: Mapping[str, Any]
    config: str
    """The submission as it was sent, with secrets masked."""
    submitted: float
    sub_state: str = "AttemptCreationPending"
    execution: str = "START"
    retries: int = 0
    launched: float | None = None
    completed: float | None = None
    end: ExitSpec | None = None
    diagnostics: str | None = None
    trigger: Task | None = None
    """The task that has decided how the job ends."""
    tasks: list[Task] = field(default_factory=list)
    attempts: list[list[Task]] = field(default_factory=list)
    """The tasks of all attempts, of which `tasks` are the last."""

    @property
    def state(self) -> str:
        """The state that users see."""
        if self.sub_state != "Completed":
            return _STATES[self.sub_state]
        assert self.end is not None, "a completed job has an end"
        if self.end.code == 0:
            return "SUCCEEDED"
        return "STOPPED" if self.end.type == "USER_STOP" else "FAILED"

    @property
    def final(self) -> bool:
        """Whether nothing will change any more."""
        return self.sub_state == "Completed"

    @property
    def virtual_cluster(self) -> str:
        """Name of the virtual cluster in which the job runs."""
        return str(self.protocol.get("defaults", {}).get("virtualCluster", "default"))

    def summary(self) -> dict[str, Any]:
        """Return the job's entry in the list of jobs."""
        roles = self.protocol["taskRoles"].values()
        return {
            "debugId": framework_name(self.user, self.name),
            "name": self.name,
            **self._status(),
            "totalGpuNumber": sum(
                role["resourcePerInstance"]["gpu"] * role.get("instances", 1) for role in roles
            ),
            "totalTaskNumber": sum(role.get("instances", 1) for role in roles),
            "totalTaskRoleNumber": len(self.protocol["taskRoles"]),
            "tags": [],
        }

    def detail(self) -> dict[str, Any]:
        """Return the job with its latest attempt."""
        end, trigger = self.end, self.trigger
        return {
            "name": self.name,
            "debugId": framework_name(self.user, self.name),
            "tags": [],
            "jobStatus": {
                **self._status(),
                "attemptId": self.retries,
                "attemptState": self.state,
                "appId": None,
                "appCreatedTime": _milliseconds(self.submitted),
                "appLaunchedTime": _milliseconds(self.launched),
                "appCompletedTime": _milliseconds(self.completed),
                "appExitSpec": end and dict(end.body()),
                "appExitDiagnostics": self.diagnostics,
                "appExitMessages": None,
                "appExitTriggerMessage": None,
                "appExitTriggerTaskRoleName": trigger and trigger.role,
                "appExitTriggerTaskIndex": trigger and trigger.index,
                "appExitType": end and end.type,
            },
            "taskRoles": {
                name: {
                    "taskRoleStatus": {"name": name},
                    "taskStatuses": [
                        self._task_status(task) for task in self.tasks if task.role == name
                    ],
                }
                for name in self.protocol["taskRoles"]
            },
        }

    def _status(self) -> dict[str, Any]:
        return {
            "username": self.user,
            "state": self.state,
            "subState": self.sub_state,
            "executionType": self.execution,
            "retries": self.retries,
            "retryDetails": {"user": 0, "platform": self.retries, "resource": 0},
            "retryDelayTime": None,
            "submissionTime": _milliseconds(self.submitted),
            "createdTime": _milliseconds(self.submitted),
            "launchedTime": _milliseconds(self.launched),
            "completedTime": _milliseconds(self.completed),
            "appExitCode": self.end and self.end.code,
            "virtualCluster": self.virtual_cluster,
        }

    def _task_status(self, task: Task) -> dict[str, Any]:
        end = task.end
        state = "RUNNING" if end is None else "SUCCEEDED" if end.code == 0 else "FAILED"
        return {
            "taskIndex": task.index,
            "taskState": state,
            "containerId": task.container.uid,
            "containerIp": "127.0.0.1",
            "containerNodeName": "node1",
            "containerPorts": {name: str(port) for name, port in task.ports.items()},
            "containerExitCode": end and end.code,
            "containerExitSpec": end and dict(end.body()),
            "containerExitDiagnostics": None,
            "attemptId": 0,
            "attemptState": state,
            "retries": 0,
            "accountableRetries": 0,
        }


def framework_name(user: str, job: str) -> str:
    """Return the name of a job inside of the cluster."""
    return md5(f"{user}~{job}".encode(), usedforsecurity=False).hexdigest()


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1000)
