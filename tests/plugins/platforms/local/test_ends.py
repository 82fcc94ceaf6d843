"""How jobs end on `local`, and what is told of it."""

import os
import signal
import time

import psutil
import pytest

from sweepwright.contracts import Command, Ended, Launched, PythonFile, Role
from sweepwright.events import CheckpointRef, Failure, FailureKind

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
def test_a_failure_is_classified(bench, code, kind, message) -> None:
    failure = bench.run(code)

    assert failure is not None
    assert failure.kind == kind
    assert failure.message.startswith(message)
    assert "\n" not in failure.message


@pytest.mark.parametrize("code", ["raise SystemExit", "raise SystemExit(0)", "exit()", "", "1"])
def test_a_good_end_is_one(bench, code) -> None:
    assert bench.run(code) is None


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
def test_a_program_is_judged_by_its_exit_code_and_last_words(
    bench, shell, script, failure
) -> None:
    if isinstance(failure, str):
        failure = Failure(FailureKind.ERROR, failure)

    assert bench.run(shell(script)) == failure


def test_a_time_limit_begins_at_the_start(bench) -> None:
    began = time.monotonic()
    failure = bench.run(SLEEP, time_limit=0.5)

    assert failure == Failure(FailureKind.TIMEOUT, "ran over its limit of 0.5 s")
    assert time.monotonic() - began > 0.5


def test_who_does_not_heed_the_end_of_time_is_killed(build_bench, monkeypatch) -> None:
    monkeypatch.setattr("sweepwright.plugins.platforms.local.client.GRACE_SECONDS", 0.3)
    bench = build_bench()

    assert bench.run(DEAF, time_limit=0.2) == Failure(
        FailureKind.TIMEOUT, "ran over its limit of 0.2 s"
    )


def test_a_cancelled_job_says_so(bench) -> None:
    job = bench.launch(SLEEP)
    bench.start(job)
    bench.platform.cancel(job.name)

    assert bench.end(job) == Failure(FailureKind.KILLED, "cancelled")


def test_a_cancelled_job_may_clear_up_first(bench) -> None:
    job = bench.launch(
        "import signal, sys\n"
        "signal.signal(15, lambda *_: (print('cleared'), sys.exit(0)))\n" + SLEEP
    )
    bench.start(job)
    bench.platform.cancel(job.name)

    assert bench.end(job) == Failure(FailureKind.KILLED, "cancelled")
    assert bench.printed(0)[0] == "cleared\n"


def test_a_job_cancelled_at_once_still_ends_once(bench) -> None:
    job = bench.launch(SLEEP)
    bench.platform.cancel(job.name)
    bench.platform.cancel(job.name)

    assert bench.end(job) == Failure(FailureKind.KILLED, "cancelled")
    assert len(bench.of(job, Ended)) == 1


def test_a_job_that_ended_by_itself_was_not_cancelled(bench, shell) -> None:
    job = bench.launch(shell("exit 3"))
    bench.watch(lambda: bool(bench.of(job, Launched)))
    [pid] = bench.of(job, Launched)[0].handle["pids"]
    while psutil.pid_exists(pid):
        time.sleep(0.01)
    bench.platform.cancel(job.name)

    assert bench.end(job) == Failure(FailureKind.EXIT, "exit code 3")


def test_one_role_dies_and_the_job_with_it(bench, shell) -> None:
    roles = (
        Role("worker", bench.file(SLEEP)),
        Role("ps", shell("sleep 0.2; exit 3"), replicas=2, reports=False),
    )
    failure = bench.run(roles)

    assert failure is not None
    assert failure.kind is FailureKind.EXIT
    assert failure.message in {f"role `ps` rank {rank}: exit code 3" for rank in (0, 1)}


def test_two_programs_one_of_which_dies(bench, shell) -> None:
    """The acceptance of the framework `script` with roles."""
    roles = (Role("main", shell("sleep 600")), Role("side", shell("exit 7"), reports=False))

    assert bench.run(roles) == Failure(FailureKind.EXIT, "role `side` rank 0: exit code 7")


def test_a_job_ends_well_with_its_reporting_role(bench, shell) -> None:
    roles = (
        Role("worker", shell("exit 0"), replicas=2),
        Role("ps", shell("sleep 600"), reports=False),
    )

    assert bench.run(roles) is None


