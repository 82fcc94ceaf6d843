"""Static checks of options: what a cluster would refuse is refused at the option's place."""

import json
import random
import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sweepwright.contracts import Finding, PythonFile, Role, TrialCode
from sweepwright.core.registry.option_types import check_schema
from sweepwright.core.registry.options import build_options, plain_options
from sweepwright.plugins.platforms.kubeflow import sweep_platforms
from sweepwright.plugins.platforms.kubeflow.options import KubeflowOptions, pod_options
from tests.plugins.platforms.kubeflow.manifests.test_schemas import EVERYTHING, NOT_IN_TRAIN_JOBS
from tests.plugins.platforms.kubeflow.trials import options, single

(PROVIDER,) = sweep_platforms()
SECRET = "ghp_" + "a1B2" * 9


def findings(trial: TrialCode | None = None, /, **given: Any) -> list[Finding]:
    assert PROVIDER.check
    return list(PROVIDER.check(options(**given), trial or single()))


def test_yaml_can_represent_all_options() -> None:
    check_schema(KubeflowOptions)
    given = options(**(EVERYTHING | NOT_IN_TRAIN_JOBS), roles={"main": {"image": "a"}})

    assert build_options(KubeflowOptions, json.loads(json.dumps(plain_options(given)))) == given


def test_options_without_a_fault_have_no_finding() -> None:
    assert findings() == []
    assert findings(**(EVERYTHING | NOT_IN_TRAIN_JOBS)) == []


def test_checks_make_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr(socket, "socket", refuse)

    assert findings(kubeconfig="/no/such/file", context="nowhere", namespace="none") == []


def test_a_role_takes_what_it_does_not_say_from_the_platform() -> None:
    given = options(image="a", python="p", roles={"worker": {"image": "b", "labels": {}}})

    assert (pod_options(given, "worker").image, pod_options(given, "worker").python) == ("b", "p")
    assert pod_options(given, "main").image == "a"


