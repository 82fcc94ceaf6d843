"""The keeper process: runs one job at a time, and reports its end when no process is left."""

from __future__ import annotations

import os
import selectors
from contextlib import suppress
from typing import NoReturn

from .channel import Channel, Message, close_files
from .checkpoint import keep_checkpoint, own_errors
from .process_setup import Files, open_output, prepare
from .process_tree import (
    ChildExitNotifier,
    become_subreaper,
    has_descendants,
    kill_descendants,
    raise_oom_score,
    reap,
)
from .refusals import describe_failure, passes
from .running_job import JobProcess, RunningJob
from .starters import ForkStarter, PrestartStarter, Starter

# Time between two attempts to keep a checkpoint for which the disk has no space; it doubles.
_FIRST_RETRY_SECONDS = 0.05
_LONGEST_RETRY_SECONDS = 5.0


def run_keeper(channel: Channel, settings: Message) -> NoReturn:
    """Serve the driver as a keeper; if the system refuses what a keeper needs, tell the driver."""
    try:
        keeper = Keeper(channel, settings)
    except OSError as error:
        channel.send({"refused": describe_failure(error)})
        os._exit(1)
    keeper.run()


class Keeper:
    """Main loop of a keeper: starts and ends a job, and reports its end.

    Invariants: `_job` is the running job or None; all children of this process belong to it or
    are prestarted interpreters.
    """

    def __init__(self, channel: Channel, settings: Message) -> None:
        self._channel = channel
        self._grace = settings["grace"]
        self._child_exits = ChildExitNotifier()
        self._job: RunningJob | None = None
        self._retry_seconds = _FIRST_RETRY_SECONDS
        self._fork_starter = ForkStarter(self._close_inherited)
        self._settings = settings
        self._prestart_starters: dict[tuple[tuple[str, str], ...], PrestartStarter] = {}
        # Unlike epoll, poll needs no descriptor, which forked children would have to close.
        self._selector = selectors.PollSelector()
        self._selector.register(channel, selectors.EVENT_READ, self._receive)
        self._selector.register(self._child_exits, selectors.EVENT_READ, self._reap_children)

    def run(self) -> NoReturn:
        """Serve until the driver is gone."""
        become_subreaper()
        raise_oom_score()
        if self._settings["prestart"]:
            with suppress(OSError):  # the first start will meet the same error, and report it
                self._prestart_starter({}).prepare()
        while True:
            for key, _ in self._selector.select(self._seconds_until_timer()):
                key.data()
            if self._job and self._job.seconds_until_kill == 0:
                self._job.kill()
            self._finish_if_done()

    def _seconds_until_timer(self) -> float | None:
        """Return the time until the job is to be killed or finished; None if neither is due."""
        if self._job is None:
            return None
        if self._job.finished:
            return self._job.seconds_to_linger or self._retry_seconds
        return self._job.seconds_until_kill

    def _receive(self) -> None:
        messages = self._channel.receive()
        if messages is None:
            self._shut_down()
        for message, _ in messages:
            if "start" in message:
                self._start(message["start"])
            elif self._job and self._job.name == message.get("stop"):
                self._job.stop()
            elif self._job and self._job.name == message.get("finish"):
                self._job.finish()

    def _shut_down(self) -> NoReturn:
        if self._job:
            self._job.kill()
        kill_descendants()
        os._exit(0)

    def _start(self, request: Message) -> None:
        job = self._job = RunningJob(
            request["name"],
            self._grace,
            request["attempt_folder"],
            part=request.get("part", False),
        )
        self._retry_seconds = _FIRST_RETRY_SECONDS
        try:
            environment = prepare(request)
            for process in request["processes"]:
                self._start_process(job, request, environment, process)
            self._channel.send({"started": job.children})
        except (OSError, ValueError) as error:
            job.fail({"role": None, "reason": describe_failure(error)})
            job.kill()

    def _start_process(
        self, job: RunningJob, request: Message, environment: dict[str, str], process: Message
    ) -> None:
        stdout, stderr = open_output(request, process)
        environment = {**environment, **process["environment"]}
        try:
            child, exit_reason = self._starter(process).start(
                {**process, "folder": request["folder"], "environment": environment},
                Files(stdout, stderr),
            )
        finally:
            close_files((stdout, stderr))
        member = JobProcess(process["role"], process["rank"], process["decides"], exit_reason)
        job.add(child, member)

    def _starter(self, process: Message) -> Starter:
        # A program replaces its process, so it cannot use prestarted imports.
        if "command" in process["entry"]:
            return self._fork_starter
        if process["own_interpreter"] or self._settings["prestart"]:
            return self._prestart_starter(process["own_interpreter"])
        return self._fork_starter

    def _prestart_starter(self, environment: dict[str, str]) -> PrestartStarter:
        """Return the starter of interpreters that begin with these variables."""
        key = tuple(sorted(environment.items()))
        if key not in self._prestart_starters:
            self._prestart_starters[key] = PrestartStarter(self._settings, environment)
        return self._prestart_starters[key]

    def _reap_children(self) -> None:
        self._child_exits.clear()
        for child, code in reap():
            for starter in self._prestart_starters.values():
                starter.forget(child)
            if self._job:
                self._job.on_exit(child, code)

    def _finish_if_done(self) -> None:
        if self._job is None or not self._job.finished:
            return
        starters = self._prestart_starters.values()
        waiting = {child for starter in starters for child in starter.children}
        if has_descendants(waiting):
            if self._job.seconds_to_linger:
                return
            kill_descendants(waiting)
        self._job.end_linger()
        if not self._checkpoint_is_kept(self._job):
            return
        job, self._job = self._job, None
        self._channel.send(
            {"ended": job.name, "first_failure": job.first_failure, "stopped": job.stopped}
        )

    def _checkpoint_is_kept(self, job: RunningJob) -> bool:
        """Keep the checkpoint of a successful job; return False if this must be tried again."""
        try:
            if job.succeeded:
                keep_checkpoint(job.folder)
        except OSError as error:
            if passes(error):
                self._channel.send({"waiting": describe_failure(error)})
                self._retry_seconds = min(2 * self._retry_seconds, _LONGEST_RETRY_SECONDS)
                return False
            own = own_errors(job.folder)
            job.fail({"role": None, "reason": describe_failure(error, own, "lost")})
        return True

    def _close_inherited(self) -> None:
        """Close the descriptors of the keeper in a forked child."""
        self._child_exits.close()
        self._channel.close()
