"""Files of attempts: read from machines, fetched, copied between machines, and removed."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest

from sweepwright.contracts import AttemptRef, Ended, Job, Launched, Workspace
from sweepwright.events import CheckpointRef
from sweepwright.plugins.platforms.remote.attempt_files import RemoteAttemptFiles
from sweepwright.plugins.platforms.remote.building import build_remote
from sweepwright.plugins.platforms.remote.cleaning import clean_machines
from sweepwright.plugins.platforms.remote.options import (
    Machine,
    MachineDefaults,
    MachineOptions,
    RemoteOptions,
    resolve_machines,
)
from sweepwright.plugins.platforms.remote.scheduling.checkpoints import Copy
from sweepwright.plugins.platforms.remote.transfers import Copier, Fetch, Fetcher
from sweepwright.runner_client.runner_session import RemoteRefusal, RunnerSession
from sweepwright.testing.platform_harness import PlatformHarness
from sweepwright.testing.scripts import SCRIPTS
from tests.plugins.platforms.remote.process_machines import ProcessMachines

SAVE = """
import json, os, time
from sweepwright.trial import checkpoint_dir, inherited_dir, report_final_result
inherited = inherited_dir()
before = open(os.path.join(inherited, "steps")).read() if inherited else ""
with open(os.path.join(checkpoint_dir(), "steps"), "w") as file:
    file.write(before + "step ")
print("said", before)
report_final_result(len(before))
"""
GATE = """
import os, time
from sweepwright.trial import report_final_result, report_intermediate_result
report_intermediate_result(0)
while not os.path.exists(os.environ["GATE"]):
    time.sleep(0.01)
