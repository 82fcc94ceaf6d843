import json

from sweepwright.core.views.formatting import json_lines

LONG = "x" * 90


def test_what_fits_stays_on_one_line() -> None:
    assert list(json_lines({"a": [1, None, True], "b": {}})) == ['{"a": [1, null, true], "b": {}}']


def test_what_does_not_fit_is_broken_where_it_must_be() -> None:
    assert list(json_lines({"a": [LONG, {"b": 1}], "é": "ü"})) == [
        "{",
        '  "a": [',
        f'    "{LONG}",',
        '    {"b": 1}',
        "  ],",
        '  "é": "ü"',
        "}",
    ]


def test_broken_or_not_it_is_the_same_json() -> None:
    value = {"a": [LONG, [], {}, [[LONG]]], "b": {"c": {LONG: LONG}}, "d": -0.5}

    assert json.loads("\n".join(json_lines(value))) == value
