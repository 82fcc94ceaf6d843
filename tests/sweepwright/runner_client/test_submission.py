"""A submission is JSON that describes everything that will be done."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sweepwright.contracts import Command, Entry, Job, PythonFile, PythonModule, Role, Workspace
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
    return Renderer.for_this_machine(Workspace("s", tmp_path, 2), 8.0, "/usr/bin/python3")


def portable_entry(entry: Entry, folder: str) -> Any:
    """Render the entry of a job for other machines."""
    job = Job("s-0-1", (Role("main", entry),), folder=folder)
    [process] = Renderer.for_other_machines(1).render(job)["processes"]
    return process["entry"]


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
    renderer = Renderer.for_this_machine(Workspace("s", tmp_path, 2), 8.0, "python3")

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
    renderer, fork_safe, system, prestart
) -> None:
    renderer = replace(renderer, forking_is_safe=system)
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


def test_a_submission_for_other_machines_names_no_place_of_this_one(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    roles = (
        Role("main", PythonFile(f"{tmp_path}/code/train.py"), 2),
        Role("side", Command(("./serve", "-v")), environment={"PYTHONHASHSEED": "1"}),
    )
    job = Job(
        "s-3-2",
        roles,
        folder=f"{tmp_path}/code",
        trial=3,
        attempt=2,
        inherits=CheckpointRef(1, 4),
    )
    submission = Renderer.for_other_machines(3).render(job)

    assert str(tmp_path) not in json.dumps(submission)
    assert submission["folder"] == "."
    assert submission["interpreter"]["python"] is None
    assert submission["interpreter"]["environment"] == dict.fromkeys(THREAD_VARIABLES, "3")
    assert submission["attempt_folder"] == "trials/3/2"
    assert submission["reports"] == "reports/s-3-2"
    assert submission["inherited"] == "trials/1/4/checkpoint"
    first, _, side = submission["processes"]
    assert first["environment"]["SWEEPWRIGHT_REPORTS"] == "file:reports/s-3-2"
    assert side["own_interpreter"] == {"PYTHONHASHSEED": "1"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("train.py", "train.py"),
        ("../train.py", "../train.py"),
        ("ROOT/code/a b/train.py", "a b/train.py"),
        ("ROOT/link/train.py", "train.py"),
        ("ROOT/code/in/x.py", "in/x.py"),
        ("ROOT/codes/train.py", "ROOT/codes/train.py"),
    ],
)
@pytest.mark.parametrize("folder", ["ROOT/code", "ROOT/link", "code"])
def test_a_file_in_the_folder_is_relative_to_it_on_other_machines(
    tmp_path, monkeypatch, path, expected, folder
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "code").mkdir()
    (tmp_path / "link").symlink_to("code")
    (tmp_path / "code" / "in").symlink_to(tmp_path)
    path, expected, folder = (
        text.replace("ROOT", str(tmp_path)) for text in (path, expected, folder)
    )

    assert portable_entry(PythonFile(path, (path,)), folder) == {
        "file": expected,
        "arguments": [path],
    }


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("/code/run", "-c", "/code/y", "x"), ["./run", "-c", "y", "x"]),
        (("/code/bin/run",), ["bin/run"]),
        (("/bin/sh", "-c", "cd /code"), ["/bin/sh", "-c", "cd /code"]),
        (("run", "/code"), ["run", "."]),
    ],
)
def test_a_command_names_files_in_the_folder_from_there(argv, expected) -> None:
    assert portable_entry(Command(argv), "/code") == {"command": expected}
