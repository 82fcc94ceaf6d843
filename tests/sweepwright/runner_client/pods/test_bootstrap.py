"""What keeps an agent from starting is said in one line, in the log and in the pod's status."""

import ast
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sweepwright.events import FailureKind
from sweepwright.runner_client.pods import starter
from sweepwright.runner_client.pods.bootstrap import BOOTSTRAP
from sweepwright.runner_client.pods.environment import POD
from sweepwright.runner_client.pods.outcome import read_outcome
from tests.interpreters import too_old
from tests.sweepwright.runner_client.pods.pod_harness import Cluster, Finished, Pod


def refused(done: Finished) -> str:
    """Return why a container refuses its process, as each of three places tells."""
    outcome = read_outcome(done.message)

    assert done.code == 1
    assert outcome is not None
    assert outcome.refused is not None
    assert [event["event"] for event in done.events] == ["refused"]
    assert outcome.refused == done.events[0]["reason"]
    assert done.log.splitlines()[0].decode() == f"sweepwright: {outcome.refused}"
    return outcome.refused


def test_no_shell_and_no_cluster_changes_the_program() -> None:
    assert not set(BOOTSTRAP) & set("$'`\\!")
    assert BOOTSTRAP.isascii()
    assert ast.parse(Path(starter.__file__).read_text("utf-8"), feature_version=(3, 4))


@pytest.mark.parametrize("python", too_old())
def test_an_old_python_is_told(cluster: Cluster, python: Path) -> None:
    done = cluster.pod(cluster.job("")).run(str(python))

    assert refused(done).startswith(f"{python} is Python {python.name[6:]}.")


def kit_is_missing(cluster: Cluster, _: Pod) -> str:
    cluster.kit.unlink()
    return "No such file"


def kit_is_damaged(cluster: Cluster, _: Pod) -> str:
    data = bytearray(cluster.kit.read_bytes())
    data[1000] ^= 1
    cluster.kit.write_bytes(data)
    return "it is damaged"


def scratch_is_no_folder(_: Cluster, pod: Pod) -> str:
    (pod.folder / "scratch").touch()
    return "Not a directory"


@pytest.mark.parametrize("spoil", [kit_is_missing, kit_is_damaged, scratch_is_no_folder])
def test_what_is_wrong_with_the_kit_is_told(
    cluster: Cluster, spoil: Callable[[Cluster, Pod], str]
) -> None:
    pod = cluster.pod(cluster.job(""))
    reason = spoil(cluster, pod)

    assert reason in refused(pod.run())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("size", ["64k", "6m"], ids=["for the kit", "for the code"])
def test_a_full_disk_costs_the_trial_nothing(cluster: Cluster, size: str) -> None:
    (cluster.code / "large").write_bytes(bytes(8 << 20))
    pod = cluster.pod(cluster.job(""))
    scratch = pod.folder / "scratch"
    scratch.mkdir()
    mount = f'mount -t tmpfs -o size={size} none "$0" && exec "$@"'
    done = pod.run(wrapper=["unshare", "--mount", "sh", "-c", mount, str(scratch)])
    outcome = read_outcome(done.message)

    assert outcome is not None
    assert outcome.failure is not None
    assert outcome.failure.kind is FailureKind.LOST
    assert "No space left on device" in outcome.failure.message
    assert done.failure == {"kind": "lost", "message": outcome.failure.message}


def test_modules_of_the_current_folder_are_not_imported(cluster: Cluster) -> None:
    pod = cluster.pod(cluster.job("print(1)"))
    for name in ("json", "tarfile", "sweepwright", "selectors"):
        (pod.folder / f"{name}.py").write_text("raise SystemExit('imported')")
    done = pod.run(wrapper=["env", "-C", str(pod.folder)])

    assert done.text == b"1\n"


def damage_code(cluster: Cluster) -> str:
    [archive] = cluster.folder.glob("code-*.tgz")
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    archive.write_bytes(data)
    return "damaged|cannot be unpacked"


def cut_code(cluster: Cluster) -> str:
    [archive] = cluster.folder.glob("code-*.tgz")
    os.truncate(archive, archive.stat().st_size // 2)
    return "damaged"


def remove_code(cluster: Cluster) -> str:
    [archive] = cluster.folder.glob("code-*.tgz")
    archive.unlink()
    return "No such file or directory"


@pytest.mark.parametrize("spoil", [damage_code, cut_code, remove_code])
def test_what_is_wrong_with_the_code_is_told(
    cluster: Cluster, spoil: Callable[[Cluster], str]
) -> None:
    pod = cluster.pod(cluster.job("print(1)"))
    reason = spoil(cluster)
    done = pod.run()

    assert done.kinds == ["refused"]
    assert re.search(reason, done.events[0]["reason"])
    assert done.text == b""


def test_a_rank_that_is_no_number_is_told(cluster: Cluster) -> None:
    pod = cluster.pod(cluster.job(""))
    done = pod.run(SWEEPWRIGHT_RANK="$(X)")

    assert done.events == [
        {"event": "refused", "reason": "$SWEEPWRIGHT_RANK is `$(X)`, not a number"}
    ]


def test_an_address_that_the_cluster_lacks_is_told(cluster: Cluster) -> None:
    cluster.use_addresses("$HOST_OF_{role}_{rank}", "1")
    job = cluster.job("", rendezvous={"main": ({"PEER": "<host of other 3>"},)})

    assert cluster.pod(job).run().events == [
        {
            "event": "refused",
            "reason": "the cluster has not set $HOST_OF_other_3, an address of other 3",
        }
    ]


def test_the_value_may_stand_between_single_quotes(cluster: Cluster) -> None:
    pod = cluster.pod(cluster.job("", assignment={"x": "$(HOME) $$ ' ` <% & ! %> \\ \n é \udc80"}))
    value = pod.environment[POD]

    assert not set(value) & set("$'`<>&!%\n")
    assert value.isascii()
    assert json.loads(value)["submission"]["environment"]["SWEEPWRIGHT_TRIAL"]


def test_a_value_that_no_program_can_receive_is_told(cluster: Cluster) -> None:
    job = cluster.job("", assignment={"x": "y" * (1 << 17)})
    with pytest.raises(ValueError, match=r"role `main` takes 13\d,\d+ bytes in an environment"):
        cluster.pod(job)
