"""Spans cover the exact characters of a value, and do not depend on the parser."""

from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.core.compiler.yaml_spans import YamlDocument, YamlSpan
from sweepwright.diagnostics import Span

TEXTS = st.text(st.sampled_from("aü😀 :#'\"\t-[]{}&*!|>%@`,?0~\n"), max_size=8)
SCALARS = st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False))
VALUES = st.recursive(
    SCALARS,
    lambda inside: st.one_of(
        st.lists(inside, max_size=4), st.dictionaries(TEXTS, inside, max_size=4)
    ),
    max_leaves=12,
)

STYLES = [
    {"default_flow_style": flow, "allow_unicode": letters}
    for flow in (None, True, False)
    for letters in (True, False)
]


def document(text: str) -> YamlDocument:
    return YamlDocument(text, "file.yaml")


def spans(root: YamlSpan | None) -> Iterator[tuple[Span, Span]]:
    if root:
        yield root.key, root.value
        for inside in root.children.values():
            yield from spans(inside)


def at(text: str, *path: Any) -> Span:
    """Return the span of a value."""
    root = document(text).root
    for key in path:
        assert root
        root = root.child(key)
    assert root
    return root.value


def written(span: Span) -> str:
    return span.text[span.column - 1 : span.column - 1 + span.length]


@given(VALUES, st.sampled_from(STYLES))
def test_columns_count_characters_with_both_parsers(values: Any, style: dict[str, Any]) -> None:
    """libyaml and PyYAML give the same spans for texts with umlauts, emoji and tabs."""
    text = yaml.safe_dump(values, **style)
    fast = list(spans(document(text).root))
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(yaml, "CSafeLoader")
        slow = list(spans(document(text).root))

    assert fast == slow


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("ü😀: [ä, 😀, 'x😀y']\n", ("ü😀", 2), "'x😀y'"),
        ("a:\n\n  b: 1\t# ü\n", ("a", "b"), "1"),
        ("\ufeffa: 1\nb: 2\n", ("a",), "1"),
        ("a: &x 5\nb: *x\n", ("b",), "5"),
        ("a: !!str 5\n", ("a",), "5"),
        ("a: &x !!map {b: 1}\n", ("a",), "{b: 1}"),
        ("a: &x # why\n  b: 1\n", ("a",), "&x # why"),
        ("a:\r\n  - 1\r\n  - two words\r\n", ("a", 1), "two words"),
        ("a: >-\n  folded\n  text\n", ("a",), ">-"),
        ("'a b': 1\n? c\n: 2\n", ("c",), "2"),
        ("a:\nb:", ("b",), "b"),
        ("1: x\n'1': y\n", (1,), "x"),
        ("1: x\n'1': y\n", ("1",), "y"),
        ("true: x\n1e3: y\n", (1000.0,), "y"),
        ("2001-01-01: x\n", ("2001-01-01",), "x"),
        ("a: {<<: {b: 1}, b: 2}\n", ("a", "b"), "2"),
        ("a: {<<: [{b: 1}, {b: 2, c: 3}]}\n", ("a", "b"), "1"),
        ("a: {<<: [{b: 1}, {b: 2, c: 3}]}\n", ("a", "c"), "3"),
    ],
)
def test_the_span_of_a_value_covers_its_text(text: str, path: tuple[Any, ...], value: str) -> None:
    assert written(at(text, *path)) == value


def test_an_empty_text_has_no_root() -> None:
    assert document("# nothing\n").root is None


def test_a_key_that_is_not_a_scalar_is_skipped() -> None:
    root = document("? [a, b]\n: 1\nc: 2\n").root

    assert root
    assert list(root.children) == ["c"]


def test_errors_have_the_messages_of_pyyaml() -> None:
    with pytest.raises(yaml.YAMLError, match="expected ',' or ']'"):
        document(dedent("a: [1,\nb: 2\n"))
