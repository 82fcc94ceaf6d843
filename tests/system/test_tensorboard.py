"""A sweep in the real TensorBoard, with the logs that its trials wrote themselves."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.core.views.test_local_requests import FOREIGN_HOSTS
from tests.forked_commands import run_forked

pytestmark = pytest.mark.skipif(not find_spec("tensorboard"), reason="needs tensorboard")

ROOT = Path(__file__).parents[2]
SECONDS = 60.0
SCRIPT = """
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

import sweepwright as nni

lr = nni.get_next_parameter()["lr"]
if nni.get_trial_id().endswith("-1-1"):  # of trial 1 the first attempt
    for step in range(3):
        nni.report_intermediate_result(step)
    raise ValueError("try again")
for step in range(2):
    nni.report_intermediate_result(lr * step)
nni.report_final_result(lr)
with Path(nni.tensorboard_dir(), "events.out.tfevents.1.mine").open("wb") as file:
    writer = RecordWriter(file)
    for event in (
        Event(file_version="brain.Event:2"),
        Event(step=7, summary=Summary(value=[Summary.Value(tag="weights", simple_value=lr)])),
    ):
        writer.write(event.SerializeToString())
"""


def command(*words: str) -> list[str]:
    return [sys.executable, str(ROOT / "run.py"), *words]


def run(folder: Path, *words: str) -> str:
    ended = run_forked(words, folder=folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def sweep(folder: Path) -> Path:
    """Run a sweep of three trials, one at its second attempt; return the folder of its store."""
    (folder / "conf" / "space").mkdir(parents=True)
    (folder / "conf" / "space" / "mine.yaml").write_text("lr: uniform(0.25, 0.75)\n")
    (folder / "train.py").write_text(SCRIPT)
    trial = ["trial=noop", "trial.entries.python=train.py", "space=mine", "--config-dir", "conf"]
    run(folder, *trial, "max_trials=3", "retries.error=1")
    return folder


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a sweep for all tests that only read it."""
    return sweep(tmp_path_factory.mktemp("swept"))


@contextmanager
def started(folder: Path, words: list[str], stream: str) -> Iterator[tuple[Any, str]]:
    """Start a command that runs TensorBoard; yield the process and the address it prints."""
    pipes: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    pipes[stream] = subprocess.PIPE
    process = subprocess.Popen(words, cwd=folder, text=True, **pipes)
    try:
        yield process, _address(getattr(process, stream))
    finally:
        process.kill()
        process.wait()
        getattr(process, stream).close()


def _address(stream: Any) -> str:
    printed = ""
    until = time.monotonic() + SECONDS
    while not (found := re.search(r"http://\S+", printed)):
        ready, _, _ = select.select([stream], [], [], max(0.0, until - time.monotonic()))
        line = stream.readline() if ready else ""
        assert line, f"no address in {printed!r}"
        printed += line
    return found[0]


