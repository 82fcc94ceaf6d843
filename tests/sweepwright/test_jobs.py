"""Jobs, and the events that platforms report about them."""

from sweepwright.jobs import machines_of


def test_the_machines_of_a_job_are_in_its_handle() -> None:
    parts = [{"machine": "a"}, {"machine": "b"}, {"machine": "a"}]

    assert machines_of({"machine": "a", "log": "x"}) == ["a"]
    assert machines_of({"machine": "a", "log": "x", "parts": parts}) == ["a", "b"]


def test_a_handle_that_names_no_machine_has_none() -> None:
    assert [machines_of(handle) for handle in (None, 7, {"made": "up"}, {"machine": 1})] == [
        []
    ] * 4
    assert machines_of({"machine": "a", "parts": ["odd", {"log": "x"}]}) == []
