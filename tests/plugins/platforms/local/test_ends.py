"""How jobs on `local` end, and what is reported of their end."""

import os
import signal
import time
from textwrap import dedent

import psutil
import pytest

from sweepwright.contracts import Command, Ended, Launched, PythonFile, Role
from sweepwright.events import CheckpointRef, Failure, FailureKind
from sweepwright.runner.fork_server.checkpoint import discard_checkpoints

SLEEP = "import time\nfrom sweepwright.trial import report_intermediate_result as r\nr(0)\n"
SLEEP += "time.sleep(600)\n"
DEAF = "import signal\nsignal.signal(15, signal.SIG_IGN)\n" + SLEEP


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("raise ValueError('bad lr')", "error", "ValueError: bad lr"),
        ("raise ValueError('bad lr\\nand more')", "error", "ValueError: bad lr"),
        ("raise ValueError", "error", "ValueError"),
        ("import json\njson.loads('')", "error", "json.decoder.JSONDecodeError: Expecting value"),
        ("class E(Exception):\n  __str__ = None\nraise E", "error", "__main__.E: <exception str"),
        ("def f(:", "error", "SyntaxError: "),
        ("import no_such_thing", "error", "ModuleNotFoundError: No module named 'no_such_thing'"),
        ("raise MemoryError", "memory", "MemoryError"),
        ("class OutOfMemoryError(Exception): pass\nraise OutOfMemoryError('gpu')", "memory", ""),
        ("raise SystemExit(3)", "exit", "exit code 3"),
        ("raise SystemExit('no data\\nfound')", "exit", "exit code 1: found"),
        ("import sys\nprint('oh', file=sys.stderr)\nsys.exit(4)", "exit", "exit code 4: oh"),
        ("import os\nos._exit(5)", "exit", "exit code 5"),
        ("import os\nos.kill(os.getpid(), 11)", "killed", "killed by SIGSEGV"),
        ("import os\nos.kill(os.getpid(), 9)", "killed", "killed by SIGKILL"),
        ("import os\nos.kill(os.getpid(), 40)", "killed", "killed by signal 40"),
        ("raise KeyboardInterrupt", "killed", "killed by SIGINT"),
        ("import sys\nsys.stdout = open('/dev/full', 'w')\nprint()", "exit", "exit code 120"),
    ],
)
def test_a_failure_is_classified(harness, code, kind, message) -> None:
    failure = harness.run(code)

    assert failure is not None
    assert failure.kind == kind
    assert failure.message.startswith(message)
    assert "\n" not in failure.message


@pytest.mark.parametrize("code", ["raise SystemExit", "raise SystemExit(0)", "exit()", "", "1"])
def test_a_successful_job_has_no_failure(harness, code) -> None:
    assert harness.run(code) is None


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        ("exit 3", Failure(FailureKind.EXIT, "exit code 3")),
        ("echo one >&2; echo two >&2; exit 2", Failure(FailureKind.EXIT, "exit code 2: two")),
        ("kill -ABRT $$", Failure(FailureKind.KILLED, "killed by SIGABRT")),
        ("python3 -c 'int(\"x\")'", "ValueError: invalid literal for int() with base 10: 'x'"),
        ("python3 -c 'raise MemoryError'", Failure(FailureKind.MEMORY, "MemoryError")),
    ],
)
def test_a_programs_failure_is_its_exit_code_and_last_line(
    harness, shell, script, failure
) -> None:
    if isinstance(failure, str):
        failure = Failure(FailureKind.ERROR, failure)

    assert harness.run(shell(script)) == failure


def test_a_time_limit_begins_at_the_start(harness) -> None:
    began = time.monotonic()
    failure = harness.run(SLEEP, time_limit=0.5)

    assert failure == Failure(FailureKind.TIMEOUT, "ran over its limit of 0.5 s")
    assert time.monotonic() - began > 0.5


