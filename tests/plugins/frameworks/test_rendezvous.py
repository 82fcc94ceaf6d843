"""Processes of one job are told how to find one another."""

import json

import pytest

from sweepwright.contracts import PythonModule, Role, TrialCode
from sweepwright.plugins.frameworks import pytorch, tensorflow

ENTRY = PythonModule("train")


def roles(*named: tuple[str, int, bool]) -> tuple[Role, ...]:
    return tuple(Role(name, ENTRY, count, reports=reports) for name, count, reports in named)


def code(*named: tuple[str, int, bool]) -> TrialCode:
    return TrialCode("mine", roles(*named))


@pytest.mark.parametrize("variables_of", [pytorch.rendezvous, tensorflow.rendezvous])
def test_a_single_process_needs_no_variables(variables_of) -> None:
    assert variables_of(roles(("main", 1, True))) == {}


def test_torch_knows_the_world_its_rank_and_the_master() -> None:
    variables = pytorch.rendezvous(roles(("worker", 2, False), ("master", 1, True)))

    assert [each["RANK"] for each in (*variables["master"], *variables["worker"])] == [
        "0",
        "1",
        "2",
    ]
    assert variables["worker"][1] == {
        "MASTER_ADDR": "<host of master 0>",
        "MASTER_PORT": "<port of master 0>",
        "WORLD_SIZE": "3",
        "RANK": "2",
        "LOCAL_RANK": "0",
        "LOCAL_WORLD_SIZE": "1",
    }


def test_without_a_master_rank_0_is_the_one_that_reports() -> None:
    variables = pytorch.rendezvous(roles(("data", 1, False), ("train", 2, True)))

    assert variables["train"][0]["RANK"] == "0"
    assert variables["data"][0]["MASTER_ADDR"] == "<host of train 0>"


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ([("master", 1, True), ("worker", 3, False)], []),
        ([("main", 4, True)], []),
        ([("master", 2, True)], ["`master` has 2 replicas, but only one can be rank 0"]),
        (
            [("master", 1, False), ("worker", 1, True)],
            ["`master` is rank 0, but does not report"],
        ),
    ],
)
def test_torch_requires_one_master_that_reports(named, found) -> None:
    assert [finding.message for finding in pytorch.check_roles(code(*named))] == found


def test_tensorflow_knows_the_cluster_and_its_task_in_it() -> None:
    variables = tensorflow.rendezvous(
        roles(("ps", 1, False), ("worker", 2, True), ("evaluator", 1, False))
    )

    assert json.loads(variables["worker"][1]["TF_CONFIG"]) == {
        "cluster": {
            "ps": ["<host of ps 0>:<port of ps 0>"],
            "worker": [
                "<host of worker 0>:<port of worker 0>",
                "<host of worker 1>:<port of worker 1>",
            ],
        },
        "task": {"type": "worker", "index": 1},
    }
    assert json.loads(variables["evaluator"][0]["TF_CONFIG"])["task"] == {
        "type": "evaluator",
        "index": 0,
    }


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ([("main", 1, True)], []),
        ([("chief", 1, True), ("worker", 2, False), ("ps", 2, False)], []),
        (
            [("worker", 2, True), ("helper", 1, False)],
            ["TensorFlow does not know the role `helper`"],
        ),
        ([("chief", 2, True)], ["`chief` has 2 replicas, but there is only one chief"]),
        ([("ps", 1, True), ("worker", 1, False)], ["`ps` reports, but does not train"]),
    ],
)
def test_tensorflow_requires_known_roles(named, found) -> None:
    assert [finding.message for finding in tensorflow.check_roles(code(*named))] == found


def test_the_role_that_should_report_is_named() -> None:
    [finding] = tensorflow.check_roles(code(("ps", 1, True), ("worker", 1, False)))

    assert finding.path == ("roles", "ps")
    assert finding.help == "give `trial.roles.worker.reports=true`"
