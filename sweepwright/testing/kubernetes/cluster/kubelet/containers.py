"""The states of the containers of a pod, as its status has them."""

import uuid
from dataclasses import dataclass, field

from ...store.resources import JsonObject
from ..times import timestamp
from .container_log import ContainerLog
from .runtime import Exit, RunningContainer

_CREATING = {"reason": "ContainerCreating"}
_INITIALIZING = {"reason": "PodInitializing"}


@dataclass(slots=True)
class Container:
    """One container of a pod: its state, its runs so far and the log of its latest run."""

    spec: JsonObject
    is_init: bool = False
    state: JsonObject = field(default_factory=lambda: {"waiting": dict(_CREATING)})
    last_state: JsonObject = field(default_factory=dict)
    restarts: int = 0
    id: str = ""
    running: RunningContainer | None = None
    log: ContainerLog | None = None
    previous_log: ContainerLog | None = None
    killed_as: str | None = None
    """The reason that its end gets because the kubelet or the kernel killed it."""

    @property
    def name(self) -> str:
        """Name of the container."""
        return str(self.spec["name"])

    @property
    def exit_code(self) -> int | None:
        """Exit code of the container, if it has ended and does not run again."""
        ended = self.state.get("terminated")
        return None if ended is None else int(ended["exitCode"])

    def wait(self, reason: str, message: str | None = None) -> bool:
        """Let the container wait for a reason; tell whether that is news."""
        waiting = {"reason": reason, **({} if message is None else {"message": message})}
        if self.state == {"waiting": waiting}:
            return False
        if "terminated" in self.state:
            self.last_state = self.state
        self.state = {"waiting": waiting}
        return True

    def began(self, running: RunningContainer) -> None:
        """Note that the container runs."""
        self.running = running
        self.killed_as = None
        self.id = f"containerd://{uuid.uuid4().hex}{uuid.uuid4().hex}"
        if "terminated" in self.state:
            self.last_state = self.state
        self.state = {"running": {"startedAt": timestamp()}}

    def ended(self, how: Exit) -> None:
        """Note how the container ended."""
        self.running = None
        began = (self.state.get("running") or {}).get("startedAt", timestamp())
        default = "Completed" if how.code == 0 else "Error"
        self.state = {
            "terminated": {
                "exitCode": how.code,
                "reason": self.killed_as or how.reason or default,
                "startedAt": began,
                "finishedAt": timestamp(),
                "containerID": self.id,
                **({"message": how.message} if how.message else {}),
            }
        }

    def status(self) -> JsonObject:
        """Return the entry of the container in the status of its pod."""
        running = "running" in self.state
        done = self.is_init and self.exit_code == 0
        return {
            "name": self.name,
            "image": self.spec.get("image", ""),
            "imageID": f"{self.spec.get('image', '')}@sha256:{'0' * 64}" if self.id else "",
            "ready": done if self.is_init else running,
            "started": running,
            "restartCount": self.restarts,
            "state": self.state,
            "lastState": self.last_state,
            **({"containerID": self.id} if self.id else {}),
        }


def containers_of(pod: JsonObject) -> tuple[list[Container], list[Container]]:
    """Return the init containers of a pod, and the others."""
    first = [Container(spec, is_init=True) for spec in pod["spec"].get("initContainers") or []]
    others = [Container(spec) for spec in pod["spec"]["containers"]]
    for container in [*first[1:], *(others if first else [])]:
        container.state = {"waiting": dict(_INITIALIZING)}
    return first, others
