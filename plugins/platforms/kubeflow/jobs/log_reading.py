"""The log of a job's reporting pod: the agent's records become events of the job."""

from collections.abc import Callable, Sequence

from sweepwright.contracts import JobEvent, Output
from sweepwright.events import Json
from sweepwright.runner_client.pods.log_reader import Gap, Item, Record, Text

from .actions import Actions
from .active_job import ActiveJob
from .pod_view import Pod
from .start_waits import Wait

UNCOMMITTED_SECONDS = 2.0
"""Time after which the driver has certainly committed a line; it takes 0.1 s at most."""

_END_BYTES = 4096
"""Number of bytes in which the last line is looked for."""


class LogReading:
    """Reads the logs of jobs."""

    def __init__(self, actions: Actions, events: list[JobEvent], now: Callable[[], float]) -> None:
        self._actions = actions
        self._events = events
        self._now = now

    def follow(self, job: ActiveJob, pod: Pod) -> None:
        """Begin to read the log of a pod, and tell its reader when the pod has ended."""
        log = job.log
        if not log.followed:
            log.followed = True
            self._actions.follow(job, pod)
        if pod.ended and not log.finishing and not log.closed:
            log.finishing = True
            self._actions.finish_log(job)

    def save_tails(self, job: ActiveJob) -> None:
        """Save the ends of the logs of pods that have failed; their operator may delete them."""
        for pod in job.other_pods:
            if pod.exit is not None and pod.exit.code and pod.uid not in job.tailed:
                job.tailed.add(pod.uid)
                job.tails += 1
                self._actions.save_tail(job, pod)

    def close(self, job: ActiveJob) -> None:
        """Stop reading."""
        if job.log.followed:
            self._actions.close_log(job)

    def on_items(self, job: ActiveJob, items: Sequence[Item]) -> None:
        """Take in new items of a log; none counts after the outcome."""
        for item in items:
            if job.outcome is not None:
                return
            match item:
                case Text(at, data):
                    self._keep(job, at, data)
                case Gap(events, size):
                    job.log.lost += events
                    self._note_gap(job, size, str(item))
                case Record(at, event, position):
                    job.log.at, job.log.position = at, position
                    self._on_record(job, event)

    def _keep(self, job: ActiveJob, at: int, data: bytes) -> None:
        """Keep text at its place in the file, however often it is read."""
        line = data[-_END_BYTES:].rstrip().rsplit(b"\n", 1)[-1]
        job.log.last_line = line.decode(errors="replace").strip() or job.log.last_line
        job.log.text = at + len(data)
        job.log.mid_line = not data.endswith(b"\n")
        self._actions.keep_text(job, at + job.log.shift, data)

    def _note_gap(self, job: ActiveJob, size: int, told: str) -> None:
        """Write one line in place of text that is lost.

        The text before it ends within a line if the stream broke there. Even the break of a line
        that was read completely may be lost, because the reader holds it back for a while.
        """
        line = f"[{told}]\n".encode()
        if job.log.mid_line:
            line = b"\n" + line
        job.log.mid_line = False
        self._actions.keep_text(job, job.log.text + job.log.shift, line)
        job.log.text += size
        job.log.shift += len(line) - size

    def _on_record(self, job: ActiveJob, event: Json) -> None:
        match event:
            case {"event": "output", "line": line}:
                cursor = job.log.cursor
                self._remember(job, cursor, line)
                self._events.append(Output(job.name, line, cursor))
            case {"event": "launched"}:
                job.stall = None
            case {"event": "waiting", "wants": wants, "refusal": refusal}:
                job.stall = Wait(wants, refusal) if wants else None
            case {"event": "ended", "failure": failure}:
                job.log.word = {"failure": failure}
            case {"event": "refused", "reason": reason}:
                job.log.word = {"failure": {"kind": "lost", "message": reason}}

    def _remember(self, job: ActiveJob, cursor: Json, line: str) -> None:
        now = self._now()
        while job.lines and job.lines[0][0] < now - UNCOMMITTED_SECONDS:
            job.lines.popleft()
        job.lines.append((now, cursor, line))
