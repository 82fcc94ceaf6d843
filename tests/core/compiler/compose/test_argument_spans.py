"""Spans of the command line point at the key, the value, and each part of the value."""

from pathlib import Path
from typing import Any

import pytest

from sweepwright.core.cli.multirun import expand
from sweepwright.core.compiler.compose import compose
from sweepwright.core.compiler.compose.argument_spans import ArgumentSpan, argument_span
from sweepwright.core.registry.registry import Registry
from sweepwright.diagnostics import Report, Span

REGISTRY = Registry.load()


def said(span: Span) -> str:
    return span.text[span.column - 1 : span.column - 1 + span.length]


def part(override: str, *path: Any) -> ArgumentSpan:
    found = argument_span(override, 1)
    for key in path:
        found = found.child(key)
    return found


@pytest.mark.parametrize(
    ("override", "path", "key", "value"),
    [
        ("a.b=1", (), "a.b", "1"),
        ("++a= 1 ", (), "a", "1"),
        ("~a", (), "a", "~a"),
        ("~a=1", (), "a", "1"),
        ("a=", (), "a", ""),
        ("a='b c'", (), "a", "b c"),
        ("a={b: 1, c: {d: [2, '3, 4', 5]}}", ("b",), "b", "1"),
        ("a={b: 1, c: {d: [2, '3, 4', 5]}}", ("c", "d"), "d", "[2, '3, 4', 5]"),
        ("a={b: 1, c: {d: [2, '3, 4', 5]}}", ("c", "d", 1), "'3, 4'", "3, 4"),
        ("a={b: 1, c: {d: [2, '3, 4', 5]}}", ("c", "d", 2), "5", "5"),
        ("a={'b': c:d}", ("b",), "'b'", "c:d"),
        (r"a=[b\,c, d]", (1,), "d", "d"),
        ("a={1: x}", (1,), "1", "x"),
        ("a={true: x}", (True,), "a", "{true: x}"),
        ("a=[1]", (7,), "a", "[1]"),
        ("a=1", ("b",), "a", "1"),
    ],
)
def test_each_part_of_a_value_has_a_span(
    override: str, path: tuple[Any, ...], key: str, value: str
) -> None:
    found = part(override, *path)

    assert said(found.value) == value or not value
    assert said(found.key) == key


@pytest.mark.parametrize(
    ("argument", "values"),
    [
        ("tuner=random, grid", ["random", "grid"]),
        ("trial.name=choice(mnist,'a, b')", ["mnist", "a, b"]),
        ("seed=range(1,3)", ["range(1,3)", "range(1,3)"]),
        ("tuner=glob(gr*)", ["glob(gr*)"]),
        ("+trial.x={a: 1},[2, 3]", ["{a: 1}", "[2, 3]"]),
        ("seed=7", ["7"]),
    ],
)
def test_each_override_of_a_multirun_has_its_span_in_the_argument(
    argument: str, values: list[str]
) -> None:
    path = tuple(argument.partition("=")[0].removeprefix("+").split("."))
    found = []
    for combination in expand(["max_trials=5", argument], REGISTRY):
        composed = compose(combination, REGISTRY, Report())
        assert composed
        found.append(composed.spans.value(path))

    assert [said(span) for span in found] == values
    assert {(span.line, span.text) for span in found} == {(2, argument)}


def test_values_that_the_sweeper_parameters_vary_have_no_span(tmp_path: Path) -> None:
    (tmp_path / "experiment").mkdir()
    file = tmp_path / "experiment" / "compare.yaml"
    file.write_text("# @package _global_\nhydra:\n  sweeper:\n    params:\n      seed: 1,2\n")
    searched = f'hydra.searchpath=["file://{tmp_path}"]'
    combinations = expand(["+experiment=compare", searched], REGISTRY)
    composed = compose(combinations[1], REGISTRY, Report())

    assert composed
    assert composed.plain["seed"] == 2
    assert composed.spans.value(("seed",)) == Span(None, key="seed")


def test_a_finding_in_a_multirun_points_at_the_value() -> None:
    report = Report()
    (_, second) = expand(["tuner=random,rnadom"], REGISTRY)
    compose(second, REGISTRY, report)
    (found,) = report

    assert str(found.span) == "<command line>:1:14"
    assert said(found.span) == "rnadom"
