"""Every descendant of a trial's process can report, and has a moment to end after it."""

import os
import sys
from pathlib import Path

import pytest

from sweepwright.contracts import Command, PythonFile
from sweepwright.protocol import read_line
from tests.optional_packages import require

CHILD = "import sweepwright; sweepwright.report_intermediate_result(1)"
WAYS = {
    "subprocess": f"""
        import subprocess, sys
        subprocess.run([sys.executable, "-c", "{CHILD}"], check=True)
    """,
    "a new session without descriptors": f"""
        import subprocess, sys
        subprocess.run(
            [sys.executable, "-c", "{CHILD}"], check=True, close_fds=True, start_new_session=True
        )
    """,
    "fork": """
        import os
        from sweepwright import report_intermediate_result
        if os.fork() == 0:
            report_intermediate_result(1)
            os._exit(0)
        os.wait()
    """,
    **{
        method: f"""
            import multiprocessing
            from sweepwright import report_intermediate_result
            if __name__ == "__main__":
                processes = multiprocessing.get_context("{method}")
                child = processes.Process(target=report_intermediate_result, args=(1,))
                child.start()
                child.join()
        """
        for method in ("spawn", "forkserver")
    },
    "loky": """
        from joblib import Parallel, delayed
        from sweepwright import report_intermediate_result
        Parallel(n_jobs=2)(delayed(report_intermediate_result)(1) for _ in range(1))
    """,
    "os.closerange": """
        import os
        os.closerange(3, 256)
        from sweepwright import report_intermediate_result
        report_intermediate_result(1)
    """,
}
FINAL = (
    "\nif __name__ == '__main__':\n    import sweepwright; sweepwright.report_final_result(2)\n"
)


def heard(harness, job):
    """Run a job to its end, and return its reports."""
    assert harness.end(job) is None, harness.printed(job.trial)
    return [read_line(line) for line in harness.lines(job)]


def indented(code: str) -> str:
    """Return code with a final result at its end."""
    lines = code.strip("\n").splitlines()
    margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join(line[margin:] for line in lines) + FINAL


@pytest.mark.parametrize("way", WAYS)
def test_the_report_of_a_descendant_is_heard(harness, way: str) -> None:
    if way == "loky":
        require("joblib")
    first, last = heard(harness, harness.launch(indented(WAYS[way])))

    assert (first.metrics, first.final) == ({"default": 1}, False)
    assert (last.metrics, last.final) == ({"default": 2}, True)
    assert (first.process == last.process) is (way == "os.closerange")


def test_each_step_of_a_shell_script_is_a_process_of_its_own(harness) -> None:
    steps = (
        "sweepwright.report_intermediate_result(1)",
        "sweepwright.report_intermediate_result(2); sweepwright.report_intermediate_result(3)",
        "sweepwright.report_final_result(4)",
    )
    python = sys.executable
    script = "\n".join(f"{python} -c 'import sweepwright; {step}' || exit" for step in steps)

    lines = heard(harness, harness.launch(Command(("bash", "-c", script))))
    assert [line.metrics["default"] for line in lines] == [1, 2, 3, 4]
    assert [line.sequence for line in lines] == [0, 0, 1, 0]
    assert len({line.process for line in lines}) == 3
    assert {line.role for line in lines} == {"main"}


def test_a_report_never_reaches_a_file_of_the_user(harness) -> None:
    """A script that closes all descriptors gets their numbers for its own files."""
    job = harness.launch("""
        import os, sweepwright
        sweepwright.report_intermediate_result(1)
        os.closerange(3, 256)
        with open("mine.csv", "w") as file:
            copies = [os.dup(file.fileno()) for _ in range(20)]
            file.write("a,b\\n")
            sweepwright.report_final_result(2)
    """)

    assert len(heard(harness, job)) == 2
    assert (harness.folder / "mine.csv").read_text() == "a,b\n"


def test_long_lines_of_several_processes_and_threads_do_not_mix(harness) -> None:
    job = harness.launch("""
        import os, threading, sweepwright
        metrics = {"m%d" % n: 0.5 for n in range(2000)}
        def report():
            for _ in range(5):
                sweepwright.report_intermediate_result(metrics)
                sweepwright.report_intermediate_result(1)
        children = [os.fork() for _ in range(2)]
        threads = [threading.Thread(target=report) for _ in range(2)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        for child in filter(None, children): os.waitpid(child, 0)
        if all(children): sweepwright.report_final_result(2)
    """)
    lines = heard(harness, job)

    assert None not in lines
    assert len({(line.process, line.sequence) for line in lines}) == 4 * 20 + 1
    assert len({line.process for line in lines}) == 4


def test_a_copy_of_an_old_trial_api_still_reports(harness) -> None:
    """It appends to `file:<path>` without knowing that the file is a pipe."""
    job = harness.launch("""
        import os
        with open(os.environ["SWEEPWRIGHT_REPORTS"][len("file:"):], "ab", buffering=0) as file:
            file.write(b'{"sweepwright": 1, "attempt": 1, "role": "main", "rank": 0, '
                       b'"sequence": 0, "kind": "final", "metrics": {"default": 1}}\\n')
    """)
    [line] = heard(harness, job)

    assert (line.process, line.sequence, line.final) == ("", 0, True)


