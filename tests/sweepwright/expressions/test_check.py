"""Types are inferred before anything is computed, and mismatches are reported."""

import pytest

from sweepwright.expressions import FaultKind, Kind, check, parse
from tests.sweepwright.expressions.strategies import SPACE

KNOWN = {parameter.name: parameter.domain for parameter in SPACE.parameters}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("n + 1", Kind.INTEGER),
        ("n * size // 2 % 3", Kind.INTEGER),
        ("n / 2", Kind.NUMBER),
        ("n ** 2", Kind.INTEGER),
        ("n ** -1", Kind.NUMBER),
        ("n ** n", Kind.NUMBER),
        ("n + 1.0", Kind.NUMBER),
        ("x", Kind.NUMBER),
        ("level", Kind.NUMBER),
        ("min(n, size)", Kind.INTEGER),
        ("max(n, x)", Kind.NUMBER),
        ("floor(x)", Kind.INTEGER),
        ("sqrt(n)", Kind.NUMBER),
        ("abs(n)", Kind.INTEGER),
        ("-n", Kind.INTEGER),
        ("flag", Kind.BOOLEAN),
        ("not flag", Kind.BOOLEAN),
        ("x < 1 <= n", Kind.BOOLEAN),
        ("active(word)", Kind.BOOLEAN),
        ("kind", Kind.TEXT),
        ("mixed", Kind.MIXED),
        ("mixed == 'a'", Kind.BOOLEAN),
        ("mixed in [1, null]", Kind.BOOLEAN),
        ("word == kind", Kind.BOOLEAN),
        ("flag == (x < 1)", Kind.BOOLEAN),
        ("x in [1, 2.5]", Kind.BOOLEAN),
        ("x + 1 in [1, 2.5]", Kind.BOOLEAN),
        ("1 if flag else 2", Kind.INTEGER),
        ("1 if flag else 2.5", Kind.NUMBER),
        ("kind if flag else 'none'", Kind.TEXT),
        ("steps + 1", Kind.INTEGER),
    ],
)
def test_an_expression_has_a_kind(text: str, kind: Kind) -> None:
    assert check(parse(text), {**KNOWN, "steps": Kind.INTEGER}) == (kind, [])


@pytest.mark.parametrize(
    ("text", "message", "culprit", "help_"),
    [
        ("word + 1", "`word` is text, but `+` needs a number", "word", None),
        ("-word", "`word` is text, but the sign `-` needs a number", "word", None),
        ("flag * 2", "`flag` is a boolean, but `*` needs a number", "flag", None),
        ("word ** 2", "`word` is text, but `**` needs a number", "word", None),
        ("sqrt(word)", "`word` is text, but `sqrt` needs a number", "word", None),
        (
            "not n",
            "`n` is an integer, but `not` needs a boolean",
            "n",
            "compare the operand with a number",
        ),
        (
            "word and flag",
            "`word` is text, but `and` needs",
            "word",
            "compare the operand with a text",
        ),
        (
            "1 if n else 2",
            "`n` is an integer, but `if` needs",
            "n",
            "compare the operand with a number",
        ),
        ("word < 'b'", "`word` is text, but `<` needs a number", "word", None),
        ("word == 1", "`1` is an integer, but `word` is text", "1", 'its values are "a", "b"'),
        ("n == 'a'", '`"a"` is text, but `n` is an integer', "'a'", None),
        ("n in ['a']", '`"a"` is text, but `n` is an integer', "'a'", None),
        ("n + 1 in ['a']", '`"a"` is text, but `n + 1` is an integer', "'a'", None),
        ("word == n", "`n` is an integer, but `word` is text", "n", None),
        (
            "mixed == word",
            "`mixed` is a choice of mixed types, which can",
            "mixed",
            None,
        ),
        (
            "mixed if flag else mixed",
            "`mixed` is a choice of mixed types, which",
            "mixed",
            None,
        ),
        ("mixed + 1", "`mixed` is a choice of mixed types, but `+` needs a", "mixed", None),
        (
            "1 if flag else 'a'",
            '`"a"` is text, but the other result, `1`, is an integer',
            "'a'",
            None,
        ),
        ("active(steps)", "`steps` is a derived value, but `active`", "steps", None),
        ("steps == 'a'", '`"a"` is text, but `steps` is an integer', "'a'", None),
    ],
)
def test_a_type_mismatch_is_reported_at_its_operand(
    text: str, message: str, culprit: str, help_: str | None
) -> None:
    kind, (fault,) = check(parse(text), {**KNOWN, "steps": Kind.INTEGER})

    assert kind is None
    assert fault.kind is FaultKind.TYPE_MISMATCH
    assert fault.message.startswith(message)
    assert text[fault.start : fault.start + fault.length] == culprit
    assert (fault.help or "").startswith(help_ or "")


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("kind == 'sdg'", '`kind` is never `"sdg"`', 'did you mean `"sgd"`?'),
        ("'sdg' != kind", '`kind` is never `"sdg"`', 'did you mean `"sgd"`?'),
        ("size in [16, 48]", "`size` is never `48`", "its values are 16, 32, 64"),
        ("n == 99", "`n` is never `99`", "its domain is int(-3, 12)"),
        ("mixed == 7", "`mixed` is never `7`", 'its values are 1, "a", null, true, 2.5'),
    ],
)
def test_an_impossible_comparison_is_reported(text: str, message: str, help_: str) -> None:
    kind, (fault,) = check(parse(text), KNOWN)

    assert kind is Kind.BOOLEAN
    assert fault.kind is FaultKind.IMPOSSIBLE_COMPARISON
    assert (fault.message, fault.help) == (message, help_)


def test_every_fault_is_reported() -> None:
    _, faults = check(parse("word + nothing > 1 and active(nobody)"), KNOWN)

    assert [(f.kind, f.start) for f in faults] == [
        (FaultKind.TYPE_MISMATCH, 0),
        (FaultKind.UNKNOWN_NAME, 7),
        (FaultKind.UNKNOWN_NAME, 30),
    ]
