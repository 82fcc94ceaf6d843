"""The grid enumerates finite spaces once, and refines others step by step."""

import json
from itertools import islice
from time import process_time
from typing import Any

import pytest
from hypothesis import given

from sweepwright.contracts import Problem
from sweepwright.events import Opened, Start, Trial
from sweepwright.expressions import parse
from sweepwright.plugins.tuners._dyadic_grid import grid_points
from sweepwright.plugins.tuners._fixed_order import FixedOrder
from sweepwright.plugins.tuners.grid import GridOptions, build, check, ends_after, with_levels
from sweepwright.space import (
    Categorical,
    Condition,
    Domain,
    Integer,
    Nested,
    Normal,
    Parameter,
    Real,
    SearchSpace,
)
from sweepwright.testing.problems import PROBLEMS, space
from sweepwright.testing.tuner_harness import TunerHarness, failed
from tests.sweepwright.spaces import spaces


def values(domain: Domain, n: int | None = None) -> list[Any]:
    return [point["x"] for point in islice(grid_points(space(x=domain)), n)]


def grid(space: SearchSpace) -> FixedOrder:
    return build(GridOptions(), Problem(space))


def test_the_number_of_points_is_known_in_advance() -> None:
    ends = [ends_after(GridOptions(), PROBLEMS[name]) for name in ("finite", "every_kind")]
    played = TunerHarness(build(GridOptions(), PROBLEMS["finite"])).run(100, failed)

    assert ends == [len(played.trials), None]


@pytest.mark.parametrize(
    "domain",
    [
        Integer(1, 10),
        Integer(5, 5),
        Integer(1, 2),
        Integer(-7, 9, step=3),
        Integer(1, 1024, log=True),
        Integer(1, 5000),
        Real(3, 3),
        Real(0, 1, step=0.1),
        Real(1, 100, log=True, step=1),
        Categorical(("a", 1, None)),
        Nested(("a", "b")),
    ],
)
def test_every_value_of_a_finite_domain_comes_once(domain: Domain) -> None:
    written = [json.dumps(value) for value in values(domain)]

    assert len(written) == len(set(written)) == domain.size


@given(spaces())
def test_each_point_of_the_grid_comes_once(space: SearchSpace) -> None:
    few = space.size is not None and space.size <= 100
    found = list(islice(grid_points(space), None if few else 100))
    written = {json.dumps(point) for point in found}

    assert len(written) == len(found)
    assert space.feasible(space.encode(found)).all()
    assert len(found) == space.size if few else len(found) > 0


def test_a_finite_space_ends_by_itself() -> None:
    finite = PROBLEMS["finite"].space
    played = TunerHarness(grid(finite)).run(1000, failed, concurrency=3)

    assert len(played.trials) == finite.size == 52
    assert not played.tuner.ask(5)


def test_a_real_axis_is_halved_again_and_again() -> None:
    assert values(Real(0, 8), 7) == [4, 2, 6, 1, 3, 5, 7]


def test_values_without_probability_are_not_on_the_grid() -> None:
    assert values(Normal(0, 1e-9, step=1)) == [0.0]
    assert sorted(values(Normal(0, 0.1, step=0.5))) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert values(Real(1, 1 + 2**-52)) == [1.0]


def test_axes_follow_their_prior() -> None:
    assert values(Real(1e-4, 1, log=True), 3) == pytest.approx([1e-2, 1e-3, 1e-1])
    assert values(Normal(0, 1), 3) == pytest.approx([0, -0.6744897501960817, 0.6744897501960817])


def test_each_level_holds_the_one_before() -> None:
    both = space(x=Real(0, 1), y=Real(0, 1))
    first, second = (
        {json.dumps(point) for point in islice(grid_points(both), n)} for n in (1, 3 * 3)
    )

    assert first < second
    assert second == {
        json.dumps({"x": x, "y": y}) for x in (0.25, 0.5, 0.75) for y in (0.25, 0.5, 0.75)
    }


