"""The call form can express every domain, and reports the position of any fault."""

from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.core.compiler.space.syntax.call_form import DOMAINS, parse_parameter
from sweepwright.core.compiler.space.syntax.domains import make_domain
from sweepwright.core.compiler.space.syntax.hydra_sweeps import CASTS, SWEEPS, lower_sweep
from sweepwright.core.compiler.space.syntax.nodes import CallError, ParameterExpr, Text
from sweepwright.diagnostics import Span
from sweepwright.domains import fault
from sweepwright.space import Domain
from tests.sweepwright.spaces import domains


def parsed(text: str) -> ParameterExpr:
    """Parse a text that is alone on its line."""
    return parse_parameter(Text(text, lambda: Span("x.yaml", 1, 1, len(text), text)))


@given(domains())
def test_parsing_inverts_formatting_for_every_domain(domain: Domain) -> None:
    made, faults = make_domain(parsed(str(domain)).call)

    assert not [fault for fault in faults if not fault.warning]
    assert made == domain
    assert repr(made) == repr(domain)


@given(st.text() | st.text("choice(){}[]:,=\"' 1when.-").map("choice({}".format))
def test_any_text_is_parsed_or_reported(text: str) -> None:
    with suppress(CallError):
        make_domain(parsed(text).call)


@pytest.mark.parametrize("name", [*DOMAINS, *SWEEPS, *CASTS])
def test_any_argument_gives_a_valid_domain_or_a_fault(name: str) -> None:
    keys = ("low", "high", "step", "log", "clip", "mean", "std", "weights", "values", "sweep")
    values = ("[]", "[1]", "1", "a", "null", "inf", "choice(a)", "int(1, 8)")
    named = [f"{key}={value}" for key in keys for value in values]
    for positional, last in product(["", "1,", "0, 4,", "[],"], ["", *values, *named]):
        with suppress(CallError):
            domain, faults = make_domain(lower_sweep(parsed(f"{name}({positional}{last})").call))
            assert (domain is None) == any(not each.warning for each in faults)
            assert domain is None or fault(domain) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2]", [1, 2]),
        ("[]", []),
        ("[1, [a, null]]", [1, ["a", None]]),
        ("{a: 1}", {"a": 1}),
        ('{"a b": {c: cuda:0}, d: [true]}', {"a b": {"c": "cuda:0"}, "d": [True]}),
        ("{a:1}", {"a": 1}),
        ("{}", {}),
        ("1.0", 1.0),
        ("1_000", 1000),
        ("-.5", -0.5),
        ('"true"', "true"),
        ("TRUE", True),
        ("'it\\'s'", "it's"),
        ("cuda:0", "cuda:0"),
        ("0x10", "0x10"),
    ],
)
def test_a_value_may_be_anything_that_json_can_hold(text: str, value: Any) -> None:
    (node,) = parsed(f"choice({text})").call.arguments

    assert repr(node.value) == repr(value)
    assert node.raw_text == text


def test_a_call_may_have_a_default_and_a_condition() -> None:
    text = 'uniform(0, 1) = 0.9 when optimizer == "sgd" and x > 1'
    expr = parsed(text)

    assert expr.default
    assert expr.default.value == 0.9
    assert expr.condition
    assert expr.condition.text == 'optimizer == "sgd" and x > 1'
    assert expr.condition.span.column == text.index("optimizer") + 1
    assert expr.condition.at(0, 9).column == text.index("optimizer") + 1


def test_a_condition_does_not_require_a_default() -> None:
    expr = parsed("choice(a, b) when when_it_is > 1")

    assert expr.default is None
    assert expr.condition
    assert expr.condition.text == "when_it_is > 1"


def test_the_elements_of_a_list_have_positions() -> None:
    call = parsed("choice(a, b, weights=[3, 10])").call
    _, weights = call.keywords["weights"]

    assert [item.span.column for item in weights.items] == [23, 26]
    assert [item.span.length for item in weights.items] == [1, 2]
