"""Why a job does not start, as far as its objects and their events tell.

Texts of `Wait.wants` name no object, so that trials that wait for the same thing are shown
together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sweepwright.events import Json

from ..api.errors import one_line
from .job_view import JobView
from .pod_view import Pod

QUIET_SECONDS = 3.0
"""Time that a job usually needs to start; a wait without a known reason is not told before."""
OPERATOR_SECONDS = 10.0
"""Time after which a job that nothing has reacted to is said to lack its operator."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What a job lacks, and why the cluster does not give it."""

    wants: str
    refusal: str = ""

    def __str__(self) -> str:
        return f"{self.wants} ({self.refusal})" if self.refusal else self.wants


Events = Mapping[str, tuple[str, str]]
"""Reason and message of the newest warning about each object, by the object's name."""


def read_events(items: Iterable[Json]) -> Events:
    """Collect the newest warning about each object from a list of events."""
    newest: dict[str, tuple[str, str, str]] = {}
    for event in items:
        name = (event.get("involvedObject") or {}).get("name", "")
        told = (_time(event), event.get("reason") or "", one_line(event.get("message") or ""))
        newest[name] = max(told, newest.get(name, ("", "", "")))
    return {name: (reason, message) for name, (_, reason, message) in newest.items()}


def explain_start(
    job: JobView | None, pods: Iterable[Pod], kind: str, events: Events, age: float
) -> Wait | None:
    """Say what a job waits for that exists in the cluster; None if it is probably about to start.

    Parameters
    ----------
    job
        The job object; None if it was not seen yet.
    pods
        The pods of the job that have not started.
    kind
        Kind of the job object.
    events
        Warnings about objects of the namespace.
    age
        Seconds since the job was created.
    """
    pods = sorted(pods, key=lambda pod: pod.name)
    if job is not None and job.suspended:
        return _suspended(job)
    for pod in pods:
        if wait := explain_pod(pod, events):
            return wait
    if age < QUIET_SECONDS:
        return None
    if pods:
        return Wait("its pods to start")
    return _no_pods(job, kind, events, age)


def explain_pod(pod: Pod, events: Events) -> Wait | None:
    """Say why a pod does not start; None if nothing is known to hold it up."""
    reason, message = pod.unscheduled
    if reason == "SchedulingGated":
        return Wait("its pods to be admitted to the cluster", message)
    if reason:
        return Wait("a node with room", message)
    reason, message = pod.stall
    if reason in _IMAGE_REASONS:
        return Wait(f"the image `{pod.image}`", _said(reason, message))
    if reason and reason != "ContainerCreating":
        return Wait("its container to be created", _said(reason, message))
    if pod.name in events and not pod.started:
        return _from_event(*events[pod.name])
    return None


def _suspended(job: JobView) -> Wait:
    if job.queue:
        return Wait(f"admission by the queue `{job.queue}`")
    return Wait("somebody to resume its job, which is suspended")


def _no_pods(job: JobView | None, kind: str, events: Events, age: float) -> Wait:
    told = _event_about(job.name, events) if job else None
    if told:
        return _from_event(*told)
    if job is not None and not job.noticed and age >= OPERATOR_SECONDS:
        silence = f"nothing has reacted to the job for {OPERATOR_SECONDS:g} s; does it run?"
        return Wait(f"the operator of kind {kind}", silence)
    return Wait("its pods to be created")


def _event_about(name: str, events: Events) -> tuple[str, str] | None:
    """Find a warning about a job, or about an object that its operator has made for it."""
    if name in events:
        return events[name]
    prefix = f"{name}-"
    return next((told for about, told in events.items() if about.startswith(prefix)), None)


def _from_event(reason: str, message: str) -> Wait:
    if "exceeded quota" in message:
        return quota_wait(message)
    if "admission webhook" in message or "violates PodSecurity" in message:
        return admission_wait(message)
    if reason in ("FailedMount", "FailedAttachVolume"):
        return Wait("its volumes", message)
    return Wait("its pods to be created" if "Create" in reason else "its pods to start", message)


def quota_wait(message: str) -> Wait:
    """Say that a quota of the namespace is used up."""
    return Wait("quota in the namespace", message)


def admission_wait(message: str) -> Wait:
    """Say that a rule of the cluster forbids the job or its pods."""
    return Wait("admission by the cluster", message)


def api_wait(reason: str, status: int = 0) -> Wait:
    """Say that the API server cannot be reached, or refuses us with an HTTP status."""
    if status in _REFUSALS:
        return Wait("the API server, which refuses access", reason)
    return Wait("the API server, which cannot be reached", reason)


_REFUSALS = (401, 403)


def _said(reason: str, message: str) -> str:
    return f"{reason}: {message}" if message else reason


def _time(event: Json) -> str:
    series = event.get("series") or {}
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    return next((str(time) for time in times if time), "")


_IMAGE_REASONS = (
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
)
