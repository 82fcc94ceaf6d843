"""Containers as processes of this machine."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from sweepwright.testing.kubernetes import ApiServer, Deletion
from sweepwright.testing.kubernetes.cluster import Cluster, LocalProcesses
from sweepwright.testing.kubernetes.store.resources import (
    CLAIMS,
    CONFIG_MAPS,
    JOBS,
    PODS,
    PYTORCH_JOBS,
    SECRETS,
)
from tests.sweepwright.testing.kubernetes.cluster.cluster_harness import (
    ClusterHarness,
    Object,
    job_spec,
    processes,
    pytorch_spec,
    run_pod,
    template,
)


@pytest.fixture
def harness(tmp_path: Path):
    with processes(tmp_path) as harness:
        yield harness


def finished(harness: ClusterHarness, name: str = "pod") -> Object:
    """Wait until the container of a pod has ended, and return how."""

    def ended() -> Object | None:
        statuses = harness.pod(name)["status"].get("containerStatuses") or [{"state": {}}]
        return statuses[0]["state"].get("terminated")

    return harness.until(ended)


def is_alive(pid: int) -> bool:
    """Tell whether a process is running; a zombie is not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def python(code: str) -> Object:
    return {"command": ["python", "-c", code]}


def test_a_command_runs_with_the_variables_of_its_spec(harness: ClusterHarness):
    env = [
        {"name": "FIRST", "value": "1"},
        {"name": "SECOND", "value": "$(FIRST)$(FIRST) $$(FIRST) $(THIRD)"},
        {"name": "ME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
    ]
    code = "import os; print(*(os.environ.get(n) for n in ('SECOND', 'ME', 'CPU', 'HOME')), $(X))"
    spec = {**python(code), "resources": {"limits": {"cpu": "1500m"}}}
    spec["command"][2] = code.replace("$(X)", "'$(FIRST)'")
    run_pod(harness, env=env, **spec)
    finished(harness)

    assert harness.log("pod") == b"11 $(FIRST) $(THIRD) pod 2 None 1\n"


def test_variables_come_from_config_maps_and_secrets(harness: ClusterHarness):
    harness.store.create(
        CONFIG_MAPS, "default", {"metadata": {"name": "settings"}, "data": {"a": "1", "b": "2"}}
    )
    secret = {"token": base64.b64encode(b"hush").decode()}
    harness.store.create(SECRETS, "default", {"metadata": {"name": "keys"}, "data": secret})
    env = [
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}},
        {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "a"}}},
        {
            "name": "NONE",
            "valueFrom": {"configMapKeyRef": {"name": "no", "key": "a", "optional": True}},
        },
    ]
    sources = [{"prefix": "ALL_", "configMapRef": {"name": "settings"}}]
    code = "import os; print(*(os.environ.get(n) for n in ('TOKEN', 'A', 'ALL_b', 'NONE')))"
    run_pod(harness, env=env, envFrom=sources, **python(code))
    finished(harness)

    assert harness.log("pod") == b"hush 1 2 None\n"


def test_a_missing_secret_keeps_a_container_waiting(harness: ClusterHarness):
    env = [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}}]
    run_pod(harness, env=env, **python("print(1)"))

    def waiting() -> Object | None:
        statuses = harness.pod("pod")["status"].get("containerStatuses") or [{"state": {}}]
        found = statuses[0]["state"].get("waiting") or {}
        return found if found.get("reason") == "CreateContainerConfigError" else None

    assert harness.until(waiting)["message"] == 'secret "keys" not found'
    secret = {"token": base64.b64encode(b"hush").decode()}
    harness.store.create(SECRETS, "default", {"metadata": {"name": "keys"}, "data": secret})
    assert finished(harness)["exitCode"] == 0


