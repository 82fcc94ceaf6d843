"""Sub-resource `log` of pods; a test's cluster provides the lines."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from ..store.objects import ObjectStore
from ..store.resources import PODS, JsonObject
from ..store.status_errors import bad_request
from .messages import TEXT_TYPE, Chunks, Request, Response, Stream
from .paths import Target


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which part of a container's log a client wants."""

    container: str
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    since_time: str | None = None
    since_seconds: int | None = None
    tail_lines: int | None = None
    limit_bytes: int | None = None


LogSource: TypeAlias = Callable[[JsonObject, LogQuery], Iterable[bytes]]
"""Serves the log of a pod's container: yields chunks, and empty ones now and then while idle."""


def no_log(pod: JsonObject, query: LogQuery) -> Iterable[bytes]:
    """Serve an empty log."""
    del pod, query
    return ()


class PodLogs:
    """Answers to requests for logs."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.source: LogSource = no_log

    def read(self, target: Target, request: Request) -> Response | Stream:
        """Stream a container's log; it is empty as long as the pod is on no node."""
        pod = self._store.get(PODS, target.namespace, target.name)
        container = _container(pod, request.query.get("container", ""))
        if not pod.get("spec", {}).get("nodeName"):
            return Response(200, b"", TEXT_TYPE)
        reason = _waiting_reason(pod, container)
        if reason is not None:
            raise bad_request(
                f'container "{container}" in pod "{target.name}" is waiting to start: {reason}'
            )
        return Stream(Chunks(self.source(pod, _query(request, container))), TEXT_TYPE)


def _query(request: Request, container: str) -> LogQuery:
    return LogQuery(
        container,
        follow=request.flag("follow"),
        previous=request.flag("previous"),
        timestamps=request.flag("timestamps"),
        since_time=request.query.get("sinceTime"),
        since_seconds=request.number("sinceSeconds"),
        tail_lines=request.number("tailLines"),
        limit_bytes=request.number("limitBytes"),
    )


def _container(pod: JsonObject, wanted: str) -> str:
    spec = pod.get("spec", {})
    names = [each["name"] for each in spec.get("containers", [])]
    every = [*names, *(each["name"] for each in spec.get("initContainers") or [])]
    name = pod["metadata"]["name"]
    if wanted and wanted not in every:
        raise bad_request(f"container {wanted} is not valid for pod {name}")
    if wanted:
        return wanted
    if len(names) != 1:
        listed = " ".join(names)
        raise bad_request(
            f"a container name must be specified for pod {name}, choose one of: [{listed}]"
        )
    only: str = names[0]
    return only


def _waiting_reason(pod: JsonObject, container: str) -> str | None:
    status = pod.get("status", {})
    listed = (status.get("containerStatuses") or []) + (status.get("initContainerStatuses") or [])
    for each in listed:
        waiting = (each.get("state") or {}).get("waiting")
        if each["name"] != container or waiting is None:
            continue
        if "terminated" in (each.get("lastState") or {}):
            return None  # the log of the container's last run is served
        reason = str(waiting.get("reason", "ContainerCreating"))
        return _IMAGE_PROBLEMS.get(reason, reason)
    return None


_IMAGE_PROBLEMS = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}
