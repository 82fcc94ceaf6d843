"""Programs run on `local` as they would by hand."""

from pathlib import Path

import pytest

from sweepwright.contracts import Command, PythonFile, PythonModule, Role
from sweepwright.events import Failure, FailureKind


def test_a_program_finds_its_environment_and_reports(harness) -> None:
    script = 'echo "$HELLO $PWD"; echo line >>"${SWEEPWRIGHT_REPORTS#file:}"'

    job = harness.launch(Command(("/bin/sh", "-c", script)), environment={"HELLO": "hi"})

    assert harness.end(job) is None
    assert harness.printed(0)[0] == f"hi {harness.folder}\n"
    assert harness.lines(job) == ["line"]


def test_a_program_receives_sigpipe(harness, shell) -> None:
    """Python ignores SIGPIPE, and programs that it execs would inherit that."""
    assert harness.run(shell("yes | head -n 1")) is None
    assert harness.printed(0) == ("y\n", "")


def test_forked_trials_draw_different_random_numbers(harness) -> None:
    """A library imported before the fork would give every trial the same numbers."""
    code = "import random, numpy\nprint(random.random(), numpy.random.random())\n"
    for _ in range(2):
        harness.run(code, preload=("numpy.random",))
    first, second = (harness.printed(trial)[0].split() for trial in (0, 1))

    assert first[0] != second[0]
    assert first[1] != second[1]


def test_libraries_are_imported_once_for_all_trials(harness) -> None:
    """Preloaded modules are there; changes that a trial makes are not there for the next."""
    code = """
        import sys
        print("sklearn" in sys.modules, "tabnanny" in sys.modules)
        import tabnanny
    """
    for _ in range(2):
        harness.run(code, preload=("sklearn",))

    assert [harness.printed(trial)[0] for trial in (0, 1)] == ["True False\n"] * 2


def test_each_process_is_limited_to_its_share_of_the_cpus(build_harness, monkeypatch) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    harness = build_harness(concurrency=2, cpus=8)
    code = "import os\nprint(os.environ['OMP_NUM_THREADS'])\n"
    entry = harness.file(code)

    harness.run(entry)
    harness.run((Role("main", entry, resources={"cpu": 3}),))
    harness.run(entry, environment={"OMP_NUM_THREADS": "7"})

    assert [harness.printed(trial)[0] for trial in range(3)] == ["4\n", "3\n", "7\n"]


def test_a_sweep_within_a_trial_does_not_report_for_it(build_harness, monkeypatch) -> None:
    monkeypatch.setenv("SWEEPWRIGHT_REPORTS", "fd:99")
    monkeypatch.setenv("SWEEPWRIGHT_INHERITED", "/nowhere")
    harness = build_harness()
    code = "import os\nprint(*sorted(name for name in os.environ if name.startswith('SWEEPW')))\n"
    entry = harness.file(code)
    harness.run((Role("mute", entry, reports=False),))

    named = harness.printed(0, "mute-0")[0].split()
    assert "SWEEPWRIGHT_TRIAL" in named
    assert "SWEEPWRIGHT_REPORTS" not in named
    assert "SWEEPWRIGHT_INHERITED" not in named


@pytest.mark.parametrize("fork_safe", [True, False])
def test_a_multiprocessing_trial_works(harness, fork_safe) -> None:
    failure = harness.run(
        """
        import multiprocessing
        def double(x): return 2 * x
        if __name__ == "__main__":
            for method in ("fork", "spawn"):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    print(pool.map(double, [1, 2]))
        """,
        fork_safe=fork_safe,
    )

    assert failure is None, harness.printed(0)
    assert harness.printed(0)[0] == "[2, 4]\n[2, 4]\n"


def test_prestarted_interpreters_have_imported_and_are_used_once(harness) -> None:
    code = """
        import os, sys
        print("mailbox" in sys.modules, "tabnanny" in sys.modules, os.getpid())
        import tabnanny
    """
    for _ in range(3):
        assert harness.run(code, preload=("mailbox",), fork_safe=False) is None
    printed = [harness.printed(trial)[0].split() for trial in range(3)]

    assert [words[:2] for words in printed] == [["True", "False"]] * 3
    assert len({words[2] for words in printed}) == 3


