"""The verdict: how a job has ended, as soon as that can be told.

Several parts of the cluster report the same end, at different times and in different forms: the
agent in the log and in the status of its pod, the kubelet, and the operator. The rules, in this
order:

1. A success of the reporting process is a success of the job, whatever else ends then.
2. The first process that fails is the cause; the others often fail because of it.
3. A pod that the cluster takes away is `lost`, whatever its agent could still write. Why it was
   taken away may be seen a moment later, in the job's object.
4. What the operator says counts only if no pod explains it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sweepwright.events import Failure, FailureKind

from .active_job import ActiveJob, Outcome
from .causes import (
    OOM_KILLED,
    job_failure,
    name_failure,
    pod_failure,
    read_failure,
    takeaway,
    word_of,
)
from .pod_view import Pod

CAUSE_SECONDS = 2.0
"""Time for which a failure waits for the news of an earlier one, or of its reason."""
REST_SECONDS = 30.0
"""Time for which a failure waits for the end of a pod, or for the rest of its log."""
LEAVING_SECONDS = 120.0
"""Time that a deleted pod has to end. On a dead node it never does, unless somebody removes the
node."""


@dataclass(frozen=True, slots=True)
class _Cause:
    """A failure of one process, and what orders it among those of the others."""

    failure: Failure
    time: str
    """Time of the end in the notation of the API; empty for an end that came from the cluster."""
    leaving: bool = False
    """Whether the process was told to end, and may still run."""
    taken: bool = False
    """Whether the cluster took the pod away for a reason that it gives."""

    @property
    def order(self) -> tuple[bool, str, int]:
        """Sort key; ends in the same second, the unit of the API, are ordered by their kind.

        When a process fails, its operator deletes the pods of the others at once. So a deletion
        without a reason is the last that can be the cause, and a signal the last but one.
        """
        last = {FailureKind.KILLED: 2, FailureKind.LOST: 3}
        return self.leaving, self.time, 0 if self.taken else last.get(self.failure.kind, 1)


def find_outcome(job: ActiveJob, now: float) -> Outcome | None:
    """Tell how a job has ended; None while it runs, or while more may become known.

    Notes in `job.failed_at` when the first failure was seen.
    """
    if job.withdrawn is not None:
        return Outcome(job.withdrawn)
    own = _own_outcome(job)
    if own is not None and own.failure is None:
        return own
    if own is None and _has_succeeded(job):
        return None  # until its log is read
    causes = sorted(_causes(job, own), key=lambda cause: cause.order)
    failure = causes[0].failure if causes else _operator_failure(job)
    if failure is None:
        job.failed_at = float("inf")
        return None
    job.failed_at = min(job.failed_at, now)
    if now - job.failed_at < _patience(job, own, failure, causes):
        return None
    return Outcome(_with_reason(job, failure))


def _own_outcome(job: ActiveJob) -> Outcome | None:
    """Tell how the reporting process has ended, if that is known."""
    word, pod = job.log.word, job.reporting_pod
    if word is not None:
        return Outcome(_correct(job, read_failure(word.get("failure")), pod))
    if pod is None or not pod.ended:
        return None
    if pod.started and not job.log.closed:
        return None
    return _outcome_without_word(job, pod)


def _correct(job: ActiveJob, told: Failure | None, pod: Pod | None) -> Failure | None:
    """Return what the agent says, or what the pod's status knows better."""
    if told is None and job.log.lost:
        lost = f"{job.log.lost:,} records of its log were rotated away before they were read"
        return Failure(FailureKind.LOST, lost)
    if told is None or pod is None or told.kind not in (FailureKind.KILLED, FailureKind.LOST):
        return told
    if pod.exit is not None and pod.exit.reason == OOM_KILLED:
        return pod_failure(pod)
    return takeaway(pod) or told


def _outcome_without_word(job: ActiveJob, pod: Pod) -> Outcome:
    """Judge a pod whose log does not tell the end, by what else is known of it."""
    log = job.log
    failure = pod_failure(pod, log.last_line, silent=not log.at and not log.fault)
    if failure is not None:
        return Outcome(failure)
    word = word_of(pod)
    written = word.records if word else 0
    if written and written <= log.at + 1 and not log.lost:
        return Outcome(None)  # the record that is not read is that of the end
    gone = log.fault or "the log ends too early"
    of_all = f" of {written}" if written else ""
    lost = f"{pod.name} succeeded, but only {log.at}{of_all} records of its log were read: {gone}"
    return Outcome(Failure(FailureKind.LOST, lost))


