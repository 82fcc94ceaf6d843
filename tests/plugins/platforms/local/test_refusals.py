"""The machine refuses what a job needs: the job waits, or it is refused, and it never fails.

`tests/plugins/platforms/test_contract.py` runs the contract suite on a driver without descriptors.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from sweepwright.contracts import Command, Ended, Launched, Output, Refused, Waiting
from sweepwright.events import Failure, FailureKind
from sweepwright.runner.fork_server.refusals import read_refusal, refused
from tests.plugins.platforms.local.deaths.families import servers
from tests.system.faults.library import COMPILER, Fault, with_faults

SUCCEED = "import sweepwright.trial as t\nt.report_final_result(1)\n"
KEEP = "import sweepwright.trial as t\nopen(t.checkpoint_dir() + '/weights', 'w').write('42')\n"
ALWAYS = 0


@pytest.fixture
def break_server(monkeypatch, tmp_path: Path) -> Callable[..., None]:
    """Let calls of the fork servers fail that are started from now on."""
    if COMPILER is None:
        pytest.skip("needs a C compiler")

    def break_server(*faults: Fault) -> None:
        for name, value in with_faults({}, faults, tmp_path / "faults.log").items():
            monkeypatch.setenv(name, value)

    return break_server


@pytest.mark.parametrize(
    ("call", "path", "error", "wants"),
    [
        ("mkdir", "trials", errno.ENOSPC, "space on the disk of {folder}"),
        ("mkdir", "trials", errno.EDQUOT, "space in the disk quota of {folder}"),
        ("open", ".stdout", errno.ENFILE, "free file descriptors"),
        ("open", ".stderr", errno.ENOSPC, "space on the disk of {folder}"),
        ("fork", "", errno.ENOMEM, "free memory"),
        ("fork", "", errno.EAGAIN, "a free process"),
    ],
)
def test_a_refused_resource_is_waited_for(harness, break_server, call, path, error, wants) -> None:
    break_server(Fault("server", call, error, path, times=2))
    job = harness.launch(SUCCEED)

    assert harness.end(job) is None
    [waiting] = harness.of(job, Waiting)
    assert waiting.wants == wants.format(folder=harness.folder)
    assert waiting.refusal.startswith(os.strerror(error))
    assert [type(event) for event in harness.of(job)] == [Waiting, Launched, Output, Ended]


@pytest.mark.parametrize(
    ("call", "path", "error"),
    [
        ("mkdir", "trials", errno.EROFS),
        ("mkdir", "trials", errno.EACCES),
        ("open", ".stdout", errno.EIO),
        ("open", ".stderr", errno.ESTALE),
    ],
)
def test_a_refusal_that_cannot_pass_is_no_failure(
    harness, break_server, call, path, error
) -> None:
    break_server(Fault("server", call, error, path, times=ALWAYS))
    reason = harness.refused(SUCCEED)

    assert reason.startswith(f"`{harness.folder}/trials")
    assert reason.endswith(f": {os.strerror(error)}")


def test_a_program_that_somebody_writes_is_waited_for(harness) -> None:
    """As when a compiler replaces it; its process has already been forked."""
    program = harness.folder / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    with program.open("a"):
        job = harness.launch(Command(("./program",)))
        harness.watch(harness.waits)

    assert harness.end(job) is None
    assert [wants for _, wants in harness.waits()] == ["a file that is in use"]
    assert [type(event) for event in harness.of(job)] == [Launched, Waiting, Ended]


def test_a_root_that_cannot_fork_lives_on_with_its_other_jobs(harness, break_server) -> None:
    # The first fork of the root is the keeper of the first job, whose own first fork is a trial.
    break_server(Fault("server", "fork", errno.EAGAIN, first=4, times=2))
    first = harness.launch(f"{SUCCEED}import time; time.sleep(60)")
    harness.start(first)
    [server] = servers()
    others = [harness.launch(f"{SUCCEED}import time; time.sleep(0.2)") for _ in range(6)]

    assert [harness.end(job) for job in others] == [None] * 6
    assert harness.waits(), "no fork failed"
    assert not harness.of(first, Ended)
    assert servers() == [server]


def test_a_keeper_without_descriptors_for_itself_makes_its_job_wait(harness, break_server) -> None:
    # The first pipe is the root's own.
    break_server(Fault("server", "pipe", errno.EMFILE, first=2, times=ALWAYS))
    job = harness.launch(SUCCEED)
    harness.watch(harness.waits)
    harness.platform.cancel(job.name)

    assert harness.end(job) == Failure(FailureKind.KILLED, "cancelled")
    assert not harness.of(job, Launched)


@pytest.mark.parametrize(
    ("call", "path", "error"),
    [("pipe", "", errno.ENFILE), ("open", "stand_in.py", errno.ENFILE)],
    ids=["itself", "an import"],
)
def test_a_root_that_lacks_descriptors_makes_jobs_wait_for_the_next_root(
    harness, break_server, call, path, error
) -> None:
    (harness.folder / "stand_in.py").touch()
    break_server(Fault("server", call, error, path, times=ALWAYS))
    environment = {"PYTHONPATH": str(harness.folder), "PYTHONDONTWRITEBYTECODE": "1"}
    job = harness.launch(SUCCEED, preload=("stand_in",), environment=environment)
    harness.watch(harness.waits)
    os.environ["FAULTS"] = ""

    assert harness.end(job) is None
    assert [wants for _, wants in harness.waits()] == ["free file descriptors"]


def test_an_interpreter_that_cannot_receive_its_files_makes_its_job_wait(harness) -> None:
    """The next interpreter, which is not at its limit of open files, runs the job."""
    assert harness.run(SUCCEED, fork_safe=False) is None
    for keeper in servers()[0].children():
        for waiting in keeper.children():
            # It opens files as long as it imports modules. Then it sleeps.
            harness.watch(lambda child=waiting: child.status() == psutil.STATUS_SLEEPING)
            waiting.rlimit(psutil.RLIMIT_NOFILE, (waiting.num_fds(), 1024))
    job = harness.launch(SUCCEED, fork_safe=False)

    assert harness.end(job) is None
    assert {wants for _, wants in harness.waits()} == {"free file descriptors"}
    assert len(harness.of(job, Launched)) == 1


def test_a_checkpoint_waits_for_space(harness, break_server) -> None:
    """The trial has succeeded, so the disk must not cost it its result."""
    break_server(Fault("server", "rename", errno.ENOSPC, "checkpoint.part", times=2))
    job = harness.launch(KEEP, time_limit=60.0)

    assert harness.end(job) is None
    [waiting] = harness.of(job, Waiting)
    assert waiting.wants == f"space on the disk of {harness.folder}"
    assert (harness.folder / "trials/0/1/checkpoint/weights").read_text() == "42"


@pytest.mark.parametrize(("mode", "own"), [(0o700, False), (0o500, True)])
def test_a_forbidden_checkpoint_is_the_fault_of_a_job_that_forbade_it(
    harness, break_server, mode, own
) -> None:
    break_server(Fault("server", "rename", errno.EACCES, "checkpoint.part"))
    forbid = f"import os\nos.chmod(os.path.dirname(t.checkpoint_dir()), {mode})\n"
    job = harness.launch(KEEP + forbid)
    harness.watch(lambda: bool(harness.of(job, Ended) or harness.of(job, Refused)))

    message = "its checkpoint cannot be kept: Permission denied"
    last = (
        Ended(job.name, Failure(FailureKind.LOST, message)) if own else Refused(job.name, message)
    )
    assert harness.of(job)[-1] == last


def test_a_job_that_waits_to_keep_its_checkpoint_can_be_stopped(harness, break_server) -> None:
    break_server(Fault("server", "rename", errno.ENOSPC, "checkpoint.part", times=ALWAYS))
    job = harness.launch(KEEP)
    harness.watch(harness.waits)
    harness.platform.cancel(job.name)

    assert harness.end(job) == Failure(FailureKind.KILLED, "cancelled")


@pytest.mark.parametrize("path", ["weights", "checkpoint.part", "trials/0/1"])
def test_a_checkpoint_is_on_the_disk_before_its_job_ends(harness, break_server, path) -> None:
    """A flush that fails is final: the system has forgotten the data, and would not say so."""
    break_server(Fault("server", "fsync", errno.ENOSPC, path))
    reason = harness.refused(KEEP)

    assert "its checkpoint cannot be written to the disk: No space left on device" in reason


def test_a_job_without_a_checkpoint_flushes_nothing(harness, break_server) -> None:
    break_server(Fault("server", "fsync", errno.EIO, times=ALWAYS))

    assert harness.run(SUCCEED) is None


def test_a_server_that_dies_again_and_again_is_given_up(harness, break_server) -> None:
    break_server(Fault("server", "fork", None, times=ALWAYS))
    reason = harness.refused(SUCCEED)

    assert reason.startswith("the fork server that ran it ended with exit code -9; ")
    assert reason.endswith("fork-server.log` may tell why")


@pytest.mark.parametrize("error", [errno.EROFS, errno.EIO, errno.EPERM, errno.ENOLINK, 0])
def test_only_listed_errors_are_waited_for(error) -> None:
    assert read_refusal(refused("why", error), Path("/data")) == ("", "why")
