"""A submission is JSON that describes everything that will be done."""

import json
from typing import Any

import pytest

from sweepwright.contracts import Command, Job, PythonFile, PythonModule, Role, Workspace
from sweepwright.events import CheckpointRef
from sweepwright.jobs import THREAD_VARIABLES
from sweepwright.runner_client.submission import Renderer

ROLES = (
    Role("worker", PythonModule("train", ("--data=x",)), 2, resources={"cpu": 2, "memory": 1e6}),
    Role("ps", Command(("./serve", "-v")), environment={"PORT": "1"}, reports=False),
)


@pytest.fixture
def renderer(tmp_path, monkeypatch):
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return Renderer(Workspace("s", tmp_path, 2), 8.0, "/usr/bin/python3")


def test_a_submission_is_plain_json(renderer, tmp_path) -> None:
    job = Job(
        "s-3-2",
        ROLES,
        {"LR": "1"},
        folder="code",
        trial=3,
        attempt=2,
        inherits=CheckpointRef(1, 4),
    )
    submission = renderer.render(job)

    assert json.loads(json.dumps(submission)) == submission
    assert submission["folder"].endswith("/code")
    assert submission["attempt_folder"] == f"{tmp_path}/trials/3/2"
    assert submission["inherited"] == f"{tmp_path}/trials/1/4/checkpoint"
    assert submission["environment"] == {
        "LR": "1",
        "SWEEPWRIGHT_CHECKPOINTS": f"{tmp_path}/trials/3/2/checkpoint.part",
        "SWEEPWRIGHT_TENSORBOARD": f"{tmp_path}/trials/3/2/tensorboard",
    }
    assert submission["interpreter"]["python"] == "/usr/bin/python3"


def test_each_process_is_listed_with_its_role_and_rank(renderer) -> None:
    submission = renderer.render(Job("s-0-1", ROLES))
    processes = submission["processes"]

    def reports(process: Any) -> bool:
        return process["environment"].get("SWEEPWRIGHT_REPORTS") == f"file:{submission['reports']}"

    assert [(p["role"], p["rank"], reports(p), p["decides"]) for p in processes] == [
        ("worker", 0, True, True),
        ("worker", 1, False, True),
        ("ps", 0, False, False),
    ]
    assert processes[0]["entry"] == {"module": "train", "arguments": ["--data=x"]}
    assert processes[2]["entry"] == {"command": ["./serve", "-v"]}
    assert processes[2]["environment"]["PORT"] == "1"
    assert processes[1]["environment"]["SWEEPWRIGHT_ROLE"] == "worker"
    assert processes[1]["environment"]["SWEEPWRIGHT_RANK"] == "1"
    assert [p["memory"] for p in processes] == [1_000_000, 1_000_000, None]


def test_threads_follow_from_cpus_and_concurrency(renderer) -> None:
    submission = renderer.render(Job("s-0-1", ROLES))

    assert [p["environment"]["OMP_NUM_THREADS"] for p in submission["processes"]] == [
        "2",
        "2",
        "4",
    ]
    assert submission["interpreter"]["environment"] == dict.fromkeys(THREAD_VARIABLES, "2")


def test_a_users_thread_limit_is_kept(renderer) -> None:
    job = Job("s-0-1", ROLES, {"MKL_NUM_THREADS": "3", "PYTHONUTF8": "1", "OTHER": "x"})
    submission = renderer.render(job)

    assert "OMP_NUM_THREADS" not in submission["processes"][0]["environment"]
    assert submission["interpreter"]["environment"] == {"MKL_NUM_THREADS": "3", "PYTHONUTF8": "1"}


def test_a_thread_limit_of_the_shell_is_kept(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    renderer = Renderer(Workspace("s", tmp_path, 2), 8.0, "python3")

    assert renderer.render(Job("s-0-1", ROLES))["interpreter"]["environment"] == {}


@pytest.mark.parametrize(
    ("fork_safe", "system", "prestart"),
    [
        (True, True, False),
        (False, True, True),
        (True, False, True),
    ],
)
def test_a_job_that_must_not_be_forked_is_prestarted(
    renderer, monkeypatch, fork_safe, system, prestart
) -> None:
    monkeypatch.setattr("sweepwright.runner_client.submission._FORKING_IS_SAFE", system)
    job = Job(
        "s-0-1", (Role("main", PythonFile("x.py")),), preload=("numpy",), fork_safe=fork_safe
    )
    interpreter = renderer.render(job)["interpreter"]

    assert interpreter["prestart"] is prestart
    assert interpreter["preload"] == ["numpy"]


def test_a_job_without_roles_is_described(renderer) -> None:
    assert renderer.render(Job("s-0-1", ()))["processes"] == []


def test_variables_that_libraries_read_at_import_are_set_before(renderer) -> None:
    environment = {"KERAS_BACKEND": "torch", "KERAS": "x", "LR": "1", "OMP_NUM_THREADS": "1"}
    job = Job("s-0-1", ROLES, environment, read_on_import=("KERAS_",))

    assert renderer.render(job)["interpreter"]["environment"] == {
        "KERAS_BACKEND": "torch",
        "OMP_NUM_THREADS": "1",
    }


def test_python_has_a_prologue_and_other_programs_have_none(renderer) -> None:
    processes = renderer.render(Job("s-0-1", ROLES, prologue="mine:begin"))["processes"]

    assert [p["prologue"] for p in processes] == ["mine:begin", "mine:begin", None]


def test_each_rank_has_its_own_rendezvous(renderer) -> None:
    variables = {"worker": ({"RANK": "0"}, {"RANK": "1"})}
    processes = renderer.render(Job("s-0-1", ROLES, rendezvous=variables))["processes"]

    assert [p["wiring"] for p in processes] == [{"RANK": "0"}, {"RANK": "1"}, {}]


@pytest.mark.parametrize(
    ("preload", "given", "own"),
    [
        ((), {"PYTHONPATH": "code"}, {"PYTHONPATH": "code"}),
        ((), {"PYTHONUTF8": "1", "LR": "1"}, {}),
        ((), {"KMP_AFFINITY": "none", "OMP_NUM_THREADS": "2"}, {}),
        (("numpy",), {"OMP_NUM_THREADS": "2"}, {"OMP_NUM_THREADS": "2"}),
        (("mine",), {"MINE_MODE": "x", "YOURS": "x"}, {"MINE_MODE": "x"}),
    ],
)
def test_a_role_has_its_own_interpreter_for_variables_that_are_read_early(
    renderer, preload, given, own
) -> None:
    roles = (Role("main", PythonFile("x.py")), Role("side", PythonFile("x.py"), 1, given))
    job = Job("s-0-1", roles, {"PYTHONUTF8": "1"}, preload=preload, read_on_import=("MINE_",))
    main, side = renderer.render(job)["processes"]

    assert main["own_interpreter"] == {}
    assert side["own_interpreter"] == own


def test_roles_with_other_numbers_of_threads_do_not_share_libraries(renderer) -> None:
    roles = (
        Role("main", PythonFile("x.py"), resources={"cpu": 2}),
        Role("side", PythonFile("x.py"), resources={"cpu": 1}),
    )
    main, side = renderer.render(Job("s-0-1", roles, preload=("numpy",)))["processes"]

    assert main["own_interpreter"] == {}
    assert side["own_interpreter"] == dict.fromkeys(THREAD_VARIABLES, "1")
