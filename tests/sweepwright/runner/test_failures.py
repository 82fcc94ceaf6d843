"""The failure of a job is derived from the traces that it left."""

from pathlib import Path

import pytest

from sweepwright.events import FailureKind
from sweepwright.runner.failures import count_oom_kills, explain, find_oom_counter

TRACEBACK = """\
Traceback (most recent call last):
  File "x.py", line 1, in <module>
    train()
"""


def judge(folder: Path, printed: str, code: int = 1, **changes):
    """Explain a process with some output and an exit code."""
    (folder / "main-0.stderr").write_text(printed)
    first_failure = {"role": "main", "rank": 0, "code": code, "reason": None, **changes}
    return explain(first_failure, named=False, folder=folder, out_of_memory=False)


@pytest.mark.parametrize(
    ("printed", "kind", "message"),
    [
        (TRACEBACK + "ValueError: bad lr\n", "error", "ValueError: bad lr"),
        (TRACEBACK + "ValueError: bad lr\nand more\n\n", "error", "ValueError: bad lr"),
        (TRACEBACK + "mine.Odd\n", "error", "mine.Odd"),
        (TRACEBACK + "MemoryError\n", "memory", "MemoryError"),
        (TRACEBACK + "torch.OutOfMemoryError: CUDA\n", "memory", "torch.OutOfMemoryError: CUDA"),
        (TRACEBACK + "A: 1\n\nDuring …\n\n" + TRACEBACK + "B: 2\n", "error", "B: 2"),
        (TRACEBACK, "exit", "exit code 1: train()"),
        ("oh\n\n", "exit", "exit code 1: oh"),
        ("", "exit", "exit code 1"),
        ("x" * 5000, "exit", "exit code 1: xxx"),
    ],
)
def test_the_last_lines_of_a_program_are_read(tmp_path, printed, kind, message) -> None:
    failure = judge(tmp_path, printed)

    assert failure.kind == kind
    assert failure.message.startswith(message)
    assert len(failure.message) <= 500


def test_missing_output_is_no_obstacle(tmp_path) -> None:
    first_failure = {"role": "main", "rank": 0, "code": 2, "reason": None}
    failure = explain(first_failure, named=True, folder=tmp_path / "gone", out_of_memory=True)

    assert failure.kind == FailureKind.EXIT
    assert failure.message == "role `main` rank 0: exit code 2"


V2 = "low 0\nhigh 0\nmax 3\noom 1\noom_kill 4\noom_group_kill 0\n"
V1 = "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n"


@pytest.mark.parametrize(
    ("membership", "file", "text", "count"),
    [
        ("0::/user/me\n", "user/me/memory.events", V2, 4),
        ("9:cpu:/x\n4:memory:/box/1\n", "memory/box/1/memory.oom_control", V1, 5),
    ],
)
def test_the_oom_counter_is_found_in_both_cgroup_versions(
    tmp_path, membership, file, text, count
) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text)
    (tmp_path / "membership").write_text(membership)

    counter = find_oom_counter(tmp_path, tmp_path / "membership")
    assert counter == tmp_path / file
    assert count_oom_kills(counter) == count


def test_without_a_cgroup_the_counter_of_the_machine_is_used(tmp_path) -> None:
    assert find_oom_counter(tmp_path, tmp_path / "none") == Path("/proc/vmstat")


def test_a_missing_counter_reads_0(tmp_path) -> None:
    assert count_oom_kills(tmp_path / "nothing") == 0
