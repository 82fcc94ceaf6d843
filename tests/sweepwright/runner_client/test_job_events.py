"""Events of a runner become those of the contract."""

import pytest

from sweepwright.contracts import Ended, Launched, Output, Refused, Waiting
from sweepwright.events import Failure, FailureKind
from sweepwright.runner_client.job_events import job_event


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"event": "launched", "handle": {"pids": [1]}}, Launched("j", {"pids": [1]})),
        ({"event": "waiting", "wants": "1 gpu", "refusal": ""}, Waiting("j", "1 gpu")),
        ({"event": "output", "line": "{}", "at": 9}, Output("j", "{}", ["log", 9])),
        ({"event": "ended", "failure": None}, Ended("j")),
        ({"event": "refused", "reason": "read-only"}, Refused("j", "read-only")),
    ],
)
def test_each_event_has_its_counterpart(event, expected) -> None:
    assert job_event({"job": "j", **event}, ["log", 9]) == expected


def test_the_class_of_a_failure_is_restored() -> None:
    failure = {"kind": "memory", "message": "x"}
    ended = job_event({"event": "ended", "job": "j", "failure": failure})

    assert ended == Ended("j", Failure(FailureKind.MEMORY, "x"))
    assert ended.failure
    assert ended.failure.kind is FailureKind.MEMORY


@pytest.mark.parametrize("event", [{"event": "accepted", "job": "j"}, {}, None])
def test_what_is_no_event_of_a_job_is_an_error(event) -> None:
    with pytest.raises(ValueError, match="unknown event"):
        job_event(event)
