"""Why a job ended, from what its pods, its object and the agent tell.

The agent knows best, with one exception: when the cluster takes a pod away, the agent is ended by
SIGTERM and can only report that. Whoever sent the signal is seen in the pod's status, and such an
end is no fault of the trial's.
"""

import signal

from sweepwright.events import Failure, FailureKind, Json
from sweepwright.runner_client.pods.outcome import Outcome, read_outcome

from ..api.errors import one_line
from .job_view import JobView
from .pod_view import Exit, Pod

OOM_KILLED = "OOMKilled"
"""Reason of the end of a container that the kernel has killed for its memory."""
LONGEST_QUOTE = 300
"""Number of characters of a trial's output that a failure quotes."""
CANCELLED = Failure(FailureKind.KILLED, "cancelled")


def takeaway(pod: Pod) -> Failure | None:
    """Say how the cluster, or somebody, took a pod away; None if nobody did."""
    reason, message = pod.fault
    where = f" on {pod.node}" if pod.node else ""
    if reason == "DeadlineExceeded":
        return Failure(FailureKind.TIMEOUT, f"{pod.name}{where}: {_said(reason, message)}")
    if reason in _LOSSES:
        return _lost(f"{pod.name}{where} was taken away: {_said(reason, message)}")
    if pod.disruption:
        return _lost(f"{pod.name}{where} was taken away: {pod.disruption}")
    if pod.deleting or (pod.gone and pod.exit is None):
        return _lost(f"{pod.name}{where} was deleted")
    if pod.exit is not None and pod.exit.reason in _UNSEEN:
        return _lost(f"{pod.name}{where} is lost: {pod.exit.message or 'its end was not seen'}")
    return None


def word_of(pod: Pod) -> Outcome | None:
    """Return what the agent has left in the status of its pod; None if it has left nothing."""
    return None if pod.exit is None else read_outcome(pod.exit.message)


def pod_failure(pod: Pod, last_line: str = "", *, silent: bool = False) -> Failure | None:
    """Explain the end of a pod; None if it succeeded.

    Parameters
    ----------
    pod
        A pod that is over.
    last_line
        The last line of its log, if it was read.
    silent : bool
        Whether the whole log was read, and the agent has written nothing into it.
    """
    if pod.exit is not None and pod.exit.reason == OOM_KILLED:
        return Failure(FailureKind.MEMORY, "killed by the kernel: out of memory (OOMKilled)")
    word, taken = word_of(pod), takeaway(pod)
    if word is not None:
        failure = _lost(word.refused) if word.refused is not None else word.failure
        if failure is None or failure.kind is not FailureKind.KILLED or taken is None:
            return failure
    if taken is not None:
        return taken
    if pod.exit is None:
        return None if pod.phase == "Succeeded" else _lost(f"{pod.name}: {_said(*pod.fault)}")
    return _from_exit(pod.exit, last_line, silent=silent)


def name_failure(failure: Failure, pod: Pod) -> Failure:
    """Begin the message of a failure with the process that failed, as the runner does."""
    if failure.message.startswith((f"role `{pod.role}`", pod.name)):
        return failure
    return Failure(failure.kind, f"role `{pod.role}` rank {pod.rank}: {failure.message}")


def job_failure(job: JobView, *, launched: bool) -> Failure:
    """Explain why the operator has given a job up, if no pod explains it."""
    reason, message = job.failed or ("", "")
    told = _said(reason, message)
    if reason == "DeadlineExceeded":
        return Failure(FailureKind.TIMEOUT, told)
    if not launched:
        return Failure(FailureKind.LAUNCH, f"{job.name} failed before it started: {told}")
    return _lost(f"{job.name} failed, and none of its pods says why: {told}")


def read_failure(failure: Json) -> Failure | None:
    """Read a failure that the agent has written."""
    return failure and Failure(FailureKind(failure["kind"]), failure["message"])


def _from_exit(end: Exit, last_line: str, *, silent: bool) -> Failure | None:
    told = _last_line(end.message) or _last_line(last_line)
    if end.reason in _NOT_STARTED:
        return Failure(FailureKind.LAUNCH, _said(end.reason, end.message))
    if end.code == 0:
        return None
    if _SIGNAL_BASE < end.code <= _SIGNAL_BASE + signal.NSIG:
        return Failure(FailureKind.KILLED, f"killed by signal {end.code - _SIGNAL_BASE}")
    text = f"exit code {end.code}: {told}" if told else f"exit code {end.code}"
    if silent:
        return Failure(FailureKind.LAUNCH, f"the trial was not started: {text}")
    return Failure(FailureKind.EXIT, text)


def _last_line(text: str) -> str:
    """Return the end of the last line of a text, which may be that of a progress bar."""
    lines = (one_line(line) for line in reversed(text.splitlines()))
    return next(filter(None, lines), "")[-LONGEST_QUOTE:]


def _said(reason: str, message: str) -> str:
    return ": ".join(filter(None, (reason, " ".join(message.split())))) or "no reason is given"


def _lost(message: str) -> Failure:
    return Failure(FailureKind.LOST, message)


_SIGNAL_BASE = 128
_UNSEEN = ("ContainerStatusUnknown", "Unknown")
"""Reasons of the end of a container that nobody saw, as when its node was started anew."""
_NOT_STARTED = ("StartError", "ContainerCannotRun")
_LOSSES = (
    "Evicted",
    "NodeLost",
    "NodeShutdown",
    "NodeAffinity",
    "OutOfcpu",
    "OutOfmemory",
    "Preempted",
    "Preempting",
    "Shutdown",
    "Terminated",
    "UnexpectedAdmissionError",
)
"""Reasons in the status of a pod that its node has ended or has not taken."""
