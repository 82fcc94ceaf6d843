"""The kind of jobs, the framework and the trial's roles agree, or a finding says how they can."""

import re
from dataclasses import replace
from typing import Any

import pytest

from sweepwright.contracts import PythonModule, Role, TrialCode
from sweepwright.plugins.platforms.kubeflow.kind_checks import kind_findings
from sweepwright.plugins.platforms.kubeflow.manifests import choose_kind
from tests.plugins.platforms.kubeflow.strict_schemas import violations
from tests.plugins.platforms.kubeflow.trials import (
    chief_and_servers,
    manifest,
    masters_and_workers,
    options,
    single,
    trial,
)

ENTRY = PythonModule("train")
SERVERS = (Role("worker", ENTRY, 2), Role("ps", ENTRY, reports=False))
JAX = replace(single("python"), kind="JAXJob")


def messages(code: TrialCode, **given: Any) -> list[str]:
    return [each.message for each in kind_findings(options(**given), code)]


def roles(framework: str, **replicas: int) -> TrialCode:
    """Return a trial of roles that are alike, of which the first reports."""
    first = next(iter(replicas))
    return trial(
        framework,
        *(Role(name, ENTRY, count, reports=name == first) for name, count in replicas.items()),
    )


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        (single("pytorch"), "auto", "PyTorchJob"),
        (masters_and_workers(), "auto", "PyTorchJob"),
        (single("tensorflow"), "auto", "TFJob"),
        (chief_and_servers(), "auto", "TFJob"),
        (trial("tensorflow", *SERVERS), "auto", "TFJob"),
        (single("python"), "auto", "Job"),
        (single("pytorch"), "Job", "Job"),
        (single("tensorflow"), "TrainJob", "TrainJob"),
        (masters_and_workers(), "TrainJob", "TrainJob"),
        (roles("python", worker=3), "TrainJob", "TrainJob"),
        (roles("python", master=1, worker=3), "PyTorchJob", "PyTorchJob"),
        (roles("pytorch", worker=4), "TrainJob", "TrainJob"),
    ],
)
def test_trials_and_kinds_that_agree(code: TrialCode, kind: str, expected: str) -> None:
    assert messages(code, kind=kind, image="a") == []
    chosen = choose_kind(options(kind=kind), code.kind, code.roles)
    assert chosen
    assert chosen.name == expected
    assert violations(manifest(code, kind=kind, image="a")) == []


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        (
            roles("python", worker=3),
            "auto",
            "the trial has 3 processes, and no operator is known for the trial's framework",
        ),
        (
            replace(roles("python", main=2), kind="JAXJob"),
            "auto",
            "the trial has 2 processes, and no operator is known for jobs of kind `JAXJob`",
        ),
        (
            masters_and_workers(),
            "Job",
            "the trial has 2 processes, and a `Job` runs one",
        ),
        (
            single("tensorflow"),
            "PyTorchJob",
            "the framework's jobs are of kind `TFJob`, not `PyTorchJob`",
        ),
        (
            single("pytorch"),
            "TFJob",
            "the framework's jobs are of kind `PyTorchJob`, not `TFJob`",
        ),
        (
            chief_and_servers(),
            "TrainJob",
            "the framework's jobs are of kind `TFJob`, not `TrainJob`",
        ),
        (
            roles("pytorch", worker=2),
            "auto",
            "a `PyTorchJob` of several processes has a role `master`",
        ),
        (
            roles("pytorch", master=2),
            "auto",
            "a `PyTorchJob` has one `master`, not 2",
        ),
        (
            roles("pytorch", worker=1, master=1),
            "auto",
            "a `PyTorchJob` ends with its `master`, which does not report",
        ),
        (
            roles("pytorch", master=1, wroker=1),
            "auto",
            "a `PyTorchJob` has no role `wroker`",
        ),
        (
            roles("tensorflow", chief=1, main=1),
            "auto",
            "a `TFJob` has no role `main`",
        ),
        (
            roles("tensorflow", chief=2),
            "auto",
            "a `TFJob` has one `chief`, not 2",
        ),
        (
            roles("tensorflow", chief=1, master=1),
            "auto",
            "a `TFJob` has a `chief` or a `master`, not both",
        ),
        (
            roles("tensorflow", worker=1, chief=1),
            "auto",
            "a `TFJob` ends with its `chief`, which does not report",
        ),
        (
            trial("python", Role("a", ENTRY), Role("b", PythonModule("serve"), reports=False)),
            "TrainJob",
            "the nodes of a `TrainJob` are alike, but `a` and `b` differ",
        ),
    ],
)
def test_trials_and_kinds_that_disagree(code: TrialCode, kind: str, message: str) -> None:
    assert messages(code, kind=kind, image="a") == [message]


def test_nodes_of_a_train_job_have_the_same_options() -> None:
    given = {"roles": {"worker": {"node_selector": {"a": "b"}}}}

    assert messages(masters_and_workers(), kind="TrainJob", **given) == [
        "the nodes of a `TrainJob` are alike, but `worker` has other options than `master`"
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"priority_class": "a"},
        {"image_pull_policy": "Always"},
        {"env_from": [{"secret": "a"}]},
        {"run_policy": {"ttl": 1}},
        {"roles": {"main": {"priority_class": "a"}}},
    ],
)
def test_options_that_a_train_job_cannot_express_are_found(given: dict[str, Any]) -> None:
    assert len(messages(single(), kind="TrainJob", **given)) == 1
    assert messages(single(), **given) == []


def test_a_framework_without_a_known_image_needs_one() -> None:
    assert messages(JAX) == ["no image is known that holds what the framework of a `JAXJob` needs"]
    assert messages(JAX, image="a") == []
    assert messages(JAX, roles={"main": {"image": "a"}}) == []


def test_roles_that_request_gpus_need_an_image_that_supports_them() -> None:
    needs = {"resources": {"gpu": 1.0}}
    message = "no image is known that holds what the {} needs, with support for GPUs"

    assert messages(single("pytorch", **needs)) == []
    assert messages(single("python", **needs)) == [message.format("trial")]
    assert messages(single("pytorch", **needs), gpu_resource="amd.com/gpu") == [
        message.format("framework of a `PyTorchJob`")
    ]


def test_a_train_job_has_room_for_some_variables() -> None:
    secrets = {f"V{number}": {"name": "a", "key": "b"} for number in range(101)}

    assert messages(single(), kind="TrainJob", secret_env=secrets) == [
        "a `TrainJob` has room for 100 `secret_env`"
    ]
    assert messages(single(), secret_env=secrets) == []


@pytest.mark.parametrize(
    ("code", "given"),
    [
        (roles("python", worker=3), {}),
        (roles("pytorch", worker=2), {}),
        (masters_and_workers(), {"kind": "Job"}),
        (roles("python", worker=3), {"kind": "Job"}),
        (single("tensorflow"), {"kind": "PyTorchJob"}),
        (chief_and_servers(), {"kind": "TrainJob"}),
        (JAX, {"kind": "PyTorchJob", "image": "a"}),
        (JAX, {}),
    ],
)
def test_a_kind_that_a_help_gives_has_no_finding(code: TrialCode, given: dict[str, Any]) -> None:
    [found] = kind_findings(options(**given), code)
    assert found.help
    ways = re.findall(r"`(kind|image)=([^`]+)`", found.help)
    assert ways
    for name, value in ways:
        text = value.replace("REGISTRY/NAME:TAG", "registry/name:tag")
        assert messages(code, **(given | {name: text})) == []