report_final_result(1)
"""


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> ProcessMachines:
    return ProcessMachines(tmp_path_factory.mktemp("machines"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    folder = tmp_path / "store" / f"files-{tmp_path.name}"
    folder.mkdir(parents=True)
    return Workspace(folder.name, folder, 4)


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(SCRIPTS, "save", SAVE)
    monkeypatch.setitem(SCRIPTS, "gate", GATE)
    folder = tmp_path / "code"
    folder.mkdir()
    return folder


def options(*names: str, fetch: str = "none") -> RemoteOptions:
    hosts = tuple(MachineOptions(host=name, slots=1) for name in names)
    return RemoteOptions(hosts, MachineDefaults(python=sys.executable), fetch=fetch)  # type: ignore[arg-type]


def harness(
    machines: ProcessMachines, given: RemoteOptions, workspace: Workspace, code: Path
) -> PlatformHarness:
    return PlatformHarness(build_remote(given, workspace, machines.connect), code, 30.0)


@pytest.fixture
def files(machines: ProcessMachines, workspace: Workspace) -> Iterator[RemoteAttemptFiles]:
    given = resolve_machines(options("box1", "box2"))
    files = RemoteAttemptFiles(given, workspace, machines.connect)
    yield files
    files.close()


def refuse(_machine: Machine) -> NoReturn:
    raise ConnectionRefusedError("connection refused")


def ref(job: Job, handle=None) -> AttemptRef:
    return AttemptRef(job.trial, job.attempt, job.name, handle)


def test_files_of_an_attempt_are_read_from_the_machine_that_ran_it(
    machines, workspace, code, files
):
    with harness(machines, options("box1", "box2"), workspace, code) as driver:
        job = driver.launch("save")
        driver.watch_to_end(job)
    handle = driver.launches(job)[0].handle
    for attempt in (ref(job, handle), ref(job)):
        listed = {file.path: file.size for file in files.list(attempt)}

        assert listed["checkpoint/steps"] == 5
        assert files.read(attempt, "main-0.stdout", 0, 100) == b"said \n"
        assert files.read(attempt, "main-0.stdout", 3, 2) == b"d "
        assert files.read(attempt, "main-0.stdout", 99, 2) == b""
    with pytest.raises(FileNotFoundError):
        files.read(ref(job), "no-such-file", 0, 1)
    with pytest.raises(FileNotFoundError):
        files.list(AttemptRef(7, 1, "unknown"))
    assert not (workspace.folder / "trials").exists()


def test_a_machine_that_cannot_be_reached_is_told_in_one_line(workspace):
    files = RemoteAttemptFiles(resolve_machines(options("box1")), workspace, refuse)
    with pytest.raises(ConnectionError, match=r"^box1: connection refused$"):
        files.list(AttemptRef(0, 1, "job", {"machine": "box1", "log": "x"}))


@pytest.mark.parametrize(
    ("fetch", "expected"),
    [
        ("output", {"main-0.stdout", "main-0.stderr"}),
        ("all", {"main-0.stdout", "main-0.stderr", "checkpoint/steps"}),
    ],
)
def test_files_are_fetched_before_the_platform_is_closed(
    machines, workspace, code, fetch, expected
):
    with harness(machines, options("box1", fetch=fetch), workspace, code) as driver:
        job = driver.launch("save")
        driver.watch_to_end(job)
    folder = workspace.folder / "trials" / "0" / "1"
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}

    assert found == expected

    files = RemoteAttemptFiles(resolve_machines(options("box1")), workspace, refuse)
    assert {file.path for file in files.list(ref(job))} == expected
    assert files.read(ref(job), "main-0.stdout", 0, 4) == b"said"


def test_fetched_files_are_read_after_a_cleanup(machines, workspace, code):
    with harness(machines, options("box1", fetch="all"), workspace, code) as driver:
        job = driver.launch("save")
        driver.watch_to_end(job)
    known = resolve_machines(options("box1"))
    list(clean_machines(known, workspace, machines.connect))
    files = RemoteAttemptFiles(known, workspace, machines.connect)

    assert "checkpoint/steps" in {file.path for file in files.list(ref(job))}
    assert files.read(ref(job), "main-0.stdout", 0, 4) == b"said"
    files.close()


def test_a_checkpoint_is_copied_to_the_machine_that_continues(machines, workspace, code):
    gates = [code.parent / f"gate{number}" for number in range(2)]
    with harness(machines, options("box1", "box2"), workspace, code) as driver:
        driver.entry("gate")  # the code is packed when the first job is launched
        first = driver.launch("save")
        driver.watch_to_end(first)
        busy = {}
        for gate in gates:
            job = driver.launch("gate", environment={"GATE": str(gate)})
            driver.watch_to_start(job)
            busy[place(driver, job)] = gate
        inherits = CheckpointRef(first.trial, 1)
        second = driver.launch("save", trial=first.trial, attempt=2, inherits=inherits)
        busy.pop(place(driver, first))
        (away,) = busy
        busy[away].touch()
        driver.watch_to_end(second)
        for gate in gates:
            gate.touch()
        driver.watch(lambda: len([e for e in driver.seen if isinstance(e, Ended)]) == 4)

    assert place(driver, second) == away
    assert driver.lines(second)[-1].metrics["default"] == len("step ")
    wants = {wait.wants for wait in driver.waits(second)}
    assert f"the checkpoint of trial 0 from {place(driver, first)}" in wants


def place(driver: PlatformHarness, job: Job) -> str:
    return str(driver.launches(job)[0].handle["machine"])


def test_what_a_sweep_leaves_on_machines_is_removed(machines, workspace, code):
    given = options("box1", "box2")
    with harness(machines, given, workspace, code) as driver:
        job = driver.launch("hang")
        driver.watch_to_start(job)
    (launched,) = [event for event in driver.seen if isinstance(event, Launched)]
    home = machines.home(launched.handle["machine"])
    resolved = resolve_machines(given)
    done = list(clean_machines(resolved, workspace, machines.connect))

    assert any("ended the runner" in line for line in done)
    assert not list(home.glob(f".sweepwright/sweeps/{workspace.sweep}*"))
    assert not list(clean_machines(resolved, workspace, machines.connect))


def test_the_code_of_another_sweep_is_left_until_this_is_cleaned_up_too(machines, workspace, code):
    (code / "own.py").touch()  # no other test sends the same code
    sweeps = []
    for name in ("one", "two"):
        folder = workspace.folder.parent / f"{workspace.sweep}-{name}"
        folder.mkdir()
        sweep = replace(workspace, sweep=folder.name, folder=folder)
        with harness(machines, options("box1"), sweep, code) as driver:
            driver.watch_to_end(driver.launch("talk"))
        sweeps.append(sweep)
    resolved = resolve_machines(options("box1"))
    first, last = (list(clean_machines(resolved, each, machines.connect)) for each in sweeps)

    assert not any("/code/" in line for line in first)
    assert any("/code/" in line for line in last)


def test_code_goes_up_once_for_each_version(machines, workspace, code):
    (code / "data.bin").write_bytes(bytes(1000))
    archives = machines.home("box3") / ".sweepwright" / "code"
    for attempt in (1, 2):
        with harness(machines, options("box3"), workspace, code) as driver:
            driver.watch_to_end(driver.launch("talk", trial=0, attempt=attempt))
        times = {path: path.stat().st_mtime_ns for path in archives.iterdir()}
        if attempt == 1:
            before = times

    assert len(times) == 1
    assert times == before


class HostileFiles:
    """A session with a machine that says what it likes about its files."""

    def __init__(self, *entries: dict[str, Any], content: bytes = b"x" * 10) -> None:
        self._entries = entries
        self._content = content
        self.read = 0

    def list_files(self, _sweep: str, _attempts: Any) -> list[dict[str, Any]]:
        return [{"trial": 0, "attempt": 1, **entry} for entry in self._entries]

    def read_file(self, _sweep: str, _path: str, _offset: int, limit: int) -> bytes:
        self.read += 1
        return self._content[:limit]

    def close(self) -> None: ...


def fetched(session: HostileFiles, folder: Path) -> list[str]:
    """Fetch what a machine offers, and return what lies in the folder of the test then."""
    store = folder / "store"
    store.mkdir()
    fetcher = Fetcher("sweep", store, lambda _machine: cast("RunnerSession", session))
    fetcher.fetch(Fetch("box", 0, 1, everything=True))
    assert fetcher.failed == []
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


BAD_PATHS = ["", ".", "..", "../x", "a/../../../x", "/etc/x", "a//b", "a/", "a\0b", "./a"]


@pytest.mark.parametrize("path", BAD_PATHS)
def test_a_machine_does_not_choose_where_files_are_written(tmp_path: Path, path: str) -> None:
    session = HostileFiles({"path": path, "size": 3}, {"path": "good", "size": 3})

    assert fetched(session, tmp_path) == ["store/trials/0/1/good"]


def test_a_file_without_end_is_cut_at_its_size(tmp_path: Path) -> None:
    session = HostileFiles({"path": "endless", "size": 25})

    assert fetched(session, tmp_path) == ["store/trials/0/1/endless"]
    assert (tmp_path / "store/trials/0/1/endless").stat().st_size == 25
    assert session.read == 3


def test_a_file_that_does_not_fit_stays_where_it_is(tmp_path: Path) -> None:
    session = HostileFiles({"path": "huge", "size": 1 << 60}, {"path": "good", "size": 3})

    assert fetched(session, tmp_path) == ["store/trials/0/1/good"]


class HostileCheckpoint:
    """Sessions with a machine that packs nonsense, and with one that refuses it."""

    def __init__(self, refusal: str) -> None:
        self._refusal = refusal

    def pack(self, _sweep: str, _folder: str) -> Iterator[bytes]:
        yield b"x" * 100

    def unpack(self, *_: Any) -> bool:
        raise RemoteRefusal(self._refusal, "the archive holds the path `../x`")

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("refusal", "failed"), [("unsafe", ""), ("damaged", ""), ("full", "good"), ("system", "good")]
)
def test_a_checkpoint_that_is_nonsense_is_the_fault_of_its_source(
    refusal: str, failed: str
) -> None:
    """Otherwise a machine could have all others set aside."""
    session = cast("RunnerSession", HostileCheckpoint(refusal))
    copy = Copy("job", 1, CheckpointRef(0, 1), "hostile", "good")
    copied = Copier("sweep", lambda _machine: session).copy(copy)

    assert copied.failed == failed
    assert copied.missing == (not failed)
