"""The curve: a staircase that a person can read."""

from sweepwright.core.views.ascii_chart import curve


def test_a_rising_curve_climbs_from_its_lowest_to_its_highest_value() -> None:
    drawn = curve([0.1, 0.1, 0.5, 0.9, 0.9], height=5)

    assert drawn == [
        "0.9 ┤   ╭─",
        "    ┤   │ ",
        "    ┤  ╭╯ ",
        "    ┤  │  ",
        "0.1 ┤──╯  ",
    ]


def test_a_falling_curve_falls() -> None:
    assert curve([2.0, 1.0, 1.0], height=3) == ["2 ┤─╮ ", "  ┤ │ ", "1 ┤ ╰─"]


def test_equal_values_are_one_line() -> None:
    assert curve([1.0, 1.0]) == ["1 ┤──"]


def test_many_values_fit_the_width() -> None:
    drawn = curve([float(value) for value in range(1000)], width=10, height=4)

    assert len(drawn) == 4
    assert {len(line) for line in drawn} == {len(" 999 ┤") - 1 + 10}
    assert drawn[0].startswith("999 ┤")


def test_nothing_draws_nothing() -> None:
    assert curve([]) == []