def test_mounts_are_folders_that_arguments_and_variables_name(harness: ClusterHarness):
    data = {"a.bin": base64.b64encode(b"\x00\xff").decode()}
    harness.store.create(
        CONFIG_MAPS, "default", {"metadata": {"name": "code"}, "binaryData": data}
    )
    harness.create(CLAIMS, "disk", {})
    volumes = [
        {"name": "code", "configMap": {"name": "code"}},
        {"name": "scratch", "emptyDir": {}},
        {"name": "disk", "persistentVolumeClaim": {"claimName": "disk"}},
    ]
    mounts = [
        {"name": "code", "mountPath": "/input"},
        {"name": "scratch", "mountPath": "/scratch"},
        {"name": "disk", "mountPath": "/files", "subPath": "sweeps"},
    ]
    code = (
        "import json, os, sys, pathlib\n"
        "folders = json.loads(os.environ['FOLDERS'])\n"
        "data = pathlib.Path(folders['input'], 'a.bin').read_bytes()\n"
        "pathlib.Path(folders['scratch'], 'x').write_bytes(data)\n"
        "pathlib.Path(sys.argv[1]).write_bytes(data)\n"
    )
    folders = json.dumps({"input": "/input", "scratch": "/scratch"})
    command = ["python", "-c", code, "/files/copy"]
    run_pod(harness, FOLDERS=folders, volumes=volumes, command=command, volumeMounts=mounts)

    assert finished(harness)["exitCode"] == 0, harness.log("pod")
    runtime = harness.cluster._runtime
    assert isinstance(runtime, LocalProcesses)
    assert (runtime.claim_folder("default", "disk") / "sweeps/copy").read_bytes() == b"\x00\xff"


def test_a_missing_config_map_keeps_a_pod_from_starting(harness: ClusterHarness):
    volumes = [{"name": "code", "configMap": {"name": "code"}}]
    run_pod(harness, volumes=volumes, **python("print(1)"))
    event = harness.event("FailedMount")
    assert event["message"] == (
        'MountVolume.SetUp failed for volume "code" : configmap "code" not found'
    )

    harness.store.create(CONFIG_MAPS, "default", {"metadata": {"name": "code"}})
    finished(harness)


def test_the_termination_message_stands_in_the_status(harness: ClusterHarness):
    code = "import os, sys; open(os.environ['SWEEPWRIGHT_TERMINATION_LOG'], 'w').write('bye')"
    run_pod(harness, **python(f"{code}; sys.exit(3)"))
    ended = finished(harness)

    assert (ended["exitCode"], ended["reason"], ended["message"]) == (3, "Error", "bye")
    harness.until(lambda: harness.pod("pod")["status"]["phase"] == "Failed")


def test_a_failure_may_leave_the_end_of_its_log_as_message(harness: ClusterHarness):
    run_pod(
        harness,
        **python("print('oh no'); raise SystemExit(1)"),
        terminationMessagePolicy="FallbackToLogsOnError",
    )

    assert finished(harness)["message"] == "oh no\n"


def test_a_command_that_does_not_exist_cannot_start(harness: ClusterHarness):
    run_pod(harness, command=["no-such-command"])
    ended = finished(harness)

    assert (ended["exitCode"], ended["reason"]) == (128, "StartError")
    assert 'exec: "no-such-command": executable file not found in $PATH' in ended["message"]


def test_a_signal_is_an_exit_code(harness: ClusterHarness):
    run_pod(harness, **python("import os; os.kill(os.getpid(), 11)"))

    assert finished(harness)["exitCode"] == 139


def test_a_deleted_pod_is_asked_to_end_and_then_is_gone(harness: ClusterHarness):
    code = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b'asked\\n'), sys.exit(0)))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    run_pod(harness, **python(code))
    harness.until(lambda: harness.running() and harness.log("pod") == b"ready\n")
    chunks = harness.chunks("pod", follow=True)
    harness.faults.delete_pod("pod")

    assert b"".join(chunks) == b"ready\nasked\n"
    harness.until(lambda: not harness.pods())


