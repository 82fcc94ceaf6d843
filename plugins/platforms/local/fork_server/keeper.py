"""A keeper: it runs one job at a time, and nothing of a job is left when it says so."""

import os
import selectors
from collections import deque
from typing import NoReturn

from .attempt_folder import open_output, prepare
from .channel import Channel, Message, close_files
from .child_watch import ChildWatch
from .descendants import adopt_orphans, kill_descendants, raise_oom_score, reap
from .exit_reasons import Words
from .process_setup import Files
from .running_job import Member, RunningJob
from .starters import Forking, Prestarting, Starter


class Keeper:
    """Obeys ``start`` and ``stop``; answers ``started`` and ``ended``."""

    def __init__(self, channel: Channel, settings: Message) -> None:
        self._channel = channel
        self._grace = settings["grace"]
        self._watch = ChildWatch()
        self._words = Words()
        self._job: RunningJob | None = None
        self._reports: deque[int] = deque()
        self._forking = Forking(self._let_go)
        self._prestarting = Prestarting(settings) if settings["prestart"] else None
        self._python_starter = self._prestarting or self._forking
        # A poll object is no descriptor, which forked children would have to close.
        self._selector = selectors.PollSelector()
        self._selector.register(channel, selectors.EVENT_READ, self._obey)
        self._selector.register(self._watch, selectors.EVENT_READ, self._reap_children)

    def run(self) -> NoReturn:
        """Serve until the driver is gone."""
        adopt_orphans()
        raise_oom_score()
        if self._prestarting:
            self._prestarting.prepare()
        while True:
            for key, _ in self._selector.select(self._job.patience if self._job else None):
                key.data()
            if self._job and self._job.patience == 0:
                self._job.kill()

    def _obey(self) -> None:
        messages = self._channel.receive()
        if messages is None:
            self._leave()
        for message, files in messages:
            if "start" in message:
                self._start(message["start"], files)
            elif self._job and self._job.name == message["stop"]:
                self._job.stop()

    def _leave(self) -> NoReturn:
        if self._job:
            self._job.kill()
        kill_descendants()
        os._exit(0)

    def _start(self, request: Message, reports: list[int]) -> None:
        job = self._job = RunningJob(request["name"], self._grace)
        self._reports = deque(reports)
        try:
            environment = prepare(request)
            for process in request["processes"]:
                self._start_process(job, request, environment, process)
        except OSError as error:
            job.fail({"said": {"kind": "launch", "message": _reason(error)}})
        self._close_reports()
        self._channel.send({"started": job.children})
        self._finish_if_over()

    def _start_process(
        self, job: RunningJob, request: Message, environment: dict[str, str], process: Message
    ) -> None:
        stdout, stderr = open_output(request, process)
        reports = self._reports.popleft() if process["reports"] else None
        environment = {**environment, **process["environment"]}
        try:
            child = self._starter(process).start(
                {**process, "folder": request["folder"], "environment": environment},
                Files(stdout, stderr, self._words.writer, reports),
            )
        finally:
            close_files(file for file in (stdout, stderr, reports) if file is not None)
        job.add(child, Member(process["role"], process["rank"], process["decides"]))

    def _starter(self, process: Message) -> Starter:
        return self._forking if "command" in process["entry"] else self._python_starter

    def _reap_children(self) -> None:
        self._watch.clear()
        for child, code in reap():
            if self._prestarting:
                self._prestarting.forget(child)
            if self._job:
                self._job.died(child, code, self._words)
        self._finish_if_over()

    def _finish_if_over(self) -> None:
        if self._job and self._job.over:
            kill_descendants(self._prestarting.children if self._prestarting else ())
            job, self._job = self._job, None
            self._channel.send({"ended": job.name, "culprit": job.culprit, "stopped": job.stopped})

    def _close_reports(self) -> None:
        close_files(self._reports)
        self._reports.clear()

    def _let_go(self) -> None:
        """Close what a forked child has no business with."""
        self._close_reports()
        self._watch.close()
        self._words.close()
        self._channel.close()


def _reason(error: OSError) -> str:
    return f"`{error.filename}`: {error.strerror}" if error.filename else str(error)
