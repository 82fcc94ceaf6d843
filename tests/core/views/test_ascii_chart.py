"""The chart of the best value so far."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from sweepwright.core.views.ascii_chart import draw_staircase


def test_a_rising_curve_is_labelled_with_its_highest_and_lowest_value() -> None:
    drawn = draw_staircase([0.1, 0.1, 0.5, 0.9, 0.9], height=5)

    assert drawn == [
        "0.9 ┤   ╭─",
        "    ┤   │ ",
        "    ┤  ╭╯ ",
        "    ┤  │  ",
        "0.1 ┤──╯  ",
    ]


def test_a_falling_curve_is_drawn_downwards() -> None:
    assert draw_staircase([2.0, 1.0, 1.0], height=3) == ["2 ┤─╮ ", "  ┤ │ ", "1 ┤ ╰─"]


def test_equal_values_draw_a_single_line() -> None:
    assert draw_staircase([1.0, 1.0]) == ["1 ┤──"]


def test_more_values_than_columns_are_thinned_to_the_width() -> None:
    drawn = draw_staircase([float(value) for value in range(1000)], width=10, height=4)

    assert len(drawn) == 4
    assert {len(line) for line in drawn} == {len(" 999 ┤") - 1 + 10}
    assert drawn[0].startswith("999 ┤")


def test_no_values_draw_an_empty_chart() -> None:
    assert draw_staircase([]) == []


def test_values_further_apart_than_the_largest_float_are_drawn() -> None:
    assert draw_staircase([1.7e308, 0.0, -1.7e308], height=3) == [
        " 1.7e+308 ┤─╮ ",
        "          ┤ ╰╮",
        "-1.7e+308 ┤  ╰",
    ]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_any_finite_values_are_drawn(values: list[float]) -> None:
    largest = sys.float_info.max
    for curve in (values, [*values, largest, -largest], [*values, 5e-324, 0.0]):
        assert len({len(line) for line in draw_staircase(curve)}) == 1
