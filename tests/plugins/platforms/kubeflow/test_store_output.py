"""What a trial prints is kept in the sweep's folder, as far as anybody can want to read it."""

from pathlib import Path

import pytest

from sweepwright.plugins.platforms.kubeflow import store_output
from sweepwright.plugins.platforms.kubeflow.api.resources import JOB
from sweepwright.plugins.platforms.kubeflow.jobs.active_job import ActiveJob
from sweepwright.plugins.platforms.kubeflow.store_output import StoreOutput

LIMIT = 1 << 20
JOB_OF_TRIAL_3 = ActiveJob("s-3-1", 3, 1, JOB, {"metadata": {"name": "sw-s-3-1"}}, "main")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store_output, "LONGEST_OUTPUT", LIMIT)
    return tmp_path / "trials" / "3" / "1" / "main-0.stdout"


def print_lines(store: StoreOutput, numbers: range) -> None:
    for number in numbers:
        line = b"%0255d\n" % number
        store.write_text(JOB_OF_TRIAL_3, "main-0", 256 * number, line)


@pytest.mark.parametrize("restarted_at", [0, LIMIT // 256 - 9, LIMIT // 256 + 9])
def test_of_a_long_output_the_beginning_and_the_end_are_kept(
    tmp_path: Path, written: Path, restarted_at: int
) -> None:
    print_lines(StoreOutput(tmp_path), range(restarted_at))
    # The next driver reads some lines once more.
    print_lines(StoreOutput(tmp_path), range(max(0, restarted_at - 20), LIMIT // 256 + 1000))
    head, note, tail = written.read_bytes().partition(b"\n[sweepwright keeps the first 1 MiB")

    assert head == b"".join(b"%0255d\n" % n for n in range(LIMIT // 256 + 1))[:LIMIT]
    assert note
    assert tail.endswith(b"%0255d\n" % (LIMIT // 256 + 999))
    assert tail.count(b"\n") <= 1002


def test_an_output_without_end_takes_little_space(tmp_path: Path, written: Path) -> None:
    store = StoreOutput(tmp_path)
    piece = b"x" * (1 << 16)
    for number in range(200):
        store.write_text(JOB_OF_TRIAL_3, "main-0", number * len(piece), piece)
    store.write_text(JOB_OF_TRIAL_3, "main-0", 1 << 80, b"the end\n")

    assert written.stat().st_size < LIMIT + (1 << 19)
    assert written.read_bytes().endswith(b"xthe end\n")
