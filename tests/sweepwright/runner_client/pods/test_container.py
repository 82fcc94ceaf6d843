"""An agent lives in whatever container it is given, and leaves nothing running."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sweepwright.events import Failure, FailureKind
from sweepwright.runner_client.pods.outcome import read_outcome
from tests.interpreters import others
from tests.sweepwright.runner_client.pods.pod_harness import (
    REPORTS,
    Cluster,
    wait_for,
)
from tests.sweepwright.runner_client.runner_harness import BARE_PYTHON


@pytest.mark.parametrize("python", others())
def test_other_versions_of_python_will_do(cluster: Cluster, python: Path) -> None:
    done = cluster.pod(cluster.job(REPORTS)).run(str(python))

    assert done.kinds == ["launched", "output", "output", "ended"], done.log


def test_sigterm_lets_the_trial_end_by_itself(cluster: Cluster) -> None:
    script = """
import signal, sys, time
def end(*_):
    print("saved", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(600)
"""
    pod = cluster.pod(cluster.job(script))
    process = pod.start()
    wait_for(lambda: b"ready" in pod.log.read_bytes())
    process.send_signal(signal.SIGTERM)
    done = pod.finish()

    assert done.text == b"ready\nsaved\n"
    assert done.failure == {
        "kind": "killed",
        "message": "its container was told to end by SIGTERM",
    }
    assert done.code == 1


def test_a_trial_that_ignores_sigterm_is_killed(cluster: Cluster) -> None:
    script = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""
    pod = cluster.pod(cluster.job(script))
    process = pod.start()
    wait_for(lambda: b"ready" in pod.log.read_bytes())
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)

    assert pod.finish().failure["kind"] == "killed"


def test_an_agent_that_is_killed_is_told_by_its_parent(cluster: Cluster) -> None:
    script = "import os; print(os.getppid(), flush=True); import time; time.sleep(600)"
    pod = cluster.pod(cluster.job(script))
    process = pod.start()
    wait_for(lambda: b"launched" in pod.log.read_bytes())
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    done = pod.finish()

    outcome = read_outcome(done.message)
    assert outcome is not None
    assert outcome.failure == Failure(
        FailureKind.LOST, "the agent of its container was killed by SIGKILL"
    )
    assert done.code == 128 + signal.SIGKILL


def test_code_may_lie_in_the_image(cluster: Cluster) -> None:
    script = "import os, pathlib; print(pathlib.Path.cwd())"
    done = cluster.pod(cluster.job(script), code=str(cluster.code)).run()

    assert done.text.decode().strip() == str(cluster.code)


def test_a_container_that_is_restarted_runs_nothing_twice(cluster: Cluster) -> None:
    pod = cluster.pod(cluster.job(REPORTS))
    first, second = pod.run(), pod.run()

    assert first.failure is None
    assert second.kinds == ["ended"]
    assert second.failure["kind"] == "lost"
    reader = cluster.reader()
    items = [*reader.feed(first.log)]
    reader.start()
    items += [*reader.feed(second.log), *reader.finish()]
    assert [i.event["event"] for i in items if hasattr(i, "event")] == first.kinds + second.kinds


def test_the_environment_of_the_trial_is_that_of_the_container(cluster: Cluster) -> None:
    script = """
import json, os
print(json.dumps({k: v for k, v in os.environ.items()}))
"""
    job = cluster.job(script, environment={"MINE": "2"})
    pod = cluster.pod(job)
    pod.start(WORLD_SIZE="8", HOME="/", PATH=os.environ["PATH"])
    found = json.loads(pod.finish().text)

    assert found["WORLD_SIZE"] == "8"
    assert found["MINE"] == "2"
    assert "SWEEPWRIGHT_POD" not in found
    assert found["HOME"] == str(pod.folder / "scratch" / "home")
    assert found["PYTHONPATH"] == str(pod.folder / "scratch" / "kit")


@pytest.fixture
def open_cluster() -> Iterator[Cluster]:
    """Make a place that other users can reach, as `tmp_path` is not."""
    with TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Cluster(Path(folder))


def test_a_foreign_user_with_a_read_only_file_system(open_cluster: Cluster) -> None:
    """Nothing but the scratch folder can be written to, as the restricted profile allows."""
    if os.geteuid():
        pytest.skip("only root can become another user")
    script = """
import getpass, os, pathlib, tempfile
print(getpass.getuser(), pathlib.Path.home(), tempfile.gettempdir())
"""
    pod = open_cluster.pod(open_cluster.job(script))
    (pod.folder / "scratch").mkdir()
    os.chown(pod.folder / "scratch", 12345, 0)
    os.chown(pod.message, 12345, 0)
    done = pod.run(
        BARE_PYTHON,
        wrapper=["setpriv", "--reuid=12345", "--regid=0", "--clear-groups"],
        HOME="/root",
        TMPDIR="/proc",
        PATH=os.defpath,
    )
    scratch = pod.folder / "scratch"

    folders = [str(scratch / name) for name in ("home", "tmp")]
    assert done.text.decode().split() == ["sweepwright", *folders]
    assert done.failure is None


def test_orphans_are_reaped_by_process_1(cluster: Cluster) -> None:
    """In a process namespace of its own, as in a container, the agent's parent is process 1."""
    if os.geteuid():
        pytest.skip("only root can make a process namespace")
    script = """
import os, pathlib, subprocess, sys
assert os.getppid() != 1
# The keeper of this trial adopts orphans; `init` gets those of others, as of `kubectl exec`.
print(pathlib.Path("/proc/1/cmdline").read_bytes().split(b"\\0")[1])
"""
    pod = cluster.pod(cluster.job(script))
    done = pod.run(wrapper=["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"])

    assert done.text == b"b'-c'\n"
    assert done.failure is None
