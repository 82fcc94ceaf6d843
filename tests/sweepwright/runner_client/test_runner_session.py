"""Requests are answered in one line or by what was asked for, and the next one is served too."""

import hashlib
import io
import os
import signal
import tarfile
from pathlib import Path

import pytest

from sweepwright.runner_client.far_end_messages import DONE
from sweepwright.runner_client.process_stream import ProcessStream
from sweepwright.runner_client.runner_session import RemoteRefusal, RunnerSession, SessionLost
from tests.sweepwright.runner_client.runner_harness import Machine, process_of


def code_archive(**files: str) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(f"{name}.py")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return output.getvalue()


def test_code_goes_up_once_and_runs_in_a_folder_of_its_sweep(machine: Machine) -> None:
    script = "import sweepwright as s, pathlib; pathlib.Path('beside').touch()"
    data = code_archive(train=f"{script}; s.report_final_result(1)")
    code = hashlib.sha256(data).hexdigest()
    session = machine.connect()
    had = session.has_code(code)
    session.put_code(code, [data], len(data))
    has = session.has_code(code)
    driver = machine.attach("s", code)
    driver.launch("s-0", "", entry={"file": "train.py", "arguments": []})

    assert (had, has) == (False, True)
    assert driver.ended("s-0") is None
    assert {p.name for p in (machine.sweep() / f"code-{code[:12]}").iterdir()} >= {"beside"}
    assert [p.name for p in (machine.folder / "code").iterdir()] == [f"{code}.tar"]


def test_code_that_was_damaged_on_its_way_is_refused(machine: Machine) -> None:
    session = machine.connect()
    with pytest.raises(RemoteRefusal, match="damaged on its way"):
        session.put_code("0" * 64, [b"x" * 300_000], 300_000)

    assert not session.has_code("0" * 64)
    assert list((machine.folder / "code").iterdir()) == []


def test_code_that_is_missing_is_told(machine: Machine) -> None:
    with pytest.raises(RemoteRefusal) as caught:
        machine.attach("s", "0" * 64)

    assert caught.value.kind == "missing"


def test_an_upload_that_is_cut_leaves_nothing_under_its_name(machine: Machine) -> None:
    session = machine.connect()
    session._send_request("put_code", hash="0" * 64, size=1000)
    session._write(b"x" * 999)
    session.close()
    again = machine.connect()

    assert not again.has_code("0" * 64)
    assert list((machine.folder / "code").iterdir()) == []


def attempt(machine: Machine) -> Path:
    folder = machine.sweep() / "trials/3/1"
    (folder / "checkpoint/deep").mkdir(parents=True)
    (folder / "main-0.stdout").write_bytes(b"0123456789\n" * 10)
    (folder / "checkpoint/deep/weights").write_bytes(os.urandom(500_000))
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "stairs").symlink_to("/etc")
    return folder


def test_files_of_attempts_are_listed_and_read(machine: Machine) -> None:
    attempt(machine)
    session = machine.connect()
    files = session.list_files("s", [(3, 1), (4, 1)])
    path = "trials/3/1/main-0.stdout"

    assert files == [
        {"trial": 3, "attempt": 1, "path": "main-0.stdout", "size": 110},
        {"trial": 3, "attempt": 1, "path": "checkpoint/deep/weights", "size": 500_000},
    ]
    assert session.read_file("s", path, 105, 100) == b"6789\n"[-5:]
    assert session.read_file("s", path, 110, 100) == b""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("trials/3/1/nothing", "missing"),
        ("trials/3/1", "missing"),
        ("trials/3/1/link", "unsafe"),
        ("trials/3/1/stairs/passwd", "unsafe"),
        ("../t/events.log", "unsafe"),
        ("/etc/passwd", "unsafe"),
    ],
)
def test_only_files_of_the_sweep_are_read(machine: Machine, path: str, kind: str) -> None:
    attempt(machine)
    session = machine.connect()
    with pytest.raises(RemoteRefusal) as caught:
        session.read_file("s", path, 0, 100)

    assert caught.value.kind == kind
    assert session.list_files("s", [(3, 1)])


def test_a_checkpoint_is_copied_to_another_machine(machine: Machine, new_machine: Machine) -> None:
    source = attempt(machine) / "checkpoint"
    data = b"".join(machine.connect().pack("s", "trials/3/1/checkpoint"))
    sha256 = hashlib.sha256(data).hexdigest()
    session = new_machine.connect()
    folder = "trials/3/1/checkpoint"
    new = [session.unpack("s", folder, io.BytesIO(data), len(data), sha256) for _ in range(2)]
    target = new_machine.sweep() / folder

    assert new == [True, False]
    assert (target / "deep/weights").read_bytes() == (source / "deep/weights").read_bytes()
    assert [path.name for path in target.parent.iterdir()] == ["checkpoint"]


def test_a_folder_that_is_not_there_is_not_packed(machine: Machine) -> None:
    session = machine.connect()
    with pytest.raises(RemoteRefusal, match="there is no folder `trials/9/1/checkpoint`"):
        list(session.pack("s", "trials/9/1/checkpoint"))


def test_requests_that_make_no_sense_are_refused_and_the_next_is_served(machine: Machine) -> None:
    session = machine.connect()
    for contents in ({"do": "dance"}, {"do": "probe"}, {"do": "attach", "sweep": "s"}):
        session._send_request(**contents)
        with pytest.raises(RemoteRefusal) as caught:
            session._reply(DONE)
        assert caught.value.kind == "request"
    session._write(b"no json\n")
    with pytest.raises(RemoteRefusal):
        session._reply(DONE)

    assert session.probe([])["host"]


def test_a_session_that_is_killed_is_lost(machine: Machine) -> None:
    session = machine.connect()
    os.kill(process_of(session), signal.SIGKILL)
    with pytest.raises(SessionLost):
        session.probe([])


def test_a_frozen_session_is_lost_in_time(machine: Machine) -> None:
    session = machine.connect()
    session._timeout = 0.1
    process = process_of(session)
    os.kill(process, signal.SIGSTOP)
    with pytest.raises(SessionLost, match=r"nothing was received for 0\.1 s"):
        session.probe([])
    os.kill(process, signal.SIGCONT)


def test_the_reason_that_a_program_gives_is_passed_on() -> None:
    stream = ProcessStream(["sh", "-c", "echo Error: no such container >&2; exit 1"])
    session = RunnerSession(stream, timeout=60)
    with pytest.raises(SessionLost, match=r"^Error: no such container$"):
        session.open("python3", "", "~/x", b"")
    session.close()


def test_a_program_that_reads_nothing_delays_a_write_only_for_a_while() -> None:
    stream = ProcessStream(["sleep", "60"], write_timeout=0.1)
    with pytest.raises(TimeoutError, match=r"nothing was accepted within 0\.1 s"):
        stream.write(b"x" * (1 << 20))
    os.kill(stream.pid, signal.SIGKILL)
    stream.close()


class PiecewiseStream:
    """A stream that gives one piece at each read, and then nothing."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    def read(self, timeout: float) -> bytes:  # noqa: ARG002 - as in `ByteStream`
        if not self._pieces:
            raise TimeoutError
        return self._pieces.pop(0)

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


def test_a_message_that_arrives_in_pieces_is_no_silence() -> None:
    session = RunnerSession(
        PiecewiseStream(b'{"trouble":', b' "out', b'put"}\n{"po', b'ng": 1}\n')
    )

    assert session.read_messages(1.0) == [{"trouble": "output"}]
    assert session.read_messages(1.0) == [{"pong": 1}]
    assert session.read_messages(1.0) == []