def _has_succeeded(job: ActiveJob) -> bool:
    pod = job.reporting_pod
    return pod is not None and (
        pod.phase == "Succeeded" or (pod.exit is not None and pod.exit.code == 0)
    )


def _causes(job: ActiveJob, own: Outcome | None) -> Iterator[_Cause]:
    several = len(job.pods) > 1 or job.pods_wanted > 1
    for pod in job.other_pods:
        failure = _failure_so_far(pod)
        if failure is not None:
            yield _Cause(name_failure(failure, pod), _time(pod), not pod.ended, _taken(pod))
    reporting = job.reporting_pod
    if own is not None:
        failure = own.failure
    else:
        failure = None if reporting is None else _failure_so_far(reporting)
    if failure is not None:
        named = name_failure(failure, reporting) if several and reporting else failure
        leaving = own is None and reporting is not None and not reporting.ended
        yield _Cause(named, _time(reporting), leaving, _taken(reporting))


def _failure_so_far(pod: Pod) -> Failure | None:
    """Explain the end of a pod, or why it is about to end, by its status alone."""
    if pod.ended:
        return pod_failure(pod)
    return takeaway(pod) if pod.deleting else None


def _time(pod: Pod | None) -> str:
    if pod is None or pod.exit is None or not pod.exit.finished_at:
        return "" if _taken(pod) else _LATEST
    return pod.exit.finished_at


def _taken(pod: Pod | None) -> bool:
    return pod is not None and bool(pod.fault[0] or pod.disruption)


def _operator_failure(job: ActiveJob) -> Failure | None:
    """Say what the operator, or somebody, has done to a job whose pods explain nothing."""
    view = job.view
    if view is None or view.deleting:
        if not job.seen or not job.pods_over:
            return None
        return Failure(FailureKind.LOST, f"{job.object_name} was deleted, not by this sweep")
    if job.pod and job.pods_listed and job.reporting_pod is None:
        gone = f"the pod of {view.name} was deleted while no driver followed it"
        return Failure(FailureKind.LOST, gone)
    if view.failed is not None:
        return job_failure(view, launched=job.launched)
    if view.succeeded and job.pods_over:
        gone = f"{view.name} succeeded, but its pod was gone before its log was read"
        return Failure(FailureKind.LOST, gone)
    return None


def _more_to_come(job: ActiveJob, own: Outcome | None) -> bool:
    """Tell whether the end of the reporting pod will say more than is known yet."""
    pod = job.reporting_pod
    if own is None:
        return pod is not None and pod.ended and pod.started and not job.log.closed
    killed = own.failure is not None and own.failure.kind is FailureKind.KILLED
    return killed and pod is not None and not pod.ended


def _patience(
    job: ActiveJob, own: Outcome | None, failure: Failure, causes: list[_Cause]
) -> float:
    """Return the seconds for which a failure may turn out to have another cause."""
    if causes and causes[0].leaving:
        return LEAVING_SECONDS
    if _more_to_come(job, own):
        return REST_SECONDS
    if not causes:
        return 2 * CAUSE_SECONDS
    vague = failure.kind in (FailureKind.KILLED, FailureKind.LOST)
    others_run = job.pods_wanted > 1 and not job.pods_over
    return CAUSE_SECONDS if vague or others_run else 0.0


def _with_reason(job: ActiveJob, failure: Failure) -> Failure:
    """Replace the loss of a pod by what the job's object says about it."""
    view = job.view
    if failure.kind not in (FailureKind.KILLED, FailureKind.LOST) or view is None:
        return failure
    if view.failed is not None and view.failed[0] == "DeadlineExceeded":
        return job_failure(view, launched=job.launched)
    if view.suspended:
        queue = f"the queue `{view.queue}`" if view.queue else "somebody"
        return Failure(FailureKind.LOST, f"{queue} has suspended the running job {view.name}")
    return failure


_LATEST = "~"
