"""What a kubelet does for one pod, from its assignment to a node until it is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...store.resources import PODS, JsonObject, Resource
from ..control_loop import ControlLoop, Timer
from ..controller_client import ControllerClient
from ..times import timestamp
from .container_log import MAX_FILE_BYTES, ContainerLog
from .containers import Container, containers_of
from .environment import container_environment
from .expansion import expand
from .images import Images
from .pod_status import phase_of, write_containers
from .runtime import ContainerStart, Exit, NotReadyError, Runtime, StartError
from .volumes import pod_volumes

COMPONENT = "kubelet"


@dataclass(frozen=True, slots=True)
class KubeletSettings:
    """How the kubelets of a cluster behave."""

    start_seconds: float = 0.0
    """Time between a pod's assignment to a node and the start of its containers."""
    retry_seconds: float = 1.0
    """Time between attempts to start a container that cannot start yet."""
    restart_seconds: float = 1.0
    """Time before a container that has failed is restarted (10 s, doubling, on a real node)."""
    max_log_bytes: int = MAX_FILE_BYTES
    """Size at which the log of a container is rotated."""
    look_seconds: float = 0.5
    """Time after which a follower of a silent log looks whether its client is still there. With
    thousands of followers, a longer time leaves the processor to others."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the work for a pod needs of its kubelet."""

    client: ControllerClient
    loop: ControlLoop
    runtime: Runtime
    images: Images
    settings: KubeletSettings = field(default_factory=KubeletSettings)


