"""The compiler accepts or reports any mutilated space, and never raises."""

from typing import Any

import yaml
from hypothesis import assume, event, given
from hypothesis import strategies as st
from omegaconf.errors import OmegaConfBaseException

from sweepwright.core.compiler.error_recovery import INVALID
from sweepwright.diagnostics import Code
from sweepwright.seeds import rng
from tests.core.compiler.space.properties.compile_space import (
    Outcome,
    compiled,
    compiled_tree,
    read,
)
from tests.core.compiler.space.properties.example_counts import many_examples
from tests.core.compiler.space.properties.model import SpaceModel
from tests.core.compiler.space.properties.notations import SpaceWriter
from tests.core.compiler.space.properties.space_generators import spaces
from tests.sweepwright.draws import Draw, chance, pick

FRAGMENTS = [
    *["(", ")", "[", "]", "{", "}", ",", ":", " ", "'", '"', "`", "=", "==", "<", "|", "&", "*"],
    *["when ", " when", "not ", " and ", " in ", "if", "x", "0", "-", ".", "1e999", "nan", "\\"],
    *["uniform", "choice(", "interval(", "tag(log, ", "int(", "range(", "active(", "type: ", "~"],
    *["_type", "_value", "_name", "constraints", "start", "nni", "null", "true", "é", "\n", "\t"],
]
UNREADABLE = (yaml.YAMLError, OmegaConfBaseException, ValueError, TypeError)


@given(spaces(), st.data())
@many_examples
def test_a_mutilated_text_compiles_or_is_reported(model: SpaceModel, data: st.DataObject) -> None:
    text = _mutated_text(data.draw, SpaceWriter(data.draw, model).text())
    assume(_is_readable(text))
    outcome = compiled(text)

    assert_sound(outcome)
    lines = text.splitlines()
    for found in outcome.found:
        assert found.span.text in lines


def _mutated_text(draw: Draw, text: str) -> str:
    """Insert fragments into a text, or delete parts of it, up to three times."""
    for _ in range(pick(draw, [1, 2, 3])):
        at = draw(st.integers(0, len(text)))
        after = text[at + pick(draw, [0, 1, 0, 3, 12]) :]
        text = text[:at] + pick(draw, ["", *FRAGMENTS]) + after
    return text


def _is_readable(text: str) -> bool:
    try:
        return read(text) is not None
    except UNREADABLE:
        return False


@given(spaces(), st.data())
@many_examples
def test_a_space_with_values_replaced_compiles_or_is_reported(
    model: SpaceModel, data: st.DataObject
) -> None:
    text = SpaceWriter(data.draw, model).text()
    assume("${" not in text)  # interpolations are resolved in an earlier pass
    tree = read(text)
    for _ in range(pick(data.draw, [1, 2, 3])):
        tree = _replaced(data.draw, tree)

    assert_sound(compiled_tree(tree))


def _replaced(draw: Draw, tree: Any) -> Any:
    """Replace a random value, at any depth."""
    inside: list[Any] = []
    if isinstance(tree, dict | list):
        inside = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    if not inside or chance(draw, 4):
        return pick(draw, EXOTIC)
    key = pick(draw, inside)
    changed = tree.copy()
    changed[key] = _replaced(draw, tree[key])
    return changed


EXOTIC: list[Any] = [
    *[None, True, 0, -1, 1.5, float("nan"), float("inf"), 10**400, "", "x", "1", b"x", INVALID],
    *["uniform(0, 1)", "choice(a, a)", "x > 0", "2 * x", "x", "int(1, 8) when x > 0", "when"],
    *[[], [1], ["x > 0"], [None], [{}], [[1]], {}, {"x": 1}, {"x": "uniform(0, 1)"}, {3: 4}],
    *[{"choice": {}}, {"choice": {"a": {"x": "int(1, 8)"}}}, {"choice": ["a"]}, {"type": "int"}],
    *[{"_type": "choice", "_value": [1]}, {"_name": "a"}, {"space": {}}, {"file": "nowhere"}],
    *[{"type": "derived", "value": "x"}, {"type": "choice", "values": [INVALID]}, {"when": "x"}],
]


def assert_sound(outcome: Outcome) -> None:
    """A space without errors can be sampled, and messages have one line."""
    event("compiles" if not outcome.errors else outcome.errors[0].code.name)
    for found in outcome.found:
        assert "\n" not in f"{found.message}{found.label}{found.help}"
    if not outcome.errors and Code.HOPELESS_CONSTRAINT not in {f.code for f in outcome.found}:
        space = outcome.spaced.space
        matrix = space.sample(rng(0, "sample"), 5)
        assert space.feasible(space.encode(space.decode(matrix))).all()
