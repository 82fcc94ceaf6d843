"""Whatever becomes of the text of a space, the compiler finds words for it."""

from typing import Any

import yaml
from hypothesis import assume, event, given
from hypothesis import strategies as st
from omegaconf.errors import OmegaConfBaseException

from sweepwright.core.compiler.stages import INVALID
from sweepwright.diagnostics import Code
from sweepwright.seeds import rng
from tests.core.compiler.space.properties.compiling import Outcome, compiled, compiled_tree, read
from tests.core.compiler.space.properties.drawing import spaces
from tests.core.compiler.space.properties.drawn import Draw, perhaps, pick
from tests.core.compiler.space.properties.effort import many
from tests.core.compiler.space.properties.meant import Space
from tests.core.compiler.space.properties.spelling import Speller

PIECES = [
    *["(", ")", "[", "]", "{", "}", ",", ":", " ", "'", '"', "`", "=", "==", "<", "|", "&", "*"],
    *["when ", " when", "not ", " and ", " in ", "if", "x", "0", "-", ".", "1e999", "nan", "\\"],
    *["uniform", "choice(", "interval(", "tag(log, ", "int(", "range(", "active(", "type: ", "~"],
    *["_type", "_value", "_name", "constraints", "start", "nni", "null", "true", "é", "\n", "\t"],
]
UNREADABLE = (yaml.YAMLError, OmegaConfBaseException, ValueError, TypeError)


@given(spaces(), st.data())
@many
def test_a_mangled_text_compiles_or_is_found_at_fault(meant: Space, data: st.DataObject) -> None:
    text = _mangled(data.draw, Speller(data.draw, meant).text())
    assume(_is_readable(text))
    outcome = compiled(text)

    assert_sound(outcome)
    lines = text.splitlines()
    for found in outcome.found:
        assert found.span.text in lines


def _mangled(draw: Draw, text: str) -> str:
    """Put a piece into a text, or leave some of it out, a few times."""
    for _ in range(pick(draw, [1, 2, 3])):
        at = draw(st.integers(0, len(text)))
        after = text[at + pick(draw, [0, 1, 0, 3, 12]) :]
        text = text[:at] + pick(draw, ["", *PIECES]) + after
    return text


def _is_readable(text: str) -> bool:
    try:
        return read(text) is not None
    except UNREADABLE:
        return False


@given(spaces(), st.data())
@many
def test_a_space_with_other_values_in_places_compiles_or_is_found_at_fault(
    meant: Space, data: st.DataObject
) -> None:
    text = Speller(data.draw, meant).text()
    assume("${" not in text)  # whether it is an interpolation was found out before
    tree = read(text)
    for _ in range(pick(data.draw, [1, 2, 3])):
        tree = _replaced(data.draw, tree)

    assert_sound(compiled_tree(tree))


def _replaced(draw: Draw, tree: Any) -> Any:
    """Put something else in the place of some value, however deep inside."""
    inside: list[Any] = []
    if isinstance(tree, dict | list):
        inside = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    if not inside or perhaps(draw, 4):
        return pick(draw, STRANGE)
    key = pick(draw, inside)
    changed = tree.copy()
    changed[key] = _replaced(draw, tree[key])
    return changed


STRANGE: list[Any] = [
    *[None, True, 0, -1, 1.5, float("nan"), float("inf"), 10**400, "", "x", "1", b"x", INVALID],
    *["uniform(0, 1)", "choice(a, a)", "x > 0", "2 * x", "x", "int(1, 8) when x > 0", "when"],
    *[[], [1], ["x > 0"], [None], [{}], [[1]], {}, {"x": 1}, {"x": "uniform(0, 1)"}, {3: 4}],
    *[{"choice": {}}, {"choice": {"a": {"x": "int(1, 8)"}}}, {"choice": ["a"]}, {"type": "int"}],
    *[{"_type": "choice", "_value": [1]}, {"_name": "a"}, {"space": {}}, {"file": "nowhere"}],
    *[{"type": "derived", "value": "x"}, {"type": "choice", "values": [INVALID]}, {"when": "x"}],
]


def assert_sound(outcome: Outcome) -> None:
    """A space without findings can be used, and findings are words in one line."""
    event("compiles" if not outcome.errors else outcome.errors[0].code.name)
    for found in outcome.found:
        assert "\n" not in f"{found.message}{found.label}{found.help}"
    if not outcome.errors and Code.HOPELESS_CONSTRAINT not in {f.code for f in outcome.found}:
        space = outcome.spaced.space
        matrix = space.sample(rng(0, "sample"), 5)
        assert space.feasible(space.encode(space.decode(matrix))).all()
