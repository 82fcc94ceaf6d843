"""A termination message tells the outcome, or nothing at all."""

import json
from pathlib import Path

import pytest

from sweepwright.events import Failure, FailureKind
from sweepwright.runner.pod.termination import shortened, write_outcome
from sweepwright.runner_client.pods.outcome import Outcome, read_outcome

LONG = 'é🦊\\"\n' * 5000


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ({"failure": None}, Outcome(None, None, 3)),
        (
            {"failure": {"kind": "memory", "message": "x"}},
            Outcome(Failure(FailureKind.MEMORY, "x"), None, 3),
        ),
        ({"refused": "no disk"}, Outcome(None, "no disk", 3)),
    ],
)
def test_an_outcome_is_written_and_read(
    tmp_path: Path, outcome: dict[str, object], expected: Outcome
) -> None:
    (tmp_path / "log").write_text("something long from before")
    write_outcome(str(tmp_path / "log"), outcome, 3)

    assert read_outcome((tmp_path / "log").read_text()) == expected


@pytest.mark.parametrize(
    "outcome",
    [
        {"failure": {"kind": "error", "message": LONG}},
        {"refused": LONG},
        {"refused": "🦊" * 5000},
        {"refused": "\0" * 5000},
        {"refused": "\ud800" * 5000},
    ],
)
def test_a_long_reason_fits_into_what_kubernetes_keeps(
    tmp_path: Path, outcome: dict[str, object]
) -> None:
    (tmp_path / "log").touch()
    write_outcome(str(tmp_path / "log"), outcome, 10**9)

    assert (tmp_path / "log").stat().st_size <= 4096
    assert read_outcome((tmp_path / "log").read_text())


def test_no_file_is_made_where_the_cluster_has_made_none(tmp_path: Path) -> None:
    write_outcome(str(tmp_path / "log"), {"failure": None}, 3)
    write_outcome(None, {"failure": None}, 3)

    assert list(tmp_path.iterdir()) == []


def test_a_short_outcome_stays_as_it_is() -> None:
    outcome = {"failure": {"kind": "error", "message": "x"}}

    assert shortened(outcome) == outcome


def ended(**members: object) -> str:
    return json.dumps({"sweepwright_ended": members})


@pytest.mark.parametrize(
    "text",
    [
        *("", "Traceback (most recent call last):", "{", "[]", "null", "[" * 100_000, "\ud800"),
        *('{"sweepwright_ended": NaN}', ended(), ended(failure=None), ended(records=1)),
        ended(failure={"kind": "x", "message": "y"}, records=1),
        ended(failure={"kind": "error", "message": 1}, records=1),
        ended(failure=None, records=-1),
        ended(refused=1, records=1),
        ended(refused="x" * (1 << 20), records=1),
    ],
)
def test_anything_else_is_no_outcome(text: str) -> None:
    assert read_outcome(text) is None
