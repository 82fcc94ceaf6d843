"""`cleanup` ends and removes a sweep, and leaves alone what others use."""

import fcntl
import hashlib
import io
import os
import shutil
import signal
import subprocess
import tarfile
from pathlib import Path

import pytest

from sweepwright.runner.service import cleanup
from sweepwright.runner.service.folders import BaseFolder
from sweepwright.runner.service.refusal import RefusalError
from sweepwright.runner_client.runner_session import RemoteRefusal
from tests.sweepwright.runner.service.test_daemon import SLEEPING_GRANDCHILD, is_running, start
from tests.sweepwright.runner_client.runner_harness import Machine


@pytest.fixture
def machine(new_machine: Machine) -> Machine:
    """Use a machine with kits of its own, because they are removed."""
    return new_machine


def put_code(machine: Machine, content: bytes) -> str:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as tar:
        info = tarfile.TarInfo("train.py")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    data = output.getvalue()
    code = hashlib.sha256(data).hexdigest()
    session = machine.connect()
    session.put_code(code, [data], len(data))
    session.close()
    return code


def clean_up(machine: Machine, sweep: str, *codes: str) -> list[str]:
    session = machine.connect()
    done = session.cleanup(sweep, codes)
    session.close()
    return done


def test_a_running_sweep_is_ended_and_removed_with_what_only_it_needs(machine: Machine) -> None:
    code = put_code(machine, b"print(1)")
    driver = machine.attach("s", code)
    process = start(driver, script=SLEEPING_GRANDCHILD)
    # A trial may leave folders that not even their owner may change.
    locked = machine.sweep() / "trials/0/1/locked/inner"
    locked.mkdir(parents=True)
    locked.parent.chmod(0o500)
    done = clean_up(machine, "s", code)

    assert done[0] == f"ended the runner of sweep `s` (process {driver.attached.pid})"
    # The kit that a cleanup runs from is removed as well, and not worth a line.
    assert [line.split("/")[-2] for line in done[1:]] == ["sweeps", "code"]
    assert not is_running(driver.attached.pid)
    assert not is_running(process)
    assert list(machine.folder.iterdir()) == []


def test_what_another_sweep_uses_stays(machine: Machine) -> None:
    code = put_code(machine, b"print(1)")
    machine.attach("s", code)
    other = machine.attach("t", code)
    done = clean_up(machine, "s", code)

    assert len(done) == 2
    assert not machine.sweep("s").exists()
    assert (machine.folder / "code" / f"{code}.tar").is_file()
    assert start(other)


def test_code_that_was_just_sent_for_another_sweep_stays(machine: Machine) -> None:
    ours, others = put_code(machine, b"print(1)"), put_code(machine, b"print(2)")
    clean_up(machine, "s", ours)

    assert [path.stem for path in (machine.folder / "code").iterdir()] == [others]


def test_a_daemon_that_does_not_answer_is_killed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = machine.attach()
    process = start(driver)
    os.kill(driver.attached.pid, signal.SIGSTOP)
    monkeypatch.setattr(cleanup, "_PATIENCE_SECONDS", 0.1)
    monkeypatch.chdir(machine.folder)
    done = list(cleanup.clean_up(BaseFolder(machine.folder), "s", ()))

    assert done[0] == f"ended the runner of sweep `s` (process {driver.attached.pid})"
    assert not is_running(process)


def test_what_is_not_there_needs_no_cleanup(machine: Machine) -> None:
    machine.connect().close()

    assert clean_up(machine, "never") == []
    assert list(machine.folder.iterdir()) == []


def test_a_link_out_of_the_base_folder_is_not_followed(machine: Machine, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    machine.sweep().parent.mkdir(parents=True)
    machine.sweep("link").symlink_to(outside)
    machine.sweep("s").mkdir()
    (machine.sweep("s") / "trials").symlink_to(outside)
    clean_up(machine, "s")
    with pytest.raises(RemoteRefusal, match="is a symbolic link"):
        clean_up(machine, "link")

    assert (outside / "file").exists()
    assert not machine.sweep("s").exists()


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden"])
def test_names_that_leave_the_folder_are_refused(machine: Machine, name: str) -> None:
    with pytest.raises(RemoteRefusal) as caught:
        clean_up(machine, name)

    assert caught.value.kind == "request"


def test_what_is_not_ours_stays_in_a_base_folder_with_other_things(machine: Machine) -> None:
    """With `folder: ~`, a user's own folders `code` and `kits` lie beside ours."""
    machine.connect().close()
    kept = [
        machine.folder / name for name in ("code/notes.tar", "code/.part-1", "kits/mine/important")
    ]
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (0, 0))
    os.utime(machine.folder / "kits/mine", (0, 0))
    clean_up(machine, "s")

    assert all(path.exists() for path in kept)


@pytest.mark.parametrize("written", ['{"pid": %d}', '{"pid": "%d"}', '{"pid": [%d]}', "%d", ""])
def test_no_process_is_killed_because_a_file_names_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    """A trial can write anything into the file of the lock, and can hold the lock."""
    monkeypatch.setattr(cleanup, "_PATIENCE_SECONDS", 0.05)
    machine.sweep().mkdir(parents=True, mode=0o700)
    monkeypatch.chdir(machine.folder)
    lock = machine.sweep() / "runner.lock"
    command = ["sh", "-c", 'read line; echo "$1"', "editor", str(machine.sweep())]
    with (
        lock.open("w") as file,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bystander,
    ):
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(written % bystander.pid if "%d" in written else written)
        file.flush()
        with pytest.raises(RefusalError, match="does not end"):
            list(cleanup.clean_up(BaseFolder(machine.folder), "s", ()))
        output, _ = bystander.communicate(b"\n")

    assert output.decode().strip() == str(machine.sweep())


def test_a_cleanup_that_is_killed_leaves_no_half_of_a_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a cleanup leaves the folder of the sweep
    base = BaseFolder(tmp_path)
    (base.sweeps / "sweep" / "code-0").mkdir(parents=True)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", die)
        with pytest.raises(KeyboardInterrupt):
            list(cleanup.clean_up(base, "sweep", ()))
    [part] = base.sweeps.iterdir()
    os.utime(part, (0, 0))  # it was abandoned long ago

    assert part.name != "sweep"
    assert list(cleanup.clean_up(base, "another", ())) == []
    assert not base.sweeps.exists()
