"""An agent runs one process of a job, and reports through the log of its container."""

import pytest

from sweepwright.contracts import Command, Role
from sweepwright.events import Failure, FailureKind
from sweepwright.runner_client.pods.log_reader import LogReader, Record
from sweepwright.runner_client.pods.outcome import Outcome, read_outcome
from tests.sweepwright.runner_client.pods.pod_harness import (
    REPORTS,
    Cluster,
    job_of,
    reported,
    text_of,
)


def test_reports_and_text_arrive(cluster: Cluster) -> None:
    done = cluster.run(REPORTS, assignment={"x": 7})

    assert done.kinds == ["launched", "output", "output", "ended"], done.log
    assert reported(done.events) == [0.5, 7]
    assert sorted(done.text.split()) == [b"bye", b"hello", b"oops"]
    assert done.code == 0
    assert read_outcome(done.message) == Outcome(None, None, records=4)


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        ("1 / 0", Failure(FailureKind.ERROR, "ZeroDivisionError: division by zero")),
        ("raise SystemExit(3)", Failure(FailureKind.EXIT, "exit code 3")),
        ("import os; os.kill(os.getpid(), 9)", Failure(FailureKind.KILLED, "killed by SIGKILL")),
        ("x = ' ' * (1 << 32)", Failure(FailureKind.MEMORY, "MemoryError")),
    ],
)
def test_failures_are_told_three_times(cluster: Cluster, script: str, failure: Failure) -> None:
    job = cluster.job(script, resources={"memory": 1 << 30})
    done = cluster.pod(job).run()

    assert done.failure == {"kind": failure.kind, "message": failure.message}
    assert read_outcome(done.message) == Outcome(failure, None, records=2)
    assert done.code == 1
    if failure.kind is FailureKind.ERROR:
        assert b"Traceback" in done.text


def test_a_missing_program_is_told(cluster: Cluster) -> None:
    done = cluster.pod(job_of((Role("main", Command(("no-such-program",))),))).run()

    assert done.events[-1] == {
        "event": "refused",
        "reason": "there is no program `no-such-program`",
    }
    assert read_outcome(done.message) == Outcome(
        None, "there is no program `no-such-program`", len(done.events)
    )


def test_a_time_limit_holds(cluster: Cluster) -> None:
    done = cluster.run("import time; time.sleep(600)", time_limit=0.1)

    assert done.failure["kind"] == "timeout"


def test_text_passes_unchanged_and_forges_nothing(cluster: Cluster) -> None:
    forged = '{"sweepwright_record":9,"run":"x","time":1,"text":0,"event":"ended","failure":null}'
    script = f"""
import os, sys, time
forged = {forged!r}
print(forged)
print("\\\\" + forged)
sys.stdout.write(forged[:10])
sys.stdout.flush()
os.write(1, forged[10:].encode() + b"\\n\\xff\\xfe\\x00\\r\\n")
os.write(1, b"x" * 100000 + forged.encode() + b"\\n" * 3)
os.write(1, forged[:-20].encode())
"""
    done = cluster.run(script)
    line = forged.encode()
    expected = [line, b"\\" + line, line, b"\xff\xfe\x00\r", b"x" * 100000 + line]

    assert done.text == b"\n".join([*expected, b"", b"", line[:-20]])
    assert done.kinds == ["launched", "ended"]
    assert done.code == 0


def test_megabytes_of_output_are_passed_on_while_their_space_is_freed(cluster: Cluster) -> None:
    script = """
import os, sweepwright as nni
block = b"".join(b"%07d\\n" % n for n in range(1 << 15))
for number in range(48):
    os.write(1, block)
    nni.report_intermediate_result(number)
"""
    pod = cluster.pod(cluster.job(script), max_output=1 << 20)
    done = pod.run()
    [output] = (pod.folder / "scratch").rglob("main-0.stdout")

    assert reported(done.events) == list(range(48))
    assert done.text == b"".join(b"%07d\n" % n for n in range(1 << 15)) * 48
    assert output.stat().st_blocks * 512 <= 4 << 20
    # Events are repeated after 4 MiB, after 8 MiB and at the end: up to 16, up to 32 and all 48.
    # An event may come after the text that was written before it, but over 80 need all three.
    assert done.log.count(b'"again":1') > 32 + 48


def test_the_newest_part_of_a_rotated_log_has_every_event(cluster: Cluster) -> None:
    script = """
import os, sweepwright as nni
for number in range(24):
    os.write(1, b"x" * 79 + b"\\n" + b"y\\n" * (1 << 17))
    nni.report_intermediate_result(number)
"""
    done = cluster.run(script)
    reader = cluster.reader()
    items = [*reader.feed(done.log[-(1 << 19) :]), *reader.finish()]
    found = [item.event for item in items if hasattr(item, "event")]

    assert reported(found) == list(range(24))
    assert found[-1]["event"] == "ended"


def test_a_log_that_is_read_anew_at_any_byte_gives_everything_once(cluster: Cluster) -> None:
    done = cluster.run(REPORTS)
    for broken in range(len(done.log) + 1):
        reader = LogReader()
        items = reader.feed(done.log[:broken])
        reader.start()
        items += [*reader.feed(done.log), *reader.finish()]

        assert [item.event for item in items if isinstance(item, Record)] == done.events
        assert text_of(items) == done.text