def test_a_report_without_a_driver_is_an_error_that_says_so(harness, tmp_path) -> None:
    os.mkfifo(tmp_path / "unread")
    failure = harness.run(f"""
        import os, sweepwright
        os.environ["SWEEPWRIGHT_REPORTS"] = "file:{tmp_path}/unread"
        sweepwright.report_final_result(1)
    """)

    assert "BrokenPipeError: [Errno 32] no one reads this trial's reports" in failure.message


def test_a_report_after_the_pipe_was_deleted_is_an_error_and_makes_no_file(harness) -> None:
    failure = harness.run("""
        import os, sweepwright
        os.unlink(os.environ["SWEEPWRIGHT_REPORTS"][len("file:"):])
        sweepwright.report_final_result(1)
    """)

    assert "BrokenPipeError" in failure.message
    assert list((harness.folder / "reports").iterdir()) == []


def test_a_child_that_is_forked_during_a_report_does_not_block_later_reports(harness) -> None:
    """The child has a copy of the descriptor, and with it of the lock."""
    job = harness.launch("""
        import os, time, sweepwright.trial as trial
        write = trial._write_all
        def forking(descriptor, data):
            if os.fork() == 0:
                time.sleep(600)
            write(descriptor, data)
        trial._write_all = forking
        trial.report_intermediate_result(1)
        trial._write_all = write
        trial.report_final_result(2)
    """)

    assert len(heard(harness, job)) == 2


def test_a_signal_handler_may_report_during_a_report(harness) -> None:
    job = harness.launch("""
        import os, signal, sweepwright.trial as trial
        signal.signal(signal.SIGUSR1, lambda *_: trial.report_intermediate_result(2))
        write = trial._write_all
        def interrupted(descriptor, data):
            trial._write_all = write
            os.kill(os.getpid(), signal.SIGUSR1)
            write(descriptor, data)
        trial._write_all = interrupted
        trial.report_intermediate_result(1)
        trial.report_final_result(3)
    """)

    assert [line.metrics["default"] for line in heard(harness, job)] == [2, 1, 3]


def test_named_pipes_are_removed_with_their_jobs(harness) -> None:
    """Programs such as `cat` and `shutil.copytree` hang or fail at a named pipe."""
    (harness.folder / "reports").mkdir()
    os.mkfifo(harness.folder / "reports" / "left by a killed driver")
    running = harness.launch("import time\ntime.sleep(60)")
    harness.run("pass")
    names = {path.name for path in (harness.folder / "reports").iterdir()}
    harness.platform.close()

    assert names == {running.name, "left by a killed driver", ".spare-0"}
    assert not (harness.folder / "reports").exists()


LEFT = {
    "pipe": """
        import os
        filter = os.popen("sleep 0.05; cat > left", "w")
        filter.write("data")
    """,
    "failure": """
        import subprocess
        filter = subprocess.Popen("sleep 0.05; cat > left", shell=True, stdin=subprocess.PIPE)
        filter.stdin.write(b"data")
        raise SystemExit(3)
    """,
    "shared memory": """
        from multiprocessing import shared_memory
        memory = shared_memory.SharedMemory(create=True, size=4)
        memory.buf[:] = b"data"
        with open("left", "w") as file:
            file.write("data")
        with open("name", "w") as file:
            file.write("/dev/shm/" + memory.name)
    """,
}


@pytest.mark.parametrize("what", LEFT)
def test_what_a_script_started_may_end_by_itself_after_it(harness, what: str) -> None:
    """By hand, a filter writes what is left in its pipe, and shared memory is removed."""
    harness.run(LEFT[what])

    assert (harness.folder / "left").read_text() == "data"
    for name in harness.folder.glob("name"):
        assert not Path(name.read_text()).exists()


@pytest.mark.ci_only
@pytest.mark.parametrize(
    ("module", "options", "ranks"),
    [
        ("torch.distributed.run", "--standalone --nproc-per-node=2", [0, 1]),
        (
            "accelerate.commands.launch",
            "--cpu --num_processes=1 --num_machines=1 --mixed_precision=no --dynamo_backend=no",
            [0],
        ),
    ],
)
def test_the_workers_of_a_launcher_are_heard(harness, module, options, ranks) -> None:
    require(module.split(".")[0])
    worker = harness.file(
        "import os, sweepwright\n"
        "sweepwright.report_intermediate_result(int(os.environ.get('RANK', 0)))\n",
        "worker",
    )
    starter = harness.file(f"""
        import subprocess, sys, sweepwright
        options = "{options}".split()
        subprocess.run([sys.executable, "-m", "{module}", *options, "{worker.path}"], check=True)
        sweepwright.report_final_result(9)
    """)
    lines = heard(harness, harness.launch(PythonFile(starter.path)))

    assert sorted(line.metrics["default"] for line in lines) == [*ranks, 9]
    assert len({line.process for line in lines}) == len(lines)