def test_a_prestarted_job_may_have_roles_and_programs(harness, shell) -> None:
    said = "from sweepwright.trial import report_final_result as r\nr(1)\n"
    roles = (
        Role("worker", harness.file(said), replicas=2),
        Role("side", shell("echo side; sleep 60"), reports=False),
    )
    job = harness.launch(roles, fork_safe=False)

    assert harness.end(job) is None
    assert len(harness.lines(job)) == 1


@pytest.mark.parametrize("fork_safe", [True, False])
def test_a_failed_preload_is_reported(harness, fork_safe) -> None:
    reason = harness.refused("pass", preload=("no_such_library",), fork_safe=fork_safe)

    assert reason == (
        "`no_such_library` cannot be imported ahead of trials: "
        "ModuleNotFoundError: No module named 'no_such_library'"
    )


def test_a_refused_interpreter_refuses_the_next_job(harness) -> None:
    first, second = (harness.refused("pass", preload=("no_such_library",)) for _ in range(2))

    assert second == first


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (PythonFile("missing.py"), "there is no `missing.py`"),
        (PythonFile("."), "`.`: Is a directory"),
        (PythonModule("no.such.module"), "there is no module `no.such.module`"),
        (PythonModule("json.nothing"), "there is no module `json.nothing`"),
        (Command(("no-such-program",)), "there is no program `no-such-program`"),
        (
            Command(("./plain.txt",)),
            "`./plain.txt` cannot be run: Permission denied; is it executable?",
        ),
        (
            Command(("./odd",)),
            "`./odd` cannot be run: Exec format error; a script begins with `#!`",
        ),
    ],
)
def test_what_no_trial_of_the_sweep_can_start_is_refused(harness, entry, message) -> None:
    """The trial is not spent: a resume runs it, once the script is there again."""
    (harness.folder / "plain.txt").touch()
    (harness.folder / "odd").write_text("no program")
    (harness.folder / "odd").chmod(0o755)

    assert harness.refused(entry) == message


def test_a_long_assignment_reaches_python_and_is_reported_for_a_program(harness, shell) -> None:
    """Only exec limits the length of a string."""
    long = {"SWEEPWRIGHT_TRIAL": "x" * (300 << 10)}
    size = "import os\nprint(len(os.environ['SWEEPWRIGHT_TRIAL']))\n"

    assert harness.run(size, environment=long) is None
    assert harness.printed(0)[0] == f"{300 << 10}\n"
    failure = harness.run(shell("true"), environment=long)
    assert failure is not None
    assert failure.kind is FailureKind.LAUNCH
    assert "at most 128 KiB" in failure.message


def test_a_missing_folder_or_file_is_refused(harness) -> None:
    nowhere = harness.refused("pass", folder=str(harness.folder / "nowhere"))
    without = harness.refused("pass", files=("data.csv",))

    assert nowhere == f"there is no `{harness.folder / 'nowhere'}`"
    assert without == f"there is no `{harness.folder / 'data.csv'}`"


def test_an_unwritable_folder_is_refused(harness) -> None:
    (harness.folder / "trials").write_text("in the way")

    assert harness.refused("pass") == f"`{harness.folder / 'trials/0'}`: Not a directory"


def test_output_that_cannot_be_opened_is_refused(harness) -> None:
    output = harness.folder / "trials" / "0" / "1" / "main-0.stderr"
    output.mkdir(parents=True)

    assert harness.refused("pass") == f"`{output}`: Is a directory"


def test_a_missing_interpreter_is_refused(build_harness) -> None:
    harness = build_harness(python="/no/such/python")

    assert harness.refused("pass") == "there is no `/no/such/python`"


def test_an_invalid_environment_is_reported(harness) -> None:
    failure = harness.run("pass", environment={"ZERO": "a\0b"})

    assert failure == Failure(FailureKind.LAUNCH, "embedded null byte")


def test_memory_is_limited(harness) -> None:
    roles = (
        Role("main", harness.file("x = bytearray(1 << 30)\n"), resources={"memory": 1 << 28}),
    )

    assert harness.run(roles) == Failure(FailureKind.MEMORY, "MemoryError")


def test_the_kernel_kills_trials_before_the_driver(harness) -> None:
    harness.run("print(open('/proc/self/oom_score_adj').read())\n")

    assert int(harness.printed(0)[0]) > int(Path("/proc/self/oom_score_adj").read_text())
