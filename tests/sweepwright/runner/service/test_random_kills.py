"""Daemons and sessions are killed at random moments, and each trial succeeds exactly once."""

import os
import random
import signal
from contextlib import suppress

import psutil
import pytest

from sweepwright.runner_client.runner_session import RunnerError, SessionLost
from tests.sweepwright.runner_client.runner_harness import Driver, Machine, process_of

SCRIPT = "import sweepwright as s, time; time.sleep(0.05); s.report_final_result({})"
SLOTS = 4


class Sweep:
    """A driver that connects again whenever it must, and retries what was lost."""

    def __init__(self, machine: Machine, trials: int) -> None:
        self.machine = machine
        self.driver: Driver | None = None
        self.waiting = [f"s-{trial}-1" for trial in range(trials)]
        self.running: dict[str, int] = {}
        """For each job that was launched, the offset up to which its records are known."""
        self.reports: dict[str, int] = {}
        self.succeeded: list[str] = []
        self._log = ""

    def step(self) -> None:
        try:
            if self.driver is None:
                self._attach()
            self._launch()
            for message in self._connected().session.read_messages(0.02):
                if "event" in message:
                    self._on_record(message)
        except SessionLost:
            self.driver = None

    def _connected(self) -> Driver:
        assert self.driver is not None
        return self.driver

    def _attach(self) -> None:
        with suppress(RunnerError):
            self.driver = self.machine.attach()
        if self.driver is None:
            raise SessionLost
        attached = self.driver.attached
        assert attached.log == self._log or not self._log, "the log has begun anew"
        self._log = attached.log
        self.driver.adopt(**{n: at for n, at in self.running.items() if n in attached.known})
        for name in [name for name in self.running if name not in attached.known]:
            del self.running[name]
            self.waiting.append(name)

    def _launch(self) -> None:
        while self.waiting and len(self.running) < SLOTS:
            name = self.waiting.pop(0)
            self.running[name] = 0
            self._connected().launch(name, SCRIPT.format(int(name.split("-")[1])))

    def _on_record(self, record: dict[str, object]) -> None:
        name = str(record["job"])
        assert name in self.running, f"nothing more can come of {name}"
        assert int(str(record["at"])) > self.running[name], "it was read before"
        self.running[name] = int(str(record["at"]))
        if record["event"] == "output":
            self.reports[name] = self.reports.get(name, 0) + 1
        elif record["event"] == "ended":
            self._on_end(name, record["failure"])

    def _on_end(self, name: str, failure: object) -> None:
        del self.running[name]
        _, trial, attempt = name.split("-")
        if failure is None:
            self.succeeded.append(trial)
            assert self.reports[name] == 1
        else:
            assert isinstance(failure, dict)
            assert failure["kind"] == "lost", failure
            self.waiting.append(f"s-{trial}-{int(attempt) + 1}")


@pytest.mark.parametrize(
    ("trials", "kills"), [(12, 4), pytest.param(100, 50, marks=pytest.mark.ci_only)]
)
def test_each_trial_succeeds_once(machine: Machine, trials: int, kills: int) -> None:
    sweep = Sweep(machine, trials)
    moments = random.Random(trials)  # noqa: S311 - the same moments each time
    while kills or len(sweep.succeeded) < trials:
        sweep.step()
        if sweep.driver and kills and moments.random() < 0.2:
            kills -= 1
            victims = (sweep.driver.attached.pid, process_of(sweep.driver.session))
            with suppress(ProcessLookupError):
                os.kill(moments.choice(victims), signal.SIGKILL)

    assert sorted(map(int, sweep.succeeded)) == list(range(trials))
    machine.close()
    folder = str(machine.folder)
    assert not [p for p in psutil.process_iter(["cmdline"]) if folder in str(p.info["cmdline"])]
