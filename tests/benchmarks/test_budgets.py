"""The clock of the race of tuners with budgets, what it counts, and how peers are driven."""

from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.budgets.budgeted_tuner import Segment
from benchmarks.budgets.climbing import Climbing, rungs
from benchmarks.budgets.curves import SPREAD, Curves
from benchmarks.budgets.ours import Ours
from benchmarks.budgets.participants import build
from benchmarks.budgets.rank_correlations import rank_correlations
from benchmarks.budgets.simulated import FAMILIES, SPACE, simulated
from benchmarks.budgets.simulation import Simulation, Trace, simulate
from benchmarks.budgets.utilisation import Span, busy_shares
from benchmarks.problems.landscape import row_values
from benchmarks.problems.spaces import nested_space
from sweepwright.budgets import Budget
from sweepwright.contracts import Problem
from sweepwright.events import Event, Measured, Opened, Promote, Start
from sweepwright.seeds import rng
from sweepwright.space import Real

LINE = Curves(
    "test/line",
    nested_space({"x": Real(0, 1)}),
    Budget(maximum=9, minimum=1),
    lambda values, units: values["x"] + 1 / units,
)


class Script:
    """A contender that follows a script, one ask a line, and remembers what it was told."""

    def __init__(self, *asks: Sequence[Segment]) -> None:
        self._asks = list(asks)
        self.told: list[tuple[Segment, float]] = []

    def ask(self, count: int) -> Sequence[Segment]:
        segments = self._asks.pop(0) if self._asks and count else []
        assert len(segments) <= count
        return segments

    def tell(self, segment: Segment, value: float) -> None:
        self.told.append((segment, value))


def segment(trial: int, x: float, begin: int, end: int) -> Segment:
    return Segment(trial, {"x": x}, begin, end)


def never(_played: Simulation) -> bool:
    return False


def test_segments_end_in_the_order_of_the_clock_with_the_loss_at_their_budget() -> None:
    long, short = segment(0, 0.25, 0, 9), segment(1, 0.5, 0, 1)
    assert 9 * LINE.pace(long.values) > LINE.pace(short.values)
    script = Script([long, short])
    played = simulate(script, LINE, 2, never)

    assert script.told == [(short, 1.5), (long, 0.25 + 1 / 9)]
    assert played.now == pytest.approx(9 * LINE.pace(long.values))
    assert (played.spent, played.trials) == (10, 2)


def test_a_continued_segment_costs_only_the_difference() -> None:
    script = Script([segment(0, 0.5, 0, 3)], [segment(0, 0.5, 3, 9)])
    played = simulate(script, LINE, 1, never)

    assert played.spent == 9
    assert played.now == pytest.approx(9 * LINE.pace({"x": 0.5}))
    assert played.trials == 1


def test_the_trace_counts_the_units_of_all_workers_in_the_order_of_the_clock() -> None:
    script = Script([segment(0, 0.0, 0, 9), segment(1, 0.5, 0, 9)])
    trace = Trace(simulate(script, LINE, 2, never))
    faster = min((LINE.pace({"x": x}), x) for x in (0.0, 0.5))[1]

    assert len(trace.incumbent) == 18
    assert trace.moments.tolist() == sorted(trace.moments)
    assert trace.incumbent[0] == faster + 1
    assert trace.incumbent[-1] == 1 / 9
    assert (np.diff(trace.incumbent) <= 0).all()


def test_the_trace_ends_with_the_run_in_the_middle_of_segments() -> None:
    slow, fast = sorted((0.0, 0.5), key=lambda x: -LINE.pace({"x": x}))
    script = Script([segment(0, slow, 0, 9), segment(1, fast, 0, 2)])
    played = simulate(script, LINE, 2, lambda _: True)
    units = 2 + int(2 * LINE.pace({"x": fast}) / LINE.pace({"x": slow}))

    assert played.spent == 2
    assert len(Trace(played).incumbent) == units


def test_a_target_that_is_not_reached_within_the_budget_is_not_reached() -> None:
    trace = Trace(simulate(Script([segment(0, 0.0, 0, 9)]), LINE, 1, never))

    assert trace.reached(1 / 4, within=9) == 4
    assert trace.reached(1 / 4, within=3) is None
    assert trace.reached(0.0, within=9) is None


def test_the_incumbent_is_the_observed_best_with_its_true_loss() -> None:
    loud = Curves("test/loud", LINE.space, LINE.budget, LINE.truth, noise=1.0)
    trace = Trace(simulate(Script([segment(0, 0.0, 0, 9)]), loud, 1, never))
    shown = loud.stretch({"x": 0.0}, 0, 9)

    assert shown.heard.argmin() != shown.truth.argmin()
    assert trace.incumbent[-1] == shown.truth[shown.heard.argmin()]


