"""The cost of an ask includes refits, and slow peers are measured after short histories only."""

import pytest

from benchmarks.comparison import latency
from benchmarks.comparison.cost import Cost, asks_after, measure
from benchmarks.comparison.participants import Participant, participant


def test_a_measurement_is_as_long_as_trials_need_to_grow_by_a_tenth() -> None:
    assert [asks_after(past) for past in (100, 1_000, 100_000)] == [40, 100, 300]


def test_all_asks_of_a_fast_tuner_are_measured() -> None:
    cost = measure("random", 10)

    assert cost.asks == 40
    assert cost.milliseconds > 0


def test_a_slow_peer_is_compared_where_it_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def fake(one: Participant, past: int) -> Cost:
        return Cost(past * (10.0 if one.is_peer else 1.0), 2.0, past / 10, 40)

    monkeypatch.setattr(latency, "_in_fresh_process", fake)
    lines = list(latency.latency_tables([participant("random"), participant("smac3")]))

    assert "| `smac3` | 1000.00 (40) | 10000.00 (40) |  | 2.0 | 100 |" in lines
    assert "| `smac3` | 10.0 | 10.0 |  | 1.0 | 1.0 |" in lines