CASES: list[tuple[Mapping[str, Any], tuple[str | int, ...], str]] = [
    ({"namespace": "Team"}, ("namespace",), "`Team` is not the name of an object in Kubernetes"),
    ({"namespace": "a.b"}, ("namespace",), "`a.b` is not the name of an object in Kubernetes"),
    ({"kubeconfig": " "}, ("kubeconfig",), "`kubeconfig` is empty"),
    ({"context": SECRET}, ("context",), "`context` contains a secret"),
    (
        {"service_account": "a_b"},
        ("service_account",),
        "`a_b` is not the name of an object in Kubernetes",
    ),
    (
        {"image_pull_secrets": ["a", "b/c"]},
        ("image_pull_secrets", 1),
        "`b/c` is not the name of an object in Kubernetes",
    ),
    ({"queue": "a" * 64}, ("queue",), f"`{'a' * 64}` is not the name of an object in Kubernetes"),
    ({"priority_class": ""}, ("priority_class",), "`` is not the name of an object in Kubernetes"),
    ({"image": "Mine:v1"}, ("image",), "`Mine:v1` is not the name of an image"),
    ({"image": "me:pw@reg/a"}, ("image",), "`image` is not the name of an image"),
    ({"python": ""}, ("python",), "`python` is empty, or contains a line break"),
    ({"gpu_resource": "gpu"}, ("gpu_resource",), "`gpu` is not the name of an extended resource"),
    ({"resources": {"gpu": 1}}, ("resources", "gpu"), "`gpu` is not the name of a resource"),
    (
        {"resources": {"memory": "1GB"}},
        ("resources", "memory"),
        "`1GB` is not an amount of `memory`",
    ),
    ({"resources": {"cpu": 0}}, ("resources", "cpu"), "`0` is not an amount of `cpu`"),
    (
        {"resources": {"a.com/b": 0.5}},
        ("resources", "a.com/b"),
        "`0.5` of `a.com/b` is not a whole number",
    ),
    (
        {"node_selector": {"a b": "c"}},
        ("node_selector", "a b"),
        "`a b` is not the key of a label",
    ),
    ({"node_selector": {"a": "-"}}, ("node_selector", "a"), "`-` is not the value of a label"),
    ({"tolerations": [{}]}, ("tolerations", 0), "the toleration has no `key`"),
    (
        {"tolerations": [{"key": "a b"}]},
        ("tolerations", 0, "key"),
        "`a b` is not the key of a taint",
    ),
    (
        {"tolerations": [{"key": "a", "value": "b", "operator": "Exists"}]},
        ("tolerations", 0, "value"),
        "`operator: Exists` has no `value`",
    ),
    (
        {"tolerations": [{"key": "a", "value": "b c"}]},
        ("tolerations", 0, "value"),
        "`b c` is not the value of a taint",
    ),
    (
        {"tolerations": [{"key": "a", "seconds": 1}]},
        ("tolerations", 0, "seconds"),
        "`seconds` has no effect here",
    ),
    (
        {"affinity": {"nodeAfinity": {}}},
        ("affinity", "nodeAfinity"),
        "a pod has no affinity `nodeAfinity`",
    ),
    (
        {"affinity": {"nodeAffinity": []}},
        ("affinity", "nodeAffinity"),
        "`nodeAffinity` is not a mapping",
    ),
    ({"affinity": {"podAffinity": {"a": SECRET}}}, ("affinity",), "`affinity` contains a secret"),
    ({"volumes": [{"mount": "/a"}]}, ("volumes", 0), "the volume has no source"),
    (
        {"volumes": [{"mount": "/a", "claim": "a", "secret": "b"}]},
        ("volumes", 0),
        "the volume has `claim` and `secret`",
    ),
    (
        {"volumes": [{"mount": "/a", "claim": "A"}]},
        ("volumes", 0, "claim"),
        "`A` is not the name of an object in Kubernetes",
    ),
    (
        {"volumes": [{"mount": "a", "claim": "a"}]},
        ("volumes", 0, "mount"),
        "`a` is not a folder in the container",
    ),
    (
        {"volumes": [{"mount": "/sweepwright/input", "claim": "a"}]},
        ("volumes", 0, "mount"),
        "`/sweepwright/input` belongs to sweepwright or the image",
    ),
    (
        {"volumes": [{"mount": "/", "claim": "a"}]},
        ("volumes", 0, "mount"),
        "`/` belongs to sweepwright or the image",
    ),
    (
        {"volumes": [{"mount": "/a", "claim": "a"}, {"mount": "/a/", "claim": "b"}]},
        ("volumes", 1, "mount"),
        "two volumes appear at `/a`",
    ),
    (
        {"volumes": [{"mount": "/a", "claim": "a", "sub_path": "../b"}]},
        ("volumes", 0, "sub_path"),
        "`../b` is not a folder in a volume",
    ),
    (
        {"volumes": [{"mount": "/a", "claim": "a", "size": "1Gi"}]},
        ("volumes", 0, "size"),
        "only an empty folder has a `size`",
    ),
    (
        {"volumes": [{"mount": "/a", "empty": "disk", "size": "big"}]},
        ("volumes", 0, "size"),
        "`big` is not a size",
    ),
    (
        {"secret_env": {"A=B": {"name": "a", "key": "b"}}},
        ("secret_env", "A=B"),
        "`A=B` is not the name of an environment variable of a trial",
    ),
    (
        {"secret_env": {"SWEEPWRIGHT_POD": {"name": "a", "key": "b"}}},
        ("secret_env", "SWEEPWRIGHT_POD"),
        "`SWEEPWRIGHT_POD` is not the name of an environment variable of a trial",
    ),
    (
        {"secret_env": {"A": {"name": "A", "key": "b"}}},
        ("secret_env", "A", "name"),
        "`A` is not the name of an object in Kubernetes",
    ),
    (
        {"secret_env": {"A": {"name": "a", "key": "b/c"}}},
        ("secret_env", "A", "key"),
        "`b/c` is not a key of a Secret",
    ),
    ({"env_from": [{}]}, ("env_from", 0), "an entry has one source"),
    (
        {"env_from": [{"secret": "A"}]},
        ("env_from", 0, "secret"),
        "`A` is not the name of an object in Kubernetes",
    ),
    (
        {"env_from": [{"secret": "a", "prefix": "="}]},
        ("env_from", 0, "prefix"),
        "no environment variable begins with `=`",
    ),
    ({"labels": {"a": "b c"}}, ("labels", "a"), "`b c` is not the value of a label"),
    (
        {"labels": {"sweepwright.dev/trial": "1"}},
        ("labels", "sweepwright.dev/trial"),
        "`sweepwright.dev/trial` belongs to sweepwright",
    ),
    (
        {"annotations": {"a//b": "c"}},
        ("annotations", "a//b"),
        "`a//b` is not the key of an annotation",
    ),
    (
        {"annotations": {"api_key": "abc"}},
        ("annotations", "api_key"),
        "`api_key` looks like a secret, which all readers of the job see",
    ),
    (
        {"annotations": {"a": SECRET}},
        ("annotations", "a"),
        "`a` looks like a secret, which all readers of the job see",
    ),
    (
        {"annotations": {"a": "x" * (1 << 18)}},
        ("annotations",),
        "the annotations have 256 KiB, above 200 KiB",
    ),
    (
        {"files": {"claim": "a", "url": "s3://a/b"}},
        ("files", "url"),
        "both `files.claim` and `files.url` are given",
    ),
    ({"files": {"url": "s3:a"}}, ("files", "url"), "`s3:a` is not the address of a folder"),
    ({"files": {"url": "s3://me:pw@a/b"}}, ("files", "url"), "`files.url` contains a secret"),
    (
        {"files": {"claim": "a", "sub_path": "/b"}},
        ("files", "sub_path"),
        "`/b` is not a folder in a volume",
    ),
    ({"start_timeout": 0}, ("start_timeout",), "`start_timeout` is 0, not above 0"),
    (
        {"requests_per_second": -1},
        ("requests_per_second",),
        "`requests_per_second` is -1, not above 0",
    ),
    (
        {"run_policy": {"active_deadline": 0}},
        ("run_policy", "active_deadline"),
        "`active_deadline` is 0, not from 1 to 2147483647",
    ),
    (
        {"run_as_user": 0},
        ("run_as_user",),
        "user 0 is root, which the restricted profile forbids",
    ),
    ({"run_as_user": -1}, ("run_as_user",), "`run_as_user` is -1, not from 0 to 2147483647"),
    ({"roles": {"mian": {}}}, ("roles", "mian"), "the trial has no role `mian`"),
    (
        {"roles": {"main": {"image": "A"}}},
        ("roles", "main", "image"),
        "`A` is not the name of an image",
    ),
    (
        {"code": "image"},
        ("code",),
        "the image has the trial's folder, but `code_path` does not say where",
    ),
    (
        {"code": "image", "code_path": "code"},
        ("code_path",),
        "`code` is not a folder in the container",
    ),
    (
        {"code": "volume", "code_path": "/code"},
        ("code_path",),
        "none of `volumes` appears at `/code` or above",
    ),
    (
        {"code_path": "/code"},
        ("code_path",),
        "`code_path` has no effect while the code is packed in a ConfigMap",
    ),
]


