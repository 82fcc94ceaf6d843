"""What a plan derives from its fields, and what identifies it."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from sweepwright.contracts import Budget
from sweepwright.core.plan.plan import Selection
from sweepwright.core.plan.plan_json import fingerprint, plan_body, read_plan
from sweepwright.core.store.store_errors import IMPOSSIBLE
from sweepwright.events import Start
from tests.core.driver.preview.preview_plugins import WITH_BRACKETS
from tests.core.examples import ASSIGNMENT, plan


@pytest.mark.parametrize(("budget", "full"), [(None, None), (Budget(81), 81)])
def test_the_full_budget_is_the_largest_one(budget: Budget | None, full: float | None) -> None:
    assert plan(budget=budget).full_budget == full


@pytest.mark.parametrize(
    ("max_trials", "ends_after", "trials"),
    [(8, None, 8), (8, 3, 4), (2, 3, 2), (None, None, None)],
)
def test_trials_end_at_the_first_limit(
    max_trials: int | None, ends_after: int | None, trials: int | None
) -> None:
    """The end of a tuner counts its own trials, and not the one under `start`."""
    of = plan(max_trials=max_trials, ends_after=ends_after, start=(ASSIGNMENT,))

    assert of.most_trials == trials


def test_start_assignments_are_suggested_in_order_with_the_full_budget() -> None:
    start = tuple({**ASSIGNMENT, "layers": number} for number in range(3))
    of = plan(start=start, budget=Budget(9))

    assert of.start_suggestions(1, 1) == [Start(start[1], 9)]
    assert of.start_suggestions(1, 5) == [Start(start[1], 9), Start(start[2], 9)]
    assert of.start_suggestions(3, 5) == []


def test_a_plugin_cannot_change_a_plan_through_a_suggestion() -> None:
    of = plan(start=({"layer": {"_name": "conv"}},))
    (suggestion,) = of.start_suggestions(0, 1)
    suggestion.assignment["layer"]["_name"] = "pool"

    assert of.start == ({"layer": {"_name": "conv"}},)


@pytest.mark.parametrize(
    "change",
    [
        {"max_trials": 99},
        {"concurrency": 9},
        {"store": "elsewhere"},
        {"platform": Selection("platform", "another")},
        {"tuner": Selection("tuner", "random", {}, "sweepwright 9.9")},
    ],
)
def test_the_fingerprint_covers_no_limits_paths_or_releases(change: dict[str, Any]) -> None:
    assert fingerprint(plan(**change)) == fingerprint(plan())


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"budget": Budget(9)}, {"start": (ASSIGNMENT,)}, {"reproducible": True}],
)
def test_the_fingerprint_covers_what_identifies_a_sweep(change: dict[str, Any]) -> None:
    assert fingerprint(plan(**change)) != fingerprint(plan())


def test_the_nni_v0_format_keeps_its_key_in_journals() -> None:
    body = plan_body(plan(nni_v0_format=True))

    assert body["oldest"] is True
    assert read_plan(body).nni_v0_format


ODD_VALUES: list[Any] = [None, "x", 1.5, [], [1], {}, True, float("inf"), "\ud83d"]


def test_a_value_of_another_type_in_a_plan_is_noticed_when_it_is_read() -> None:
    """Whatever a journal of a stranger holds, a plan that was read can be shown and written."""
    whole = plan_body(replace(WITH_BRACKETS, start=(ASSIGNMENT,)))
    read = refused = 0
    for path in _paths(whole):
        for odd in ODD_VALUES:
            body = deepcopy(whole)
            section = body
            for key in path[:-1]:
                section = section[key]
            section[path[-1]] = odd
            try:
                fingerprint(read_plan(body))
                read += 1
            except IMPOSSIBLE:
                refused += 1

    assert refused > 2 * read > 0


def _paths(body: Any) -> Iterator[tuple[Any, ...]]:
    items = body.items() if isinstance(body, dict) else enumerate(body)
    for key, value in items:
        yield (key,)
        if isinstance(value, dict | list):
            yield from ((key, *rest) for rest in _paths(value))


def test_a_plan_with_brackets_is_read_as_it_was_written() -> None:
    of = replace(WITH_BRACKETS, ends_after=13, start=(ASSIGNMENT,))

    assert read_plan(plan_body(of)) == of