def test_budgets_below_the_smallest_have_no_loss() -> None:
    curves = Curves("test/late", LINE.space, Budget(maximum=9, minimum=3), LINE.truth)

    assert np.isinf(curves.stretch({"x": 0.0}, 0, 4).heard).tolist() == [True, True, False, False]


def test_a_curve_is_the_same_in_parts_and_its_pace_within_the_spread() -> None:
    curves = simulated("simulated/noisy", 1)
    values = row_values(SPACE, SPACE.sample(rng(0, "test"), 1)[0].tolist())
    whole, rest = (curves.stretch(values, begin, 81).heard for begin in (0, 27))

    assert whole[27:].tolist() == rest.tolist()
    assert 1 <= curves.pace(values) <= SPREAD


@pytest.mark.parametrize("name", FAMILIES)
def test_each_seed_of_a_family_has_another_problem(name: str) -> None:
    rows = SPACE.sample(rng(0, "test"), 50).tolist()
    one, again, other = (
        [simulated(name, seed).stretch(row_values(SPACE, row), 0, 81).truth for row in rows]
        for seed in (1, 1, 2)
    )

    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert (np.diff(one) < 0).all()
    assert 0.05 <= np.min(one) <= np.max(one) <= 0.9


def test_small_budgets_of_crossing_curves_are_less_informative() -> None:
    calm, crossed = (
        rank_correlations(simulated(f"simulated/{f}", 1)) for f in ("power", "crossing")
    )

    assert crossed[0] < calm[0]
    assert calm == sorted(calm)


def test_workers_are_busy_until_the_last_trial_begins() -> None:
    spans = [Span(0, 4, begins_trial=True), Span(0, 2, begins_trial=True)]
    late = [Span(8, 9, begins_trial=True), Span(10, 99, begins_trial=False)]

    assert busy_shares([*spans, *late], 2) == (6 / 16, 7 / 20)
    assert busy_shares(spans, 2) == (1, 1)


class Halving:
    """Starts pairs at a budget of 3, and promotes the better one of each to 9."""

    def __init__(self) -> None:
        self._opened = 0
        self._measured: dict[int, float] = {}
        self._due: list[int] = []

    def ask(self, count: int) -> Sequence[Start | Promote]:
        if self._due:
            return [Promote(self._due[0], 9)]
        drawn = rng(0, "halving", self._opened).random()
        return [Start({"x": float(drawn)}, 3)] if count and len(self._measured) < 2 else []

    def tell(self, event: Event) -> None:
        match event:
            case Opened(suggestion=Promote(trial)):
                self._due.remove(trial)
            case Opened():
                self._opened += 1
            case Measured(trial, value) if trial.budget == 3:
                self._measured[trial.number] = value
                if len(self._measured) == 2:
                    self._due = [min(self._measured, key=lambda n: self._measured[n])]


def test_a_promoted_trial_continues_from_its_checkpoint() -> None:
    problem = Problem(LINE.space, budget=LINE.budget)
    played = simulate(Ours(Halving(), problem), LINE, 1, never)
    first, second, third = (run.segment for run in played.runs)

    assert [(one.begin, one.end) for one in (first, second, third)] == [(0, 3), (0, 3), (3, 9)]
    assert third.values == min((first, second), key=lambda one: one.values["x"]).values
    assert played.spent == 12


def test_a_tuner_without_budgets_has_the_whole_of_it() -> None:
    contender = build("random", Problem(LINE.space, seed=1, budget=LINE.budget))

    assert {(one.begin, one.end) for one in contender.ask(3)} == {(0, 9)}


def test_peers_decide_at_each_rung() -> None:
    assert rungs(Budget(maximum=52, minimum=2)) == [2, 6, 18, 52]
    assert rungs(Budget(maximum=81)) == [1, 3, 9, 27, 81]


class EveryOther:
    """Lets every other trial go on."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, int, float]] = []
        self._opened = 0

    def open(self) -> tuple[int, dict[str, float]]:
        self._opened += 1
        return self._opened - 1, {"x": self._opened / 10}

    def goes_on(self, trial: int, budget: int, value: float) -> bool:
        self.heard.append((trial, budget, value))
        return trial % 2 == 1


def test_a_worker_keeps_a_trial_of_a_peer_until_it_ends() -> None:
    decider = EveryOther()
    played = simulate(Climbing(decider, LINE.budget), LINE, 1, lambda played: played.trials > 3)

    assert [(run.segment.trial, run.segment.begin, run.segment.end) for run in played.runs] == [
        (0, 0, 1),
        (1, 0, 1),
        (1, 1, 3),
        (1, 3, 9),
        (2, 0, 1),
        (3, 0, 1),
    ]
    assert decider.heard[3] == (1, 9, 0.2 + 1 / 9)
