"""Follows one job: says that it runs, reads its log, and concludes how it has ended."""

from collections.abc import Callable
from typing import Any

from sweepwright.contracts import Launched, Output
from sweepwright.events import Failure, FailureKind, Json
from sweepwright.runner_client.pods.log_reader import Gap, Item, LogReader, Record, Text

from ..api import Api
from ..client import ApiError, PaiError
from ..failures import began, failure_of, node_of, trigger_of
from ..options import PaiOptions
from ..rate_budget import Clock
from ..task_log import LogCopy
from .active_job import CANCELLED, ActiveJob, Stage
from .outbox import Outbox

_BYTES_A_SECOND = 1 << 20
"""Bytes of a log to read in a second, because a long log must often be read from its beginning."""
_FINAL_LOOKS = 5
"""Number of attempts to read the log of a job that has ended."""
_RUNS = ("RUNNING", "STOPPING")


class JobFollowing:
    """Makes the requests about single jobs, and turns their answers into events."""

    def __init__(
        self,
        options: PaiOptions,
        api: Api,
        ask: Callable[[Callable[[], Any], Callable[[Any], None]], None],
        clock: Clock,
        outbox: Outbox,
        keep_output: Callable[[ActiveJob, int, bytes], None],
    ) -> None:
        self._options = options
        self._api = api
        self._ask = ask
        self._clock = clock
        self._outbox = outbox
        self._keep_output = keep_output

    def until_due(self, job: ActiveJob) -> float:
        """Return the number of seconds until a request about a job is due."""
        if job.ended or job.asked:
            return float("inf")
        runs = job.stage is Stage.ACCEPTED and job.launched and job.state in _RUNS
        if runs or job.stage is Stage.ENDING:
            return job.log_at - self._clock()
        return float("inf")

    def step(self, job: ActiveJob) -> None:
        """Make the next request about a job, if one is due; conclude if none is missing."""
        if job.ended or job.asked - {"stop"} or self._clock() < job.log_at:
            return
        if job.stage is Stage.ACCEPTED and job.state in _RUNS:
            if job.launched:
                self._read_log(job)
            elif job.verdict is None:
                self._look(job)
        elif job.stage is Stage.ENDING:
            self._step_to_end(job)

    def _step_to_end(self, job: ActiveJob) -> None:
        status = (job.detail or {}).get("jobStatus", {})
        if status.get("state") != job.state:
            self._look(job)
        elif not job.log_read:
            self._read_log(job)
        elif not job.other_read and job.outcome is None and self._other_task(job):
            self._read_other(job)
        elif job.outcome is not None and job.outcome["event"] == "refused":
            self._outbox.refuse(job, job.outcome["reason"])
        else:
            self._outbox.end(job, self._failure(job))

    # What OpenPAI says about a job

    def _look(self, job: ActiveJob) -> None:
        job.asked.add("detail")
        self._ask(lambda: self._api.detail(job.key), lambda result: self._on_detail(job, result))

    def _on_detail(self, job: ActiveJob, result: Any) -> None:
        job.asked.discard("detail")
        if job.ended:
            return
        if isinstance(result, PaiError):
            job.log_at = self._clock() + self._options.poll_seconds
            return
        job.detail = result
        ended = result["jobStatus"]["state"] not in (*_RUNS, "WAITING")
        if job.stage is Stage.ENDING and ended:
            # The list may have been the older of the two.
            job.state = result["jobStatus"]["state"]
        node = node_of(result, job.role)
        if node and not job.launched and (not ended or began(result)):
            job.launched = True
            job.log = self._api.log(job.key, job.role)
            self._outbox.put(job, Launched(job.name, {"job": job.key, "machine": node}))

    # Its log

    def _read_log(self, job: ActiveJob) -> None:
        if job.log is None:  # it never ran
            job.log_read = True
            self._step_to_end(job)
            return
        log, position = job.log, job.reader.position
        final = job.stage is Stage.ENDING
        job.asked.add("log")
        self._ask(
            lambda: log.read(position), lambda result: self._on_log(job, result, final=final)
        )

    def _on_log(self, job: ActiveJob, result: Any, *, final: bool) -> None:
        job.asked.discard("log")
        if job.ended:
            return
        job.log_at = self._clock() + self._options.log_seconds
        if isinstance(result, LogCopy):
            job.log_fault = ""
            seconds = len(result.data) / _BYTES_A_SECOND
            job.log_at = self._clock() + max(self._options.log_seconds, seconds)
            job.reader.start(mid_line=not result.whole)
            items = job.reader.feed(result.data)
            self._on_items(job, [*items, *(job.reader.finish() if final else ())])
        else:
            job.log_fault = str(result)
        if final:
            self._after_final_look(job, result)

    def _after_final_look(self, job: ActiveJob, result: Any) -> None:
        job.looks += 1
        gone = isinstance(result, ApiError) and not result.passes
        if isinstance(result, LogCopy):
            # A log may still lack its last lines, which the node writes after the job's end.
            job.log_read = job.outcome is not None or job.looks > 1 or job.state == "STOPPED"
        else:
            job.log_read = gone or job.looks >= _FINAL_LOOKS
        if job.log_read:
            job.log_at = float("-inf")

    def _on_items(self, job: ActiveJob, items: list[Item]) -> None:
        for item in items:
            match item:
                case Record(event={"event": "output", "line": line}, position=position):
                    self._outbox.put(job, Output(job.name, line, position))
                case Record(event={"event": "ended" | "refused"} as event):
                    job.outcome = event
                case Text(at, data):
                    self._keep_output(job, at, data)
                case Gap(events):
                    job.log_fault = str(item)
                    job.lost_events += events

    # Other tasks of the job

    def _other_task(self, job: ActiveJob) -> tuple[str, int] | None:
        """Return the task whose end has ended a job that has failed, if it does not report."""
        trigger = trigger_of(job.detail) if job.state == "FAILED" else None
        return trigger if trigger != (job.role, 0) else None

    def _read_other(self, job: ActiveJob) -> None:
        other = self._other_task(job)
        assert other is not None, "the caller has seen to it"
        log, begin = self._api.log(job.key, *other), LogReader().position
        job.asked.add("other")
        self._ask(lambda: log.read(begin), lambda result: self._on_other(job, other[0], result))

    def _on_other(self, job: ActiveJob, role: str, result: Any) -> None:
        job.asked.discard("other")
        if job.ended:
            return
        job.other_read = True
        if not isinstance(result, LogCopy):
            return
        reader = LogReader()
        for item in [*reader.feed(result.data), *reader.finish()]:
            if isinstance(item, Record) and item.event["event"] == "ended":
                job.other_failure = _told(item.event, f"role `{role}`: ")

    # The end

    def _failure(self, job: ActiveJob) -> Failure | None:
        """Conclude why a job has failed; None if it has succeeded."""
        told = job.outcome
        if job.lost_events:
            return Failure(FailureKind.LOST, job.log_fault)
        if told is not None and (told["failure"] or job.state == "SUCCEEDED"):
            return _told(told)
        if job.verdict is not None:
            return job.verdict
        if job.cancelled:
            return CANCELLED
        if job.other_failure is not None:
            return job.other_failure
        if job.state == "SUCCEEDED":
            reason = job.log_fault or "its last lines are missing"
            message = f"it succeeded, but its log cannot be read: {reason}"
            return Failure(FailureKind.LOST, message)
        return failure_of(job.detail)


def _told(event: Json, prefix: str = "") -> Failure | None:
    failure = event["failure"]
    if failure is None:
        return None
    return Failure(FailureKind(failure["kind"]), f"{prefix}{failure['message']}")
