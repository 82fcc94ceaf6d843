"""The kubelets of all nodes: gives each assigned pod to a worker, and serves its log."""

import time
from collections.abc import Iterator

from ...serving.pod_logs import LogQuery
from ...store.resources import PODS, JsonObject
from ...store.status_errors import StatusError, bad_request, not_found
from .container_log import ContainerLog
from .containers import Container
from .pod_logs import LogOptions, read_log
from .pod_worker import PodWorker, Surroundings


class Kubelet:
    """Runs the pods that are assigned to nodes."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._workers: dict[str, PodWorker] = {}
        self.lost_nodes: set[str] = set()
        """Nodes that do not answer."""

    def notice(self, change: str, pod: JsonObject) -> None:
        """Take note of a change of a pod."""
        uid = pod["metadata"]["uid"]
        worker = self._workers.get(uid)
        if change == "DELETED":
            if worker is not None:
                del self._workers[uid]
                worker.removed()
        elif worker is not None:
            worker.changed(pod)
        elif pod["spec"].get("nodeName") and pod["status"].get("phase") not in _ENDED:
            self._accept(uid, pod)

    def _accept(self, uid: str, pod: JsonObject) -> None:
        if pod["spec"]["nodeName"] in self.lost_nodes:
            return
        worker = self._workers[uid] = PodWorker(pod, self._around)
        if "deletionTimestamp" in pod["metadata"]:
            worker.changed(pod)
        else:
            worker.begin()

    def worker(self, pod: JsonObject) -> PodWorker:
        """Return the worker of a pod; raise `KeyError` if no node runs it."""
        return self._workers[pod["metadata"]["uid"]]

    def lose_node(self, node: str) -> None:
        """Kill all pods of a node, which then reports nothing any more."""
        self.lost_nodes.add(node)
        for worker in self._workers.values():
            if worker.pod["spec"].get("nodeName") == node:
                worker.abandon()

    def close(self) -> None:
        """End all pods and their logs; their statuses stay as they are."""
        for worker in self._workers.values():
            worker.abandon()

    def read_log(self, pod: JsonObject, query: LogQuery) -> Iterator[bytes]:
        """Return the log of a pod as it comes; raise `StatusError` if it has none."""
        if pod["spec"]["nodeName"] in self.lost_nodes:
            raise _unreachable(pod, query.container)
        worker = self._workers.get(pod["metadata"]["uid"])
        if worker is None:
            raise not_found(PODS, pod["metadata"]["name"])
        options = LogOptions.of(query, time.time())
        container = worker.container(query.container)
        log = _log_of(pod, container, previous=query.previous)
        if log is None:
            return iter(())
        return read_log(log, options, container.id, self._around.settings.look_seconds)


_ENDED = {"Succeeded", "Failed"}


def _log_of(pod: JsonObject, container: Container, *, previous: bool) -> ContainerLog | None:
    if previous and "terminated" not in container.last_state:
        what = f'container "{container.name}" in pod "{pod["metadata"]["name"]}"'
        raise bad_request(f"previous terminated {what} not found")
    # While a container waits for its restart, its latest run is the previous one.
    earlier = previous and "waiting" not in container.state
    return container.previous_log if earlier else container.log


def _unreachable(pod: JsonObject, container: str) -> StatusError:
    metadata = pod["metadata"]
    path = f"{metadata['namespace']}/{metadata['name']}/{container}"
    message = (
        f'Get "https://10.0.0.9:10250/containerLogs/{path}": dial tcp 10.0.0.9:10250: connect: no '
        "route to host"
    )
    return StatusError(500, "InternalError", f"Internal error occurred: {message}")