def test_every_replica_of_the_reporting_role_is_waited_for(bench, shell) -> None:
    script = "[ $SWEEPWRIGHT_RANK = 0 ] || { sleep 0.3; echo late; }"

    assert bench.run((Role("worker", shell(script), replicas=2),)) is None
    assert bench.printed(0, "worker-1")[0] == "late\n"


def test_a_role_that_ends_early_and_well_is_no_matter(bench, shell) -> None:
    roles = (
        Role("worker", shell("sleep 0.3; echo done")),
        Role("setup", shell("exit 0"), reports=False),
    )

    assert bench.run(roles) is None
    assert bench.printed(0, "worker-0")[0] == "done\n"


def test_without_a_reporting_role_all_are_waited_for(bench, shell) -> None:
    roles = (
        Role("one", shell("exit 0"), reports=False),
        Role("two", shell("sleep 0.3; echo done"), reports=False),
    )

    assert bench.run(roles) is None
    assert bench.printed(0, "two-0")[0] == "done\n"


def test_a_role_that_cannot_start_stops_the_others(bench) -> None:
    roles = (Role("main", bench.file(SLEEP)), Role("side", Command(("no-such",)), reports=False))

    assert bench.run(roles) == Failure(
        FailureKind.LAUNCH, "role `side` rank 0: there is no program `no-such`"
    )


def test_a_good_end_completes_the_checkpoint(bench) -> None:
    keep = "import sweepwright.trial as t\nopen(t.checkpoint_dir() + '/w', 'w').write('42')\n"
    heir = "import sweepwright.trial as t\nprint(open(t.inherited_dir() + '/w').read())\n"

    assert bench.run(keep) is None
    assert bench.run(heir, inherits=CheckpointRef(0, 1)) is None
    assert bench.printed(1)[0] == "42\n"


def test_a_half_written_checkpoint_is_not_inherited(bench) -> None:
    keep = "import sweepwright.trial as t\nt.checkpoint_dir()\nraise ValueError\n"
    heir = "import sweepwright.trial as t\nprint(t.inherited_dir())\n"
    bench.run(keep)
    bench.run(heir, inherits=CheckpointRef(0, 1))

    assert bench.printed(1)[0] == "None\n"


def test_an_attempt_run_again_finds_nothing_of_the_first(bench) -> None:
    """After a crash the same attempt may be launched once more, by another driver."""
    folder = bench.folder / "trials" / "0" / "1"
    for name in ("checkpoint", "checkpoint.part"):
        (folder / name).mkdir(parents=True)
        (folder / name / "old").touch()
    (folder / "main-0.stdout").write_text("old")

    assert bench.run("import sweepwright.trial as t\nt.checkpoint_dir()\n") is None
    assert list((folder / "checkpoint").iterdir()) == []
    assert bench.printed(0)[0] == ""


def test_a_checkpoint_that_cannot_be_kept_fails_the_attempt(bench) -> None:
    """As when the trial put something in its place."""
    failure = bench.run("""
        import os, sweepwright.trial as t
        os.makedirs(os.path.dirname(t.checkpoint_dir()) + "/checkpoint/in-the-way")
    """)

    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert failure.message.startswith("its checkpoint cannot be kept")


def test_handles_name_the_processes(bench, shell) -> None:
    job = bench.launch((Role("main", shell("sleep 0.1"), replicas=2),))
    bench.end(job)
    [launched] = bench.of(job, Launched)

    assert len(launched.handle["pids"]) == 2


def test_out_of_memory_is_told_from_other_kills(bench, monkeypatch, tmp_path) -> None:
    counter = tmp_path / "memory.events"
    counter.write_text("oom_kill 1\n")
    monkeypatch.setattr(bench.platform, "_oom_counter", counter)
    job = bench.launch(SLEEP)
    [pid] = bench.start(job)
    counter.write_text("oom_kill 2\n")
    os.kill(pid, signal.SIGKILL)

    assert bench.end(job) == Failure(FailureKind.MEMORY, "killed by the kernel: out of memory")


def test_a_platform_that_is_closed_has_ended_its_jobs(build_bench) -> None:
    bench = build_bench()
    pids = bench.start(bench.launch(PythonFile(bench.file(SLEEP).path)))
    bench.platform.close()
    bench.platform.close()

    assert not psutil.pid_exists(pids[0])