def test_a_process_that_ignores_sigterm_at_its_time_limit_is_killed(
    build_harness, monkeypatch
) -> None:
    monkeypatch.setattr("sweepwright.runner.fork_server_client.GRACE_SECONDS", 0.3)
    harness = build_harness()

    assert harness.run(DEAF, time_limit=0.2) == Failure(
        FailureKind.TIMEOUT, "ran over its limit of 0.2 s"
    )


def test_a_cancelled_job_says_so(harness) -> None:
    job = harness.launch(SLEEP)
    harness.start(job)
    harness.platform.cancel(job.name)

    assert harness.end(job) == Failure(FailureKind.KILLED, "cancelled")


def test_a_cancelled_job_may_clean_up_first(harness) -> None:
    job = harness.launch(
        "import signal, sys\n"
        "signal.signal(15, lambda *_: (print('cleared'), sys.exit(0)))\n" + SLEEP
    )
    harness.start(job)
    harness.platform.cancel(job.name)

    assert harness.end(job) == Failure(FailureKind.KILLED, "cancelled")
    assert harness.printed(0)[0] == "cleared\n"


def test_a_job_cancelled_at_once_still_ends_once(harness) -> None:
    job = harness.launch(SLEEP)
    harness.platform.cancel(job.name)
    harness.platform.cancel(job.name)

    assert harness.end(job) == Failure(FailureKind.KILLED, "cancelled")
    assert len(harness.of(job, Ended)) == 1


def test_a_job_that_ended_by_itself_was_not_cancelled(harness, shell) -> None:
    job = harness.launch(shell("exit 3"))
    harness.watch(lambda: bool(harness.of(job, Launched)))
    [pid] = harness.of(job, Launched)[0].handle["pids"]
    while psutil.pid_exists(pid):
        time.sleep(0.01)
    harness.platform.cancel(job.name)

    assert harness.end(job) == Failure(FailureKind.EXIT, "exit code 3")


def test_a_failed_role_ends_the_job(harness, shell) -> None:
    roles = (
        Role("worker", harness.file(SLEEP)),
        Role("ps", shell("sleep 0.2; exit 3"), replicas=2, reports=False),
    )
    failure = harness.run(roles)

    assert failure is not None
    assert failure.kind is FailureKind.EXIT
    assert failure.message in {f"role `ps` rank {rank}: exit code 3" for rank in (0, 1)}


def test_a_failed_program_ends_the_other(harness, shell) -> None:
    """As needed for the framework `script` with roles."""
    roles = (Role("main", shell("sleep 600")), Role("side", shell("exit 7"), reports=False))

    assert harness.run(roles) == Failure(FailureKind.EXIT, "role `side` rank 0: exit code 7")


def test_a_job_succeeds_with_its_reporting_role(harness, shell) -> None:
    roles = (
        Role("worker", shell("exit 0"), replicas=2),
        Role("ps", shell("sleep 600"), reports=False),
    )

    assert harness.run(roles) is None


def test_every_replica_of_the_reporting_role_is_waited_for(harness, shell) -> None:
    script = "[ $SWEEPWRIGHT_RANK = 0 ] || { sleep 0.3; echo late; }"

    assert harness.run((Role("worker", shell(script), replicas=2),)) is None
    assert harness.printed(0, "worker-1")[0] == "late\n"


def test_a_role_that_succeeds_early_does_not_end_the_job(harness, shell) -> None:
    roles = (
        Role("worker", shell("sleep 0.3; echo done")),
        Role("setup", shell("exit 0"), reports=False),
    )

    assert harness.run(roles) is None
    assert harness.printed(0, "worker-0")[0] == "done\n"


def test_without_a_reporting_role_all_are_waited_for(harness, shell) -> None:
    roles = (
        Role("one", shell("exit 0"), reports=False),
        Role("two", shell("sleep 0.3; echo done"), reports=False),
    )

    assert harness.run(roles) is None
    assert harness.printed(0, "two-0")[0] == "done\n"


def test_a_role_that_cannot_start_stops_the_others(harness) -> None:
    roles = (Role("main", harness.file(SLEEP)), Role("side", Command(("no-such",)), reports=False))

    assert harness.refused(roles) == "role `side` rank 0: there is no program `no-such`"


