"""What pods contain: resources, variables, volumes, security, and who reports."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.contracts import PythonModule, Role
from sweepwright.plugins.platforms.kubeflow.manifests import (
    KINDS,
    is_reporting_pod,
    job_manifest,
    pod_member,
)
from sweepwright.runner_client.pods.environment import TERMINATION_SECONDS
from tests.plugins.platforms.kubeflow.strict_schemas import violations
from tests.plugins.platforms.kubeflow.trials import (
    CONTENTS,
    SWEEP,
    chief_and_servers,
    container,
    job,
    manifest,
    masters_and_workers,
    options,
    single,
    templates,
    trial,
    variables,
)


def pod_of(found: Any) -> Any:
    """Return what a cluster knows of the only pod of a job."""
    [template] = templates(found).values()
    return {"metadata": template["metadata"]}


def test_each_role_has_its_own_resources_and_command() -> None:
    found = manifest(chief_and_servers(), roles={"ps": {"python": "/usr/bin/python3.12"}})

    assert container(found, "PS")["resources"]["limits"] == {"cpu": "500m", "memory": "2Gi"}
    assert container(found, "Worker")["resources"] == {
        "requests": {"cpu": "250m", "nvidia.com/gpu": "1"},
        "limits": {"cpu": "250m", "nvidia.com/gpu": "1"},
    }
    assert "resources" not in container(found, "Chief")
    assert container(found, "PS")["command"][0] == "/usr/bin/python3.12"
    assert container(found, "Worker")["command"][0] == "python3"
    described = json.loads(variables(container(found, "Worker"))["SWEEPWRIGHT_POD"])
    [process] = described["submission"]["processes"]
    assert process["entry"]["module"] == "sweepwright.trials.mnist.tf_server"
    assert (described["role"], described["reports"]) == ("worker", False)


def test_options_of_a_role_replace_those_of_the_platform() -> None:
    given: dict[str, Any] = {
        "node_selector": {"pool": "cpu"},
        "roles": {"worker": {"node_selector": {}}},
    }
    found = templates(manifest(masters_and_workers(), **given))

    assert found["Master"]["spec"]["nodeSelector"] == {"pool": "cpu"}
    assert "nodeSelector" not in found["Worker"]["spec"]


def test_operators_replace_the_wiring_but_not_the_other_variables_of_a_framework() -> None:
    torch = variables(container(manifest(masters_and_workers()), "Worker"))
    tensorflow = variables(container(manifest(chief_and_servers()), "Worker"))

    assert {"MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE", "RANK"}.isdisjoint(torch)
    assert torch["LOCAL_RANK"] == "0"
    assert "TF_CONFIG" not in tensorflow
    assert tensorflow["TF_NUM_INTEROP_THREADS"] == "16"


def test_nodes_of_a_train_job_know_the_first_node_and_their_rank() -> None:
    spec = manifest(masters_and_workers(3), kind="TrainJob")["spec"]
    known = variables(spec["trainer"])

    assert spec["trainer"]["numNodes"] == 4
    assert known["WORLD_SIZE"] == "4"
    assert known["MASTER_ADDR"] == f"sw-{SWEEP}-3-1-node-0-0.sw-{SWEEP}-3-1"
    assert known["RANK"] == known["SWEEPWRIGHT_RANK"]
    assert "job-completion-index" in json.dumps(known["RANK"])
    assert json.loads(known["SWEEPWRIGHT_POD"])["reports"] is True


def test_secrets_stand_in_manifests_by_reference_alone() -> None:
    found = manifest(single(), secret_env={"HF_TOKEN": {"name": "hugging-face", "key": "token"}})
    reference = {"secretKeyRef": {"name": "hugging-face", "key": "token"}}

    assert variables(container(found))["HF_TOKEN"] == reference


@pytest.mark.parametrize("kind", ["auto", "TrainJob"])
@pytest.mark.parametrize("code", [single("python"), single(), masters_and_workers()])
def test_pods_keep_to_the_restricted_profile(kind: str, code: Any) -> None:
    if kind == "TrainJob":
        spec = manifest(code, kind=kind)["spec"]
        [patch] = spec["runtimePatches"]
        [replicated] = patch["trainingRuntimeSpec"]["template"]["spec"]["replicatedJobs"]
        pods = [replicated["template"]["spec"]["template"]["spec"]]
    else:
        pods = [template["spec"] for template in templates(manifest(code)).values()]
    for pod in pods:
        assert restricted_faults(pod) == []


def test_the_rules_of_the_restricted_profile_find_faults() -> None:
    [template] = templates(manifest(single(), restricted=False, run_as_user=0)).values()

    assert restricted_faults(template["spec"]) == [
        "runAsNonRoot",
        "runAsUser",
        "seccompProfile",
        "allowPrivilegeEscalation",
        "capabilities",
    ]


VOLUMES = ("configMap", "emptyDir", "persistentVolumeClaim", "secret")


def restricted_faults(pod: Any) -> list[str]:
    """List the rules of the restricted Pod Security Standard that a pod breaks."""
    context, [main] = pod.get("securityContext", {}), pod["containers"]
    own = main.get("securityContext", {})
    rules = {
        "host": not {"hostNetwork", "hostPID", "hostIPC"} & set(pod),
        "volumes": all(set(each) - {"name"} <= set(VOLUMES) for each in pod["volumes"]),
        "runAsNonRoot": context.get("runAsNonRoot") is True,
        "runAsUser": context.get("runAsUser") != 0,
        "seccompProfile": context.get("seccompProfile") == {"type": "RuntimeDefault"},
        "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is False,
        "capabilities": own.get("capabilities") == {"drop": ["ALL"]},
        "privileged": not own.get("privileged"),
    }
    return [name for name, kept in rules.items() if not kept]


def test_pods_have_no_token_of_the_cluster_and_end_in_time() -> None:
    [template] = templates(manifest(single())).values()

    assert template["spec"]["automountServiceAccountToken"] is False
    assert template["spec"]["terminationGracePeriodSeconds"] >= TERMINATION_SECONDS


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({}, None),
        ({"claim": "a"}, {"folder": f"/sweepwright/files/{SWEEP}"}),
        ({"claim": "a", "sub_path": "b/c/"}, {"folder": f"/sweepwright/files/b/c/{SWEEP}"}),
        ({"url": "s3://bucket/b/"}, {"url": f"s3://bucket/b/{SWEEP}"}),
    ],
)
def test_checkpoints_have_a_folder_of_the_sweep(files: dict[str, str], place: Any) -> None:
    main = container(manifest(single(), files=files))
    mounted = [each["mountPath"] for each in main["volumeMounts"]]

    assert json.loads(variables(main)["SWEEPWRIGHT_POD"])["files"] == place
    assert ("/sweepwright/files" in mounted) is ("claim" in files)


def test_a_failed_pod_is_never_replaced() -> None:
    [master] = manifest(single())["spec"]["pytorchReplicaSpecs"].values()
    plain = manifest(single("python"))["spec"]

    assert master["restartPolicy"] == "Never"
    assert (plain["backoffLimit"], plain["template"]["spec"]["restartPolicy"]) == (0, "Never")


@pytest.mark.parametrize("role", ["main", "worker", "master", "anything"])
def test_a_single_process_of_any_role_is_the_master(role: str) -> None:
    code = trial("pytorch", Role(role, PythonModule("sweepwright.trials.mnist.torch_cnn")))

    assert list(templates(manifest(code))) == ["Master"]


@pytest.mark.parametrize(
    ("role", "expected"),
    [("main", "Worker"), ("ps", "Worker"), ("evaluator", "Worker"), ("chief", "Chief")],
)
def test_a_single_process_of_any_role_ends_a_tf_job(role: str, expected: str) -> None:
    code = trial("tensorflow", Role(role, PythonModule("train")))

    assert list(templates(manifest(code))) == [expected]


def test_a_tf_job_without_a_chief_waits_for_all_its_workers() -> None:
    entry = PythonModule("train")
    code = trial("tensorflow", Role("worker", entry, 2), Role("ps", entry, reports=False))

    assert manifest(code)["spec"]["successPolicy"] == "AllWorkers"
    assert "successPolicy" not in manifest(chief_and_servers())["spec"]


def test_rank_0_of_the_reporting_role_reports() -> None:
    found = templates(manifest(chief_and_servers()))
    kind = KINDS["TFJob"]
    pods = {role: {"metadata": dict(each["metadata"])} for role, each in found.items()}
    for pod in pods.values():
        pod["metadata"]["labels"] |= {"training.kubeflow.org/replica-index": "0"}
    assert [role for role, pod in pods.items() if is_reporting_pod(kind, pod)] == ["Chief"]

    pods["Chief"]["metadata"]["labels"] |= {"training.kubeflow.org/replica-index": "1"}
    assert pod_member(kind, pods["Chief"]) == ("chief", 1)
    assert not is_reporting_pod(kind, pods["Chief"])


def test_the_only_pod_of_a_job_reports() -> None:
    pod = pod_of(manifest(single("python")))

    assert pod_member(KINDS["Job"], pod) == ("main", 0)
    assert is_reporting_pod(KINDS["Job"], pod)


def test_nodes_of_a_train_job_are_told_apart_by_label_or_annotation() -> None:
    [patch] = manifest(masters_and_workers(), kind="TrainJob")["spec"]["runtimePatches"]
    [replicated] = patch["trainingRuntimeSpec"]["template"]["spec"]["replicatedJobs"]
    metadata = replicated["template"]["spec"]["template"]["metadata"]
    index = "batch.kubernetes.io/job-completion-index"
    for where in ("labels", "annotations"):
        pod = {"metadata": {**metadata, where: {**metadata[where], index: "1"}}}
        assert pod_member(KINDS["TrainJob"], pod) == ("master", 1)


@pytest.mark.parametrize("pod", [{}, {"metadata": None}, {"metadata": {"labels": {}}}])
def test_a_pod_of_somebody_else_does_not_report(pod: Any) -> None:
    assert not is_reporting_pod(KINDS["PyTorchJob"], pod)


def test_the_queue_admits_suspended_jobs() -> None:
    for framework, kind in (("pytorch", "auto"), ("python", "auto"), ("pytorch", "TrainJob")):
        found = manifest(single(framework), queue="team", kind=kind)
        spec = found["spec"]
        assert found["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "team"
        assert spec.get("runPolicy", spec)["suspend"] is True


def test_the_same_job_has_the_same_manifest() -> None:
    assert manifest(masters_and_workers(3)) == manifest(masters_and_workers(3))


def test_many_replicas_and_large_numbers_fit() -> None:
    found = manifest(masters_and_workers(4000), number=10**12, attempt=10**6)

    assert violations(found) == []
    assert found["spec"]["pytorchReplicaSpecs"]["Worker"]["replicas"] == 4000
    assert len(found["metadata"]["name"]) + len("-worker-3999") <= 63


def test_arguments_that_are_too_long_are_no_manifest() -> None:
    entry = PythonModule("train", ("x" * (1 << 17),))

    with pytest.raises(ValueError, match="environment variable"):
        manifest(trial("python", Role("main", entry)))


@given(st.text(max_size=40))
def test_no_character_of_an_argument_reaches_the_expansion_of_variables(text: str) -> None:
    code = trial("python", Role("main", PythonModule("train", (f"$(HOME){text}",))))
    main = container(manifest(code))
    value = variables(main)["SWEEPWRIGHT_POD"]

    assert "$(" not in value + main["command"][2]
    [process] = json.loads(value)["submission"]["processes"]
    assert process["entry"]["arguments"] == [f"$(HOME){text}"]


def test_a_manifest_shows_the_assignment_unless_it_is_long() -> None:
    shown = "sweepwright.dev/assignment"
    given = job(single())
    long = json.dumps({"assignment": {"a": "x" * (1 << 15)}})

    assert json.loads(manifest(single())["metadata"]["annotations"][shown]) == {
        "lr": 0.1,
        "y": "y",
    }
    for text in (long, "no JSON", "[]"):
        other = replace(given, environment={"SWEEPWRIGHT_TRIAL": text})
        found: Any = job_manifest(options(), SWEEP, CONTENTS, other)
        assert shown not in found["metadata"]["annotations"]