def test_a_pod_that_does_not_end_is_killed_after_its_grace_period(harness: ClusterHarness):
    code = "import signal, time; signal.signal(15, 1); print('ready', flush=True); time.sleep(60)"
    run_pod(harness, terminationGracePeriodSeconds=1, **python(code))
    harness.until(lambda: harness.running() and harness.log("pod") == b"ready\n")
    harness.faults.delete_pod("pod")
    assert harness.pod("pod")["metadata"]["deletionGracePeriodSeconds"] == 1

    harness.until(lambda: not harness.pods())


def test_a_pod_that_is_deleted_at_once_leaves_no_process(harness: ClusterHarness):
    run_pod(harness, command=["sh", "-c", "echo $$$$; exec sleep 60"])
    pid = int(harness.until(lambda: harness.running() and harness.log("pod")))
    at_once = Deletion(grace_seconds=0)
    harness.store.delete(PODS, "default", "pod", deletion=at_once)

    harness.until(lambda: not is_alive(pid))
    assert harness.pods() == []


def test_descendants_end_with_their_container(harness: ClusterHarness):
    """Even those that have left its session."""
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen(['sleep', '60'], start_new_session=True)\n"
        "print(child.pid, flush=True)\n"
    )
    run_pod(harness, **python(code))
    finished(harness)

    assert not is_alive(int(harness.log("pod")))


def test_closing_the_cluster_ends_all_processes(tmp_path: Path):
    code = (
        "import os, signal, subprocess, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '60'], start_new_session=True)\n"
        "print(os.getpid(), child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with processes(tmp_path) as harness:
        run_pod(harness, **python(code))
        pids = harness.until(lambda: harness.running() and harness.log("pod").split())

    assert not [pid for pid in pids if is_alive(int(pid))]


def test_closing_the_cluster_restarts_nothing(tmp_path: Path):
    """Though a job may ask for another pod when its pod has been killed."""
    with processes(tmp_path) as harness:
        spec = pytorch_spec(command=["sh", "-c", "echo $$$$ >> $(PIDS); exec sleep 60"])
        master = spec["pytorchReplicaSpecs"]["Master"]
        variable = {"name": "PIDS", "value": str(tmp_path / "pids")}
        master["template"]["spec"]["containers"][0]["env"] = [variable]
        del master["restartPolicy"]
        harness.create(PYTORCH_JOBS, "job", spec)
        harness.until((tmp_path / "pids").exists)

    pids = (tmp_path / "pids").read_text().split()
    assert not [pid for pid in pids if is_alive(int(pid))]


def test_nothing_outlives_a_cluster_that_is_killed(tmp_path: Path):
    """The first process of each container sees its input end."""
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER_SCRIPT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, script, tmp_path / "pods"], env=environment, stdout=subprocess.PIPE
    ) as cluster:
        assert cluster.stdout is not None
        pid = int(cluster.stdout.readline())
        cluster.send_signal(signal.SIGKILL)

    deadline = time.monotonic() + 20
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


CLUSTER_SCRIPT = """
import sys, time
from pathlib import Path
from sweepwright.testing.kubernetes import ApiServer, LogQuery
from sweepwright.testing.kubernetes.cluster import Cluster
from sweepwright.testing.kubernetes.store.resources import PODS

with ApiServer() as server, Cluster(server, Path(sys.argv[1])):
    command = ["sh", "-c", "echo $$$$; exec sleep 60"]
    container = {"name": "main", "image": "image", "command": command}
    spec = {"containers": [container], "restartPolicy": "Never"}
    server.create(PODS, "default", {"metadata": {"name": "pod"}, "spec": spec})
    while True:
        pod = server.store.get(PODS, "default", "pod")
        if pod["status"]["phase"] == "Running":
            break
        time.sleep(0.01)
    source = server._api.logs.source(pod, LogQuery("main", follow=True))
    print(int(next(data for data in source if data)), flush=True)
    time.sleep(60)
"""