def test_success_completes_the_checkpoint(harness) -> None:
    keep = "import sweepwright.trial as t\nopen(t.checkpoint_dir() + '/w', 'w').write('42')\n"
    heir = "import sweepwright.trial as t\nprint(open(t.inherited_dir() + '/w').read())\n"

    assert harness.run(keep) is None
    assert harness.run(heir, inherits=CheckpointRef(0, 1)) is None
    assert harness.printed(1)[0] == "42\n"


def test_a_half_written_checkpoint_is_not_inherited(harness) -> None:
    keep = "import sweepwright.trial as t\nt.checkpoint_dir()\nraise ValueError\n"
    heir = "import sweepwright.trial as t\nprint(t.inherited_dir())\n"
    harness.run(keep)
    harness.run(heir, inherits=CheckpointRef(0, 1))

    assert harness.printed(1)[0] == "None\n"


def test_a_repeated_attempt_finds_no_earlier_checkpoint(harness) -> None:
    """After a crash another driver may launch the same attempt again."""
    folder = harness.folder / "trials" / "0" / "1"
    for name in ("checkpoint", "checkpoint.part"):
        (folder / name).mkdir(parents=True)
        (folder / name / "old").touch()
    (folder / "main-0.stdout").write_text("old")

    assert harness.run("import sweepwright.trial as t\nt.checkpoint_dir()\n") is None
    assert list((folder / "checkpoint").iterdir()) == []
    assert harness.printed(0)[0] == ""


DEEP = """
    import os, sweepwright.trial as t
    os.chdir(t.checkpoint_dir())
    for _ in range(1100):
        open("f", "w").close()
        os.mkdir("d")
        os.chdir("d")
"""


@pytest.mark.parametrize(
    "end",
    ["raise SystemExit(1)", pytest.param("", marks=pytest.mark.ci_only)],
    ids=["fail", "keep"],
)
def test_a_checkpoint_may_nest_folders_deeper_than_python_nests_calls(harness, end) -> None:
    failure = harness.run(dedent(DEEP) + end)
    folder = harness.folder / "trials" / "0" / "1"
    kept = "checkpoint.part" if end else "checkpoint"

    assert (failure.message if failure else "") == ("exit code 1" if end else "")
    assert (folder / kept / "d" / "f").exists()
    discard_checkpoints(str(folder))
    assert not (folder / kept).exists()


def test_a_checkpoint_that_cannot_be_renamed_fails_the_attempt(harness) -> None:
    """As when the trial created something in its place."""
    failure = harness.run("""
        import os, sweepwright.trial as t
        os.makedirs(os.path.dirname(t.checkpoint_dir()) + "/checkpoint/in-the-way")
    """)

    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert failure.message.startswith("its checkpoint cannot be kept")


def test_handles_name_the_processes(harness, shell) -> None:
    job = harness.launch((Role("main", shell("sleep 0.1"), replicas=2),))
    harness.end(job)
    [launched] = harness.of(job, Launched)

    assert len(launched.handle["pids"]) == 2


def test_out_of_memory_is_distinguished_from_other_kills(harness, monkeypatch, tmp_path) -> None:
    counter = tmp_path / "memory.events"
    counter.write_text("oom_kill 1\n")
    monkeypatch.setattr(harness.platform._engine, "_oom_counter", counter)
    job = harness.launch(SLEEP)
    [pid] = harness.start(job)
    counter.write_text("oom_kill 2\n")
    os.kill(pid, signal.SIGKILL)

    assert harness.end(job) == Failure(FailureKind.MEMORY, "killed by the kernel: out of memory")


def test_closing_the_platform_ends_its_jobs(build_harness) -> None:
    harness = build_harness()
    pids = harness.start(harness.launch(PythonFile(harness.file(SLEEP).path)))
    harness.platform.close()
    harness.platform.close()

    assert not psutil.pid_exists(pids[0])