def test_choices_are_complete_on_the_first_level() -> None:
    mixed = space(x=Real(0, 1), kind=Categorical(("a", "b")))

    assert list(islice(grid_points(mixed), 2)) == [
        {"x": 0.5, "kind": "a"},
        {"x": 0.5, "kind": "b"},
    ]


def test_inactive_parameters_do_not_multiply() -> None:
    branches = SearchSpace(
        [
            Parameter("kind", Nested(("plain", "deep"))),
            Parameter("n", Integer(1, 3), ("kind", "n"), Condition("kind", (1,))),
        ]
    )

    assert len(list(grid_points(branches))) == 1 + 3


def test_a_finite_branch_is_enumerated_once() -> None:
    """Next to a continuous branch, whose levels have no end."""
    branches = SearchSpace(
        [
            Parameter("kind", Nested(("finite", "endless"))),
            Parameter("n", Integer(1, 2000), ("kind", "n"), Condition("kind", (0,))),
            Parameter("x", Real(0, 1), ("kind", "x"), Condition("kind", (1,))),
        ]
    )
    found = [point["kind"]["_name"] for point in islice(grid_points(branches), 6000)]

    assert found.count("finite") == 2000


def test_a_point_opened_by_others_is_skipped() -> None:
    tuner = grid(space(n=Integer(1, 4)))
    tuner.tell(Opened(Trial(0, {"n": 4}), Start({"n": 4})))
    tuner.tell(Opened(Trial(1, {"n": 99}), Start({"n": 99})))
    left = [s.assignment["n"] for s in tuner.ask(9) if isinstance(s, Start)]

    assert sorted(left) == [1, 2, 3]


def plain(space: SearchSpace, options: GridOptions) -> list[Any]:
    """Play a finite grid to its end."""
    played = TunerHarness(build(options, Problem(space))).run(1000, failed, concurrency=3)
    assert not played.tuner.ask(1)
    return [trial.assignment for trial in played.trials.values()]


def test_levels_make_a_product_of_a_few_values() -> None:
    mixed = space(
        rate=Real(1e-3, 1e-1, log=True), units=Integer(10, 30), kind=Categorical(("a", "b"))
    )
    found = plain(mixed, GridOptions(3))

    assert len(found) == ends_after(GridOptions(3), Problem(mixed)) == 3 * 3 * 2
    assert found[:3] == [
        {"rate": 1e-3, "units": 10, "kind": "a"},
        {"rate": 1e-3, "units": 10, "kind": "b"},
        {"rate": 1e-3, "units": 20, "kind": "a"},
    ]
    assert {point["rate"] for point in found} == {1e-3, 1e-2, 1e-1}


def test_levels_and_steps_are_given_by_parameter() -> None:
    three = space(x=Real(0, 1), y=Real(0.1, 1), n=Integer(1, 3))
    found = plain(three, GridOptions({"x": 2}, {"y": 0.5}))
    all_alike = plain(three, GridOptions(2, {"y": 0.5}))

    assert {(point["x"], point["y"]) for point in found} == {(0, 0.5), (0, 1), (1, 0.5), (1, 1)}
    assert sorted({point["n"] for point in found}) == [1, 2, 3]
    assert sorted({point["n"] for point in all_alike}) == [1, 3]


def test_a_grid_grows_finer_where_no_levels_are_given() -> None:
    both = space(x=Real(0, 1), y=Real(0, 1))
    options = GridOptions({"x": 2})
    found = [s.assignment for s in build(options, Problem(both)).ask(6) if isinstance(s, Start)]

    assert ends_after(options, Problem(both)) is None
    assert [(point["x"], point["y"]) for point in found] == [
        *((0, 0.5), (1, 0.5)),
        *((0, 0.25), (0, 0.75), (1, 0.25), (1, 0.75)),
    ]


def test_each_branch_has_a_product_of_its_own() -> None:
    branches = SearchSpace(
        [
            Parameter("kind", Nested(("plain", "deep"))),
            Parameter("n", Integer(1, 100), ("kind", "n"), Condition("kind", (1,))),
            Parameter("x", Real(0, 1), ("kind", "x"), Condition("kind", (1,))),
            Parameter("y", Real(0, 1), ("kind", "y"), Condition("kind", (0,))),
        ]
    )

    assert len(plain(branches, GridOptions(4))) == 4 + 4 * 4
    assert ends_after(GridOptions(4), Problem(branches)) == 20