def test_init_containers_run_first(harness: ClusterHarness):
    volume = {"name": "shared", "emptyDir": {}}
    mount = [{"name": "shared", "mountPath": "/shared"}]
    first = template("first", command=["sh", "-c", "echo 42 > /shared/x"], volumeMounts=mount)
    run_pod(
        harness,
        initContainers=first["spec"]["containers"],
        volumes=[volume],
        volumeMounts=mount,
        command=["cat", "/shared/x"],
    )
    finished(harness)

    assert harness.log("pod") == b"42\n"
    statuses = harness.pod("pod")["status"]["initContainerStatuses"]
    assert statuses[0]["state"]["terminated"]["exitCode"] == 0


def test_a_failed_init_container_fails_the_pod(harness: ClusterHarness):
    first = template("first", command=["false"])["spec"]["containers"]
    run_pod(harness, initContainers=first, command=["true"])

    harness.until(lambda: harness.pod("pod")["status"].get("phase") == "Failed")
    state = harness.pod("pod")["status"]["containerStatuses"][0]["state"]
    assert state == {"waiting": {"reason": "PodInitializing"}}


def test_a_container_restarts_where_it_was(harness: ClusterHarness):
    code = "import os; n = len(os.listdir('.')); open(f'x{n}', 'w'); raise SystemExit(n < 3)"
    run_pod(harness, restartPolicy="OnFailure", **python(code))

    harness.until(lambda: harness.pod("pod")["status"].get("phase") == "Succeeded")
    status = harness.pod("pod")["status"]["containerStatuses"][0]
    assert status["restartCount"] == 2
    assert status["lastState"]["terminated"]["exitCode"] == 1


def test_the_pods_of_a_job_reach_one_another(harness: ClusterHarness):
    """The master listens at the address by which its worker knows it."""
    code = (
        "import os, socket, time\n"
        "address = os.environ['MASTER_ADDR'], int(os.environ['MASTER_PORT'])\n"
        "if os.environ['RANK'] == '0':\n"
        "    print(socket.create_server(address).accept()[0].recv(5).decode())\n"
        "else:\n"
        "    deadline = time.monotonic() + 20\n"
        "    while True:\n"
        "        try:\n"
        "            socket.create_connection(address).send(b'hello')\n"
        "            break\n"
        "        except ConnectionRefusedError:\n"
        "            assert time.monotonic() < deadline\n"
        "            time.sleep(0.01)\n"
    )
    harness.create(PYTORCH_JOBS, "job", pytorch_spec(workers=1, **python(code)))
    harness.condition(PYTORCH_JOBS, "job", "Succeeded")

    assert harness.log("job-master-0", "pytorch") == b"hello\n"


def test_what_a_pod_leaves_on_its_node_goes_with_it(harness: ClusterHarness, tmp_path: Path):
    harness.create(JOBS, "job", job_spec(**python("open('x', 'w')")))
    harness.condition(JOBS, "job", "Complete")
    folders = list((tmp_path / "pods").iterdir())
    assert len(folders) == 1

    harness.store.delete(JOBS, "default", "job")
    harness.until(lambda: not harness.pods())
    harness.cluster.settle()
    assert not folders[0].exists()


def test_environment_and_interpreter_are_those_of_the_image(tmp_path: Path):
    """What the image would bring is given once, for all containers."""
    runtime = LocalProcesses(tmp_path, {"FROM_IMAGE": "yes", "BOTH": "image"})
    with ApiServer() as server, Cluster(server, runtime) as cluster:
        harness = ClusterHarness(server, cluster)
        code = (
            "import os, sys; print(os.environ['FROM_IMAGE'], os.environ['BOTH'], sys.executable)"
        )
        run_pod(harness, BOTH="spec", **python(code))
        finished(harness)

        assert harness.log("pod").split()[:2] == [b"yes", b"spec"]
        assert Path(harness.log("pod").split()[2].decode()).parent == Path(sys.executable).parent