class PodWorker:
    """Starts, watches, restarts and ends the containers of one pod, and reports its status."""

    def __init__(self, pod: JsonObject, around: Surroundings) -> None:
        self.pod = pod
        self._around = around
        self._first, self._others = containers_of(pod)
        self._timer: Timer | None = None
        self._deadline: Timer | None = None
        self._started_at = timestamp()
        self._overridden: JsonObject = {}
        """Phase, reason and message of a pod that the kubelet has ended."""
        self._abandoned = False
        self._terminating = False
        self._grace_seconds: float | None = None

    @property
    def containers(self) -> list[Container]:
        """All containers of the pod, in the order in which they start."""
        return [*self._first, *self._others]

    def container(self, name: str) -> Container:
        """Return a container by its name."""
        return next(each for each in self.containers if each.name == name)

    def begin(self) -> None:
        """Accept the pod, and start its containers after a while."""
        self._publish()
        self._schedule(self._around.settings.start_seconds)

    def changed(self, pod: JsonObject) -> None:
        """Take note of a new version of the pod, which may ask for its end."""
        self.pod = pod
        if "deletionTimestamp" in pod["metadata"] and not self._abandoned:
            self._terminate(float(pod["metadata"].get("deletionGracePeriodSeconds", 0)))

    def removed(self) -> None:
        """End at once: the pod is gone from the server."""
        self._abandon()
        self._forget_if_done()

    def abandon(self) -> None:
        """Kill the containers and report nothing any more: the node is lost."""
        self._abandon()

    def _abandon(self) -> None:
        self._abandoned = True
        self._cancel_timers()
        for container in self.containers:
            if container.running is not None:
                container.running.kill()
            if container.log is not None:
                container.log.close()

    def stop(self, reason: str, message: str) -> None:
        """End the pod as failed for a reason, as an eviction does; its object stays."""
        self._overridden = {"phase": "Failed", "reason": reason, "message": message}
        self._cancel_timers()
        self._kill_all()
        self._publish()

    def kill_for_memory(self, name: str | None = None) -> None:
        """Kill a container, the first by default, as the kernel does when memory runs out."""
        container = self._others[0] if name is None else self.container(name)
        if container.running is not None:
            container.killed_as = "OOMKilled"
            container.running.kill()

    def _schedule(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._around.loop.later(seconds, self._start_next)

    def _cancel_timers(self) -> None:
        for timer in (self._timer, self._deadline):
            if timer is not None:
                timer.cancel()

    def _start_next(self) -> None:
        """Start what can start now: the next init container, or all others."""
        if self._terminating or self._overridden or self._abandoned:
            return
        self._read_pod()
        ready = next(([each] for each in self._first if each.exit_code != 0), self._others)
        startable = [each for each in ready if "waiting" in each.state]
        try:
            volumes = pod_volumes(self.pod, self._read)
            self._around.runtime.prepare(self.pod, volumes)
        except NotReadyError as error:
            self._warn(error)
            self._schedule(self._around.settings.retry_seconds)
            return
        for container in startable:
            self._try_start(container)
        self._publish()

    def _read_pod(self) -> None:
        metadata = self.pod["metadata"]
        self.pod = (
            self._around.client.read(PODS, metadata["namespace"], metadata["name"]) or self.pod
        )

    def _read(self, kind: Resource, name: str) -> JsonObject | None:
        return self._around.client.read(kind, self.pod["metadata"]["namespace"], name)

    def _try_start(self, container: Container) -> None:
        try:
            self._around.images.pull(container)
            self._start(container)
        except NotReadyError as error:
            if container.wait(error.reason, error.message):
                self._warn(error)
            self._schedule(self._around.settings.retry_seconds)
        except StartError as error:
            container.ended(Exit(128, str(error), "StartError"))
            self._record("Warning", "Failed", f"Error: {error}")
            self._after_end(container)

    def _start(self, container: Container) -> None:
        variables = container_environment(self.pod, container.spec, self._read)
        parts = [*(container.spec.get("command") or []), *(container.spec.get("args") or [])]
        container.previous_log = container.log
        container.log = ContainerLog(self._around.settings.max_log_bytes)
        start = ContainerStart(
            self.pod,
            container.spec,
            variables,
            [expand(str(part), variables) for part in parts],
            container.log,
            self._in_loop(lambda how: self._ended(container, how)),
        )
        container.began(self._around.runtime.start(start))
        self._record("Normal", "Started", f"Started container {container.name}")

    def _in_loop(self, function: Callable[[Exit], None]) -> Callable[[Exit], None]:
        return lambda how: self._around.loop.post(lambda: function(how))

    def _ended(self, container: Container, how: Exit) -> None:
        container.ended(how)
        self._after_end(container)
        if self._abandoned:
            self._forget_if_done()
        else:
            self._publish()

    def _after_end(self, container: Container) -> None:
        """Restart a container, start its successor, or finish the pod."""
        if self._terminating:
            self._finish_if_done()
            return
        if self._abandoned or self._overridden:
            return
        failed = container.exit_code != 0
        policy = self.pod["spec"]["restartPolicy"]
        again = (policy == "Always" and not container.is_init) or (policy != "Never" and failed)
        if again:
            self._restart(container)
        elif container.is_init and not failed:
            self._schedule(0.0)

    def _restart(self, container: Container) -> None:
        container.restarts += 1
        metadata = self.pod["metadata"]
        message = (
            f"back-off restarting failed container={container.name} "
            f"pod={metadata['name']}_{metadata['namespace']}({metadata['uid']})"
        )
        container.wait("CrashLoopBackOff", message)
        self._record("Warning", "BackOff", message.capitalize())
        self._schedule(self._around.settings.restart_seconds)

    def _terminate(self, grace_seconds: float) -> None:
        """Send the containers SIGTERM, and kill them when the grace period is over."""
        if not self._terminating:
            self._terminating = True
            self._cancel_timers()
            for container in self.containers:
                if container.running is not None:
                    self._record("Normal", "Killing", f"Stopping container {container.name}")
                    container.running.terminate()
        elif grace_seconds == self._grace_seconds:
            return
        elif self._deadline is not None:
            self._deadline.cancel()
        self._grace_seconds = grace_seconds
        self._deadline = self._around.loop.later(grace_seconds, self._kill_all)
        self._finish_if_done()

    def _kill_all(self) -> None:
        for container in self.containers:
            if container.running is not None:
                container.running.kill()

    def _finish_if_done(self) -> None:
        """Remove a pod that is being deleted from the server, once no container runs."""
        if any(container.running is not None for container in self.containers):
            return
        self._cancel_timers()
        self._publish()
        self._around.client.delete(PODS, self.pod, grace_seconds=0)

    def _forget_if_done(self) -> None:
        if not any(container.running is not None for container in self.containers):
            for container in self.containers:
                if container.log is not None:
                    container.log.close()
            self._around.runtime.remove(self.pod)

    def _publish(self) -> None:
        """Write the status of the pod."""
        if self._abandoned:
            return
        after = self._around.client.edit(PODS, self.pod, self._write_status)
        if after is not None:
            self.pod = after

    def _write_status(self, pod: JsonObject) -> None:
        policy = "Never" if self._terminating else self.pod["spec"]["restartPolicy"]
        status = pod["status"]
        status.setdefault("startTime", self._started_at)
        status.update(self._overridden or {"phase": phase_of(self._first, self._others, policy)})
        write_containers(status, self._first, self._others)

    def _warn(self, error: NotReadyError) -> None:
        prefix = "Error: " if error.event == "Failed" else ""
        self._record("Warning", error.event, f"{prefix}{error.message}")

    def _record(self, kind: str, reason: str, message: str) -> None:
        self._around.client.record(self.pod, kind, reason, message, COMPONENT)