@pytest.mark.parametrize("levels", [1, 2, 3])
@pytest.mark.parametrize("name", PROBLEMS)
def test_a_plain_grid_honours_conditions_and_constraints(name: str, levels: int) -> None:
    problem = PROBLEMS[name]
    total = ends_after(GridOptions(levels), problem)
    # A point takes time in proportion to the number of parameters.
    most = min(1000, 20_000 // len(problem.space))
    few = total is not None and total <= most
    found = list(islice(grid_points(with_levels(problem.space, GridOptions(levels))), most))

    assert problem.space.feasible(problem.space.encode(found)).all()
    assert len({json.dumps(point) for point in found}) == len(found)
    assert len(found) == (total if few else most)


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        (GridOptions(3), []),
        (GridOptions(0), [("levels",)]),
        (GridOptions(100_001), [("levels",)]),
        (
            GridOptions({"uniform": 0, "integer": -1}),
            [("levels", "uniform"), ("levels", "integer")],
        ),
        (GridOptions({"unifrom": 2}), [("levels", "unifrom")]),
        (GridOptions({"choice": 2}), [("levels", "choice")]),
        (GridOptions({"ordered": 0}), [("levels", "ordered"), ("levels", "ordered")]),
        (GridOptions({"integer": 3}, {"integer": 2}), [("levels", "integer")]),
        (GridOptions(3, {"integer": 2}), []),
        (GridOptions(None, {"uniform": 0.25, "stepped": 0.5, "integer": 5}), []),
        (GridOptions(None, {"uniform": 0}), [("step", "uniform")]),
        (GridOptions(None, {"uniform": 1e-9}), [("step", "uniform")]),
        (GridOptions(None, {"log_integer": 5000}), [("step", "log_integer")]),
        (GridOptions(None, {"stepped": 0.25}), [("step", "stepped")]),
        (GridOptions(None, {"integer": 0.5}), [("step", "integer")]),
        (GridOptions(None, {"normal": 1}), [("step", "normal")]),
        (GridOptions(None, {"weighted": 1}), [("step", "weighted")]),
        (GridOptions(None, {"x": -1}), [("step", "x"), ("step", "x")]),
    ],
    ids=str,
)
def test_options_that_fit_no_parameter_are_reported(
    options: GridOptions, paths: list[Any]
) -> None:
    assert [found.path for found in check(options, PROBLEMS["every_kind"])] == paths


def test_a_misspelt_parameter_gets_a_suggestion() -> None:
    (found,) = check(GridOptions({"unifrom": 2}), PROBLEMS["every_kind"])

    assert found.message == "no parameter is called `unifrom`"
    assert found.help == "did you mean `uniform`?"


@pytest.mark.parametrize("options", [GridOptions(2), GridOptions(None, {"x": 1, "y": 1})])
def test_a_grid_without_points_is_reported(options: GridOptions) -> None:
    line = SearchSpace(
        [Parameter("x", Real(0, 1)), Parameter("y", Real(0, 1))], [parse("0.2 < x + y < 0.9")]
    )
    (found,) = check(options, Problem(line))

    assert found.message == "no point of the grid satisfies the constraints"
    assert not list(check(GridOptions(3), Problem(line)))


def test_the_ten_thousandth_point_costs_what_the_first_did() -> None:
    tuner = grid(space(x=Real(0, 1), y=Integer(1, 1000), z=Categorical(("a", "b"))))
    early = _seconds_of(tuner, 500)
    _seconds_of(tuner, 10_000)
    late = _seconds_of(tuner, 500)

    assert late < 3 * early + 0.05


def _seconds_of(tuner: FixedOrder, count: int) -> float:
    begun = process_time()
    for number in range(count):
        suggestion = tuner.ask(1)[0]
        assert isinstance(suggestion, Start)
        tuner.tell(Opened(Trial(number, suggestion.assignment), suggestion))
    return process_time() - begun