def ask(address: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{address}data/{path}", data, {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - it is this machine's
        return json.load(answer)


def wait_for(question: Callable[[], Any], expected: Any) -> None:
    until = time.monotonic() + SECONDS
    while (answer := question()) != expected and time.monotonic() < until:
        time.sleep(0.2)

    assert answer == expected


def runs(address: str) -> list[str]:
    return sorted(ask(address, "runs"))


def table(address: str) -> dict[str, Any]:
    """Fetch the table of trials: the parameters, the metrics and the end of each."""
    ends = [f"STATUS_{end}" for end in ("UNKNOWN", "SUCCESS", "FAILURE", "RUNNING")]
    wanted = {"experimentName": "", "allowedStatuses": ends, "sliceSize": 99, "colParams": []}
    body = {**wanted, "startIndex": 0, "includeMetrics": True}
    groups = ask(address, "plugin/hparams/session_groups", body)["sessionGroups"]
    return {
        group["name"]: (
            group["hparams"],
            {metric["name"]["tag"]: metric["value"] for metric in group["metricValues"]},
            [session["status"] for session in group["sessions"]],
        )
        for group in groups
    }


def expected(folder: Path) -> dict[str, Any]:
    lines = run(folder, "export", "--format", "jsonl").splitlines()
    lrs = [json.loads(line)["assignment"]["lr"] for line in lines]
    return {
        f"trial-{number}": (
            {"lr": lr},
            {"final/default": pytest.approx(lr), "default": pytest.approx(lr)},
            ["STATUS_SUCCESS"],
        )
        for number, lr in enumerate(lrs)
    }


def all_runs(count: int) -> list[str]:
    """Name the runs of a sweep: its own, one for each trial, and one for each trial's logs."""
    trials = [f"trial-{number}" for number in range(count)]
    logs = [f"{trial}/attempt-{2 if trial == 'trial-1' else 1}" for trial in trials]
    return sorted([".", *trials, *logs])


def _status(address: str, host: str) -> int:
    """Ask for the start page under the name of a host; return the status of the answer."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=SECONDS)
    connection.request("GET", "/", headers={"Host": host})
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.ci_only
def test_a_sweep_and_its_later_trials_are_shown(tmp_path: Path) -> None:
    swept = sweep(tmp_path)
    with started(swept, command("tensorboard", "--port", "0"), "stdout") as (process, address):
        wait_for(lambda: runs(address), all_runs(3))
        wait_for(lambda: table(address), expected(swept))
        run(swept, "resume", "max_trials=4")
        wait_for(lambda: runs(address), all_runs(4))
        wait_for(lambda: table(address), expected(swept))
        foreign = [_status(address, host) for host in FOREIGN_HOSTS]
        process.send_signal(signal.SIGINT)

        assert foreign == [403] * 50
        assert address.startswith("http://127.0.0.1:")
        assert process.wait(SECONDS) == 0
    with pytest.raises(OSError, match="refused"):
        runs(address)


@pytest.mark.ci_only
@pytest.mark.parametrize(
    "fast",
    [
        "false",
        pytest.param(
            "true",
            marks=pytest.mark.skipif(
                not find_spec("tensorboard_data_server"), reason="needs tensorboard_data_server"
            ),
        ),
    ],
)
def test_both_of_tensorboards_loaders_read_the_files(swept: Path, fast: str) -> None:
    printed = run(swept, "tensorboard", "--write-only")
    (folder,) = swept.glob("sweeps/*/tensorboard")
    server = [sys.executable, "-m", "tensorboard.main", f"--load_fast={fast}", "--port=0"]
    words = [*server, "--host=127.0.0.1", f"--logdir={folder}"]

    assert f"files for TensorBoard are in {folder.relative_to(swept)}" in printed
    with started(swept, words, "stderr") as (_, address):
        wait_for(lambda: runs(address), all_runs(3))
        wait_for(lambda: table(address), expected(swept))
        curve = ask(address, "plugin/scalars/scalars?run=trial-1&tag=default")
        own = ask(address, "plugin/scalars/scalars?run=trial-1/attempt-2&tag=weights")
    lr = expected(swept)["trial-1"][0]["lr"]

    assert [point[1:] for point in curve] == [[1, 0.0], [2, pytest.approx(lr)]]
    assert [point[1:] for point in own] == [[7, pytest.approx(lr)]]


def test_a_taken_port_is_an_error_with_a_way_out(swept: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run_forked(["tensorboard", "--port", port], folder=swept)

    assert ended.returncode == 2
    assert f"{port}" in ended.stderr
    assert "to use another port: --port PORT" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_a_port_the_next_free_one_is_used(swept: Path) -> None:
    try:
        taken = socket.create_server(("127.0.0.1", 6006))
    except OSError:  # taken already, which will do
        taken = socket.socket()
    with taken, started(swept, command("tensorboard"), "stdout") as (_, address):
        port = int(address.rstrip("/").rpartition(":")[2])

    assert 6006 < port < 6106


def test_without_tensorboard_the_error_says_how_to_install_it(swept: Path) -> None:
    hidden = "import sys; sys.modules['tensorboard'] = None; sys.argv[0] = 'sweepwright'; "
    start = "from sweepwright.core.cli.app import main; raise SystemExit(main(['tensorboard']))"
    ended = subprocess.run(
        [sys.executable, "-c", hidden + start],
        cwd=swept,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )

    assert ended.returncode == 2
    assert ended.stderr == (
        "error: TensorBoard is not installed; to install it: "
        "pip install 'sweepwright[tensorboard]'\n"
    )
