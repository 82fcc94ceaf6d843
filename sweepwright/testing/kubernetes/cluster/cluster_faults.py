"""What goes wrong in clusters, on demand."""

from collections.abc import Mapping, Sequence

from ..store.resources import NODES, PODS, QUOTAS, JsonObject
from ..store.status_errors import not_found
from .control_loop import ControlLoop
from .controller_client import ControllerClient
from .kubelet.container_log import ContainerLog
from .kubelet.images import Images
from .kubelet.kubelet import Kubelet
from .kubelet.pod_worker import PodWorker
from .nodes import mark_lost, mark_ready
from .scheduler import Scheduler
from .times import set_condition

LOW_MEMORY = "The node was low on resource: memory."


class ClusterFaults:
    """Lets pods and nodes fail; each method returns when the fault has happened."""

    def __init__(
        self,
        client: ControllerClient,
        loop: ControlLoop,
        kubelet: Kubelet,
        scheduler: Scheduler,
        images: Images,
    ) -> None:
        self._client = client
        self._loop = loop
        self._kubelet = kubelet
        self._scheduler = scheduler
        self._images = images

    def evict(self, pod: str, message: str = LOW_MEMORY, *, namespace: str = "default") -> None:
        """Let the kubelet evict a pod, which stays as a failed one."""
        self._loop.ask(lambda: self._evict(self._pod(namespace, pod), message))

    def _evict(self, pod: JsonObject, message: str) -> None:
        worker = self._worker(pod)
        self._disrupt(pod, "TerminationByKubelet", message)
        worker.stop("Evicted", message)
        self._client.record(pod, "Warning", "Evicted", message, "kubelet")

    def preempt(self, pod: str, *, namespace: str = "default") -> None:
        """Let the scheduler delete a pod for one of a higher priority."""
        self._loop.ask(lambda: self._preempt(self._pod(namespace, pod)))

    def _preempt(self, pod: JsonObject) -> None:
        message = "default-scheduler: preempting to accommodate a higher priority pod"
        self._disrupt(pod, "PreemptionByScheduler", message)
        self._client.record(
            pod, "Normal", "Preempted", "Preempted by a pod on its node", "default-scheduler"
        )
        self._client.delete(PODS, pod)

    def oom(self, pod: str, *, container: str | None = None, namespace: str = "default") -> None:
        """Let the kernel kill a container of a pod because memory has run out."""

        def kill() -> None:
            self._worker(self._pod(namespace, pod)).kill_for_memory(container)

        self._loop.ask(kill)

    def delete_pod(self, pod: str, *, namespace: str = "default") -> None:
        """Delete a pod, as a user does."""
        self._loop.ask(lambda: self._client.delete(PODS, self._pod(namespace, pod)))

    def rotate_log(
        self, pod: str, *, container: str | None = None, namespace: str = "default"
    ) -> None:
        """Begin a new file of a container's log: what it has written so far is not served."""
        self._loop.ask(lambda: self._log_of(namespace, pod, container).rotate())

    def lose_log(
        self, pod: str, *, container: str | None = None, namespace: str = "default"
    ) -> None:
        """Lose the log of a container, as a node does that needs its space."""
        self._loop.ask(lambda: self._log_of(namespace, pod, container).lose())

    def break_image(self, image: str) -> None:
        """Let no node be able to pull an image from now on."""
        self._loop.ask(lambda: self._images.break_pull(image))

    def repair_image(self, image: str) -> None:
        """Let nodes be able to pull an image, those that back off included."""
        self._loop.ask(lambda: self._images.repair_pull(image))

    def pause_scheduling(self) -> None:
        """Assign no nodes to new pods and write no events, as if the scheduler were down."""

        def pause() -> None:
            self._scheduler.paused = True

        self._loop.ask(pause)

    def resume_scheduling(self) -> None:
        """Assign pods to nodes again."""

        def resume() -> None:
            self._scheduler.paused = False
            self._scheduler.look_again()

        self._loop.ask(resume)

    def cordon(self, node: str, *, unschedulable: bool = True) -> None:
        """Let a node take no more pods, or take them again."""

        def edit() -> None:
            found = self._node(node)
            spec = {"unschedulable": unschedulable}
            self._client.edit(NODES, found, lambda current: current["spec"].update(spec))

        self._loop.ask(edit)

    def set_quota(self, name: str, hard: Mapping[str, str], *, namespace: str = "default") -> None:
        """Limit what a namespace may hold."""

        def create() -> None:
            body = {"metadata": {"name": name}, "spec": {"hard": dict(hard)}}
            self._client.create(QUOTAS, namespace, body)

        self._loop.ask(create)

    def lift_quota(self, name: str, *, namespace: str = "default") -> None:
        """Remove a limit."""

        def delete() -> None:
            found = self._client.read(QUOTAS, namespace, name)
            if found is not None:
                self._client.delete(QUOTAS, found)

        self._loop.ask(delete)

    def lose_node(
        self, name: str, *, deletion_seconds: float = 0.2, phase: str | None = None
    ) -> None:
        """Let a node die with its pods.

        The pods become unready, and `phase` if it is given (`Unknown` in old clusters). After
        `deletion_seconds` they are deleted because of the node's taint; as no kubelet confirms
        that, they stay until the garbage collector of pods removes them, as long again later.
        """
        self._loop.ask(lambda: self._lose_node(name, deletion_seconds, phase))

    def _lose_node(self, name: str, seconds: float, phase: str | None) -> None:
        self._kubelet.lose_node(name)
        self._client.edit(NODES, self._node(name), mark_lost)
        pods = self._pods_on(name)
        for pod in pods:
            self._client.edit(PODS, pod, lambda current: _mark_unready(current, name, phase))
        self._loop.later(seconds, lambda: self._delete_lost(pods))
        self._loop.later(2 * seconds, lambda: self._remove_lost(pods))

    def _delete_lost(self, pods: Sequence[JsonObject]) -> None:
        message = "Taint manager: deleting due to NoExecute taint"
        for pod in pods:
            self._disrupt(pod, "DeletionByTaintManager", message)
            self._client.delete(PODS, pod)

    def _remove_lost(self, pods: Sequence[JsonObject]) -> None:
        for pod in pods:
            self._client.delete(PODS, pod, grace_seconds=0)

    def recover_node(self, name: str) -> None:
        """Let a lost node take pods again; those that it had are gone."""

        def recover() -> None:
            self._kubelet.lost_nodes.discard(name)
            self._client.edit(NODES, self._node(name), mark_ready)

        self._loop.ask(recover)

    def _pods_on(self, node: str) -> list[JsonObject]:
        pods = self._client.view.all(PODS)
        return [pod for pod in pods if pod["spec"].get("nodeName") == node]

    def _disrupt(self, pod: JsonObject, reason: str, message: str) -> None:
        def disrupted(current: JsonObject) -> None:
            told = {"reason": reason, "message": message}
            set_condition(current["status"], "DisruptionTarget", "True", **told)

        self._client.edit(PODS, pod, disrupted)

    def _pod(self, namespace: str, name: str) -> JsonObject:
        pod = self._client.read(PODS, namespace, name)
        if pod is None:
            raise not_found(PODS, name)
        return pod

    def _worker(self, pod: JsonObject) -> PodWorker:
        """Return what runs a pod; raise `StatusError` if no node does."""
        try:
            return self._kubelet.worker(pod)
        except KeyError:
            raise not_found(PODS, pod["metadata"]["name"]) from None

    def _node(self, name: str) -> JsonObject:
        node = self._client.read(NODES, "", name)
        if node is None:
            raise not_found(NODES, name)
        return node

    def _log_of(self, namespace: str, pod: str, container: str | None) -> ContainerLog:
        worker = self._worker(self._pod(namespace, pod))
        found = worker.containers[-1] if container is None else worker.container(container)
        assert found.log is not None, "the container has not started"
        return found.log


def _mark_unready(pod: JsonObject, node: str, phase: str | None) -> None:
    status = pod["status"]
    if phase is not None:
        message = f"Node {node} which was running pod {pod['metadata']['name']} is unresponsive"
        status.update(phase=phase, reason="NodeLost", message=message)
    if status.get("phase") not in {"Succeeded", "Failed"}:
        set_condition(status, "Ready", "False")
