"""A job between its launch and its end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, BaseSelector

from .failures import Failure, count_oom_kills, explain, name_process
from .fork_server.channel import Message
from .fork_server_client import ForkServerClient
from .report_fifo import ReportFifo
from .slots import Grant, Needs, describe_needs
from .start_request import ReservedPorts

START_SECONDS = 30.0
"""Seconds that a keeper may take to start a job with a time limit, which only then begins."""
MAX_LOST_SERVERS = 5
"""Number of fork servers that may die before they start a job, until the job is given up."""


class ActiveJob:
    """A job between its launch and its end."""

    def __init__(self, name: str, number: int, submission: Message) -> None:
        self.name = name
        self.number = number
        """Number of jobs that were launched before this job."""
        self.submission = submission
        self.time_limit: float | None = submission["time_limit"]
        self.needs: Needs = [process["resources"] for process in self.processes]
        """The resources that each process needs."""
        self.needs_nothing = not describe_needs(self.needs)
        """Whether no process needs a resource that jobs share."""
        self.grant: Grant | None = None
        self.server: ForkServerClient | None = None
        self.reports: ReportFifo | None = None
        self.ports: ReservedPorts | None = None
        self.deadline: float | None = None
        self.reason: Failure | None = None
        """Why the platform asked the job to end; None if it has not asked."""
        self.oom_kills_before = 0
        """Number of out-of-memory kills that the kernel had counted when the job began."""
        self.waits_for = ""
        """The resource for which the job waits; empty if it does not wait."""
        self.launched = False
        """Whether the `Launched` event has been reported."""
        self.unheard = False
        """Whether the machine refuses to tell this process when a report arrives."""
        self.reported = False
        """Whether a line of the job's reports has been reported."""
        self.lost_servers = 0
        """Number of fork servers and keepers that have died before they started the job."""

    @property
    def outputs(self) -> list[str]:
        """Paths of the files with the output of the job's processes."""
        folder = self.submission["attempt_folder"]
        return [
            f"{folder}/{process['role']}-{process['rank']}.{stream}"
            for process in self.processes
            for stream in ("stdout", "stderr")
        ]

    @property
    def processes(self) -> list[Message]:
        """The submissions of the job's processes."""
        processes: list[Message] = self.submission["processes"]
        return processes

    def listen(self, selector: BaseSelector, on_readable: Callable[[int], None]) -> None:
        """Let a selector tell when a report arrives."""
        assert self.reports, "a job that runs has a pipe for its reports"
        self.unheard = True
        with suppress(OSError):
            selector.register(self.reports, EVENT_READ, on_readable)
            self.unheard = False

    def detach_reports(self, selector: BaseSelector) -> ReportFifo | None:
        """Take the pipe of the job's reports from the job, and return it."""
        reports, self.reports, self.unheard = self.reports, None, False
        if reports is not None:
            # Unregister the pipe before it is closed: the next file may get its descriptor.
            with suppress(KeyError):
                selector.unregister(reports)
        return reports

    def release(self, selector: BaseSelector) -> None:
        """Close what the job holds in this process."""
        if reports := self.detach_reports(selector):
            reports.close()
        if self.ports is not None:
            self.ports.close()
        self.ports = self.server = self.deadline = None

    def explain_refusal(self, first_failure: Message) -> Message:
        """Return the refusal that a process of the job met, with the process's name if needed."""
        refusal: Message = first_failure["reason"]
        if len(self.needs) == 1 or first_failure["role"] is None:
            return refusal
        return {**refusal, "message": name_process(first_failure) + refusal["message"]}

    def explain(self, first_failure: Message | None, oom_counter: Path) -> Failure | None:
        """Explain why the job failed; None if it succeeded."""
        if first_failure is None:
            return None
        return explain(
            first_failure,
            named=len(self.needs) > 1,
            folder=Path(self.submission["attempt_folder"]),
            out_of_memory=count_oom_kills(oom_counter) > self.oom_kills_before,
        )