@pytest.mark.parametrize(("given", "path", "message"), CASES)
def test_faults_are_found_at_their_place(
    given: Mapping[str, Any], path: tuple[str | int, ...], message: str
) -> None:
    found = findings(**given)

    assert [(each.path, each.message) for each in found] == [(path, message)]


@pytest.mark.parametrize(("given", "path", "message"), CASES)
def test_no_finding_repeats_a_secret(
    given: Mapping[str, Any], path: tuple[str | int, ...], message: str
) -> None:
    del path, message
    text = "".join(f"{each.message} {each.help}" for each in findings(**given))

    assert SECRET not in text
    assert ":pw@" not in text


def test_a_role_requests_whole_gpus() -> None:
    [found] = findings(single(resources={"gpu": 0.5}))

    assert found.message == "role `main` requests 0.5 `gpu`, and a node grants whole ones"
    assert findings(single(resources={"gpu": 2.0, "cpu": 0.5, "memory": 1e9})) == []


def test_a_resource_is_requested_in_one_place() -> None:
    code = single(resources={"cpu": 1.0})

    assert [each.path for each in findings(code, resources={"cpu": 2})] == [("resources", "cpu")]
    [found] = findings(code, roles={"main": {"resources": {"cpu": 2}}})
    assert found.path == ("roles", "main", "resources", "cpu")


def test_a_volume_may_have_the_code() -> None:
    volumes = [{"mount": "/data", "claim": "data"}]

    assert findings(code="volume", code_path="/data/code", volumes=volumes) == []
    assert findings(code="volume", code_path="/data", volumes=volumes) == []
    assert findings(code="volume", code_path="/database", volumes=volumes) != []


def code_of(folder: Path) -> TrialCode:
    return TrialCode("mine", (Role("main", PythonFile("train.py")),), folder=str(folder))


def test_code_that_does_not_fit_into_a_config_map_is_found(tmp_path: Path) -> None:
    (tmp_path / "train.py").touch()
    assert findings(code_of(tmp_path)) == []

    (tmp_path / "weights.bin").write_bytes(random.Random(0).randbytes(1 << 20))  # noqa: S311
    [found] = findings(code_of(tmp_path))

    assert found.path == ("code",)
    assert "and a ConfigMap holds 1,048,576; the largest files are `weights.bin`" in found.message
    assert found.help
    assert ".sweepignore" in found.help
    (tmp_path / ".sweepignore").write_text("*.bin\n")
    assert findings(code_of(tmp_path)) == []


def test_very_much_code_is_not_packed_to_see_its_size(tmp_path: Path) -> None:
    (tmp_path / "train.py").touch()
    with (tmp_path / "zeros.bin").open("wb") as file:
        file.truncate(65 << 20)
    found = [each for each in findings(code_of(tmp_path)) if not each.warning]

    assert [each.path for each in found] == [("code",)]
    assert "has 65 MiB of files" in found[0].message


def test_checkpoints_that_vanish_are_a_warning() -> None:
    code = replace(single(), structure=("width",))

    [found] = findings(code)
    assert (found.path, found.warning) == (("files",), True)
    assert findings(code, files={"claim": "checkpoints"}) == []
    assert findings(code, files={"url": "s3://bucket/sweeps"}) == []


def test_missing_entries_and_unreadable_files_are_found(tmp_path: Path) -> None:
    (tmp_path / ".sweepignore").write_text("train.py\n")
    (tmp_path / "train.py").touch()

    [found] = findings(code_of(tmp_path))
    assert found.message.startswith("the entry `train.py` of role `main` is not sent")
