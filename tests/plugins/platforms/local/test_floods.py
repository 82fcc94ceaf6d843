"""The driver copes with any amount and kind of output."""

import resource
import time
from pathlib import Path

import pytest

from sweepwright.contracts import Ended, Launched, Output, Role
from sweepwright.protocol import read_line


@pytest.mark.ci_only
def test_a_million_reports_need_little_memory(harness) -> None:
    """All arrive, in order; the trial waits for the driver, and not the reverse."""
    job = harness.launch("""
        import os
        with open(os.environ["SWEEPWRIGHT_REPORTS"][5:], "w", buffering=1 << 16) as reports:
            for number in range(1_000_000):
                print(number, file=reports)
    """)
    expected, ended, most = 0, False, 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while not ended:
        seen = harness.platform.poll(10)
        lines = [int(s.line) for s in seen if isinstance(s, Output)]
        assert lines == list(range(expected, expected + len(lines)))
        expected += len(lines)
        most = max(most, len(lines))
        ended = isinstance(seen[-1], Ended)

    assert seen[-1] == Ended(job.name, None)
    assert expected == 1_000_000
    assert most < 100_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


def test_a_trial_with_many_reports_does_not_delay_another(harness) -> None:
    loud = harness.launch("""
        import os
        descriptor = os.open(os.environ["SWEEPWRIGHT_REPORTS"][5:], os.O_WRONLY)
        while True:
            os.write(descriptor, b"x\\n" * 1000)
    """)
    harness.watch(lambda: bool(harness.of(loud, Output)))
    harness.seen.clear()
    quiet = harness.launch("from sweepwright.trial import report_final_result as r\nr(1)\n")
    polls = 0
    while not harness.of(quiet, Ended):
        polls += 1
        harness.seen += [s for s in harness.platform.poll(1) if s.job == quiet.name]
    harness.platform.cancel(loud.name)

    assert [type(s) for s in harness.of(quiet)] == [Launched, Output, Ended]
    assert polls < 10_000


def test_what_a_trial_prints_never_passes_through_the_driver(harness) -> None:
    began = time.process_time()
    failure = harness.run("""
        import sys
        for _ in range(50):
            sys.stdout.write("x" * (1 << 20))
    """)

    assert failure is None
    assert (harness.folder / "trials/0/1/main-0.stdout").stat().st_size == 50 << 20
    assert time.process_time() - began < 1.0


def test_the_last_line_of_long_output_is_found(harness) -> None:
    failure = harness.run("""
        import sys
        sys.stderr.write("x" * (1 << 20) + "\\n")
        sys.exit("no data")
    """)

    assert failure is not None
    assert failure.message == "exit code 1: no data"


def test_binary_reports_arrive_as_unreadable_lines(harness) -> None:
    job = harness.launch("""
        import os
        from sweepwright.trial import report_final_result
        descriptor = os.open(os.environ["SWEEPWRIGHT_REPORTS"][5:], os.O_WRONLY)
        os.write(descriptor, b"\\xff\\xfe\\n\\n{]\\n\\0\\n")
        report_final_result(1)
        os.write(descriptor, b"half a li")
    """)

    assert harness.end(job) is None
    lines = harness.lines(job)
    assert len(lines) == 6
    assert [line for line in map(read_line, lines) if line] == [read_line(lines[4])]
    assert lines[5] == "half a li"


def test_a_driver_without_reports_waits_and_does_not_spin(harness) -> None:
    job = harness.launch("""
        import time
        from sweepwright.trial import report_final_result
        report_final_result(1)
        time.sleep(0.3)
    """)
    began = time.process_time()

    assert harness.end(job) is None
    assert len(harness.lines(job)) == 1
    assert time.process_time() - began < 0.2


def test_lines_before_a_failure_are_delivered_before_its_end(harness) -> None:
    job = harness.launch("""
        from sweepwright.trial import report_intermediate_result
        for step in range(400):
            report_intermediate_result(step)
        raise ValueError("late")
    """)
    harness.end(job)
    seen = harness.of(job)

    assert isinstance(seen[0], Launched)
    assert isinstance(seen[-1], Ended)
    assert len(harness.lines(job)) == 400


def test_every_reporting_role_is_heard(harness) -> None:
    entry = harness.file("from sweepwright.trial import report_final_result as r\nr(1)\n")
    job = harness.launch((Role("a", entry), Role("b", entry, replicas=2)))

    assert harness.end(job) is None
    read = [read_line(line) for line in harness.lines(job)]
    assert sorted((line.role, line.rank) for line in read if line) == [("a", 0), ("b", 0)]


def test_ended_jobs_leave_no_descriptor_open(harness) -> None:
    harness.run("pass")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(30):
        harness.run("pass")

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_output_of_a_trial_is_limited_while_it_runs_and_at_its_end(build_harness) -> None:
    harness = build_harness(max_output_mib=1)
    job = harness.launch("""
        import os, sys, time
        sys.stdout.write("first\\n" + "x" * (3 << 20) + "\\n")
        sys.stdout.flush()
        while os.stat("trials/0/1/main-0.stdout").st_size > 1 << 20:
            time.sleep(0.05)
        sys.stdout.write("later\\n")
        sys.stderr.write("y" * (2 << 20) + "\\n")
        sys.exit("no data")
    """)
    failure = harness.end(job)
    stdout, stderr = harness.printed(0)

    assert (stdout[:6], stdout[-6:]) == ("first\n", "later\n")
    assert len(stdout) + len(stderr) < 2 << 20
    assert "dropped 2," in stdout
    assert "dropped 1," in stderr
    assert "platform.max_output_mib=1]" in stdout
    assert stderr.endswith("no data\n")
    assert failure.message == "exit code 1: no data"


def test_without_a_limit_all_output_is_kept(build_harness) -> None:
    harness = build_harness(max_output_mib=None)
    harness.run("print('x' * (2 << 20))")

    assert len(harness.printed(0)[0]) == (2 << 20) + 1
    assert isinstance(harness.seen[-1], Ended)
