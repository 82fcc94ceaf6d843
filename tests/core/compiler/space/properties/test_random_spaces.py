"""Whatever space is written down compiles to what was meant, or to findings that are true."""

import json
from textwrap import indent

import numpy as np
from hypothesis import assume, event, given
from hypothesis import strategies as st

from sweepwright.core.views.space_yaml import write_space
from sweepwright.diagnostics import Code
from sweepwright.protocol import dumps
from sweepwright.seeds import rng
from sweepwright.space import Condition, Nested, Parameter, SearchSpace
from sweepwright.space_json import read_space, space_body
from tests.core.compiler.space.properties.claims import is_true
from tests.core.compiler.space.properties.compiling import FILE, Outcome, compiled
from tests.core.compiler.space.properties.drawing import spaces
from tests.core.compiler.space.properties.effort import many
from tests.core.compiler.space.properties.meant import Choice, Computed, Leaf, ParameterSlot, Space
from tests.core.compiler.space.properties.reference import assignment, broken, complaints, row_of
from tests.core.compiler.space.properties.spelling import Speller

SAMPLES = 50
POSSIBLE = (Code.NEVER_ACTIVE, Code.UNSATISFIABLE_CONSTRAINT)
"""What can be wrong with a space that is written as it should be."""


@given(spaces(), st.data(), st.integers(0, 2**32))
@many
def test_a_space_is_what_was_meant(meant: Space, data: st.DataObject, seed: int) -> None:
    speller = Speller(data.draw, meant)
    text = speller.text()
    assume("${" not in text)  # OmegaConf takes it for an interpolation, wherever it stands
    outcome = compiled(text)
    codes = {found.code for found in outcome.found}
    assert_findings(text, outcome, meant, data, speller)
    event("compiles" if not outcome.errors else "is found at fault")
    if not outcome.errors:
        space = outcome.spaced.space
        assert_same_parameters(meant, space)
        assert_same_start(meant, outcome)
        assert_agreement(meant, space, data)
        if not meant.shadows:
            assert_same_when_rewritten(outcome)
        assert read_space(json.loads(dumps(space_body(space)))) == space
        if Code.HOPELESS_CONSTRAINT not in codes:
            assert_sound_samples(meant, space, seed)


def assert_findings(
    text: str, outcome: Outcome, meant: Space, data: st.DataObject, speller: Speller
) -> None:
    """What is found stands where it is said to stand, and is so."""
    rows = [row_of(meant, assignment(data.draw, meant)) for _ in range(4)]
    lines = text.split("\n")
    for found in outcome.found:
        assert found.span.file == FILE
        assert lines[found.span.line - 1] == found.span.text
        assert is_true(found, meant, rows, speller.spoken)
    assert {found.code for found in outcome.errors} <= {*POSSIBLE}
    assert outcome.spaced.complete or outcome.errors


def assert_same_parameters(meant: Space, space: SearchSpace) -> None:
    """Every spelling comes to the domain, the default and the place that were meant."""
    expected = {
        seat.name: repr(_parameter(seat, meant))
        for seat in meant.order
        if not isinstance(seat.entry, Computed)
    }
    bare = [Parameter(p.name, p.domain, p.path, p.when, p.default) for p in space.parameters]
    assert {parameter.name: repr(parameter) for parameter in bare} == expected


def _parameter(seat: ParameterSlot, meant: Space) -> Parameter:
    section = seat.section
    path = (*section.scope.split(".")[:-1:2], seat.entry.key)
    when = None
    if section.parent is not None:
        parent = next(each.entry for each in meant.order if each.name == section.parent)
        assert isinstance(parent, Choice)
        names = [branch.name for branch in parent.branches]
        when = Condition(section.parent, (names.index(str(section.branch)),))
    if isinstance(seat.entry, Choice):
        names = [branch.name for branch in seat.entry.branches]
        given_ones = seat.entry.weights
        weights = tuple(float(given_ones.get(name, 1)) for name in names) if given_ones else None
        return Parameter(seat.name, Nested(tuple(names), weights), path, when, seat.entry.default)
    assert isinstance(seat.entry, Leaf)
    return Parameter(seat.name, seat.entry.domain, path, when, seat.entry.default)


def assert_same_start(meant: Space, outcome: Outcome) -> None:
    """What is to be tried first is given as it is, with what can be derived from it."""
    started = outcome.spaced.start
    assert [row_of(meant, each) for each in started] == [
        row_of(meant, each) for each in meant.start
    ]
    assert [complaints(meant, each) for each in started] == [[] for _ in meant.start]


def assert_same_when_rewritten(outcome: Outcome) -> None:
    """What `plan --space` prints compiles to the same, with no finding that was not there."""
    spaced = outcome.spaced
    text = indent(write_space(spaced.space, spaced.start), "  ")
    again = compiled(f"space:\n{text}")
    assert again.spaced.space == spaced.space
    assert again.spaced.start == spaced.start


def assert_agreement(meant: Space, space: SearchSpace, data: st.DataObject) -> None:
    """An assignment that is drawn by the plainest reading is one, if it breaks nothing."""
    drawn = [assignment(data.draw, meant) for _ in range(3)]
    kept = [not broken(meant, row_of(meant, each)) for each in drawn]
    assert [not space.misfits(each) for each in drawn] == kept
    assert space.feasible(space.encode(drawn)).tolist() == kept


def assert_sound_samples(meant: Space, space: SearchSpace, seed: int) -> None:
    """Samples and neighbours are of the space, as it is read and as it was meant."""
    matrix = space.sample(rng(seed, "sample"), SAMPLES)
    drawn = space.decode(matrix)
    assert space.feasible(matrix).all()
    assert [said for each in drawn for said in complaints(meant, each)] == []
    assert [misfit for each in drawn for misfit in space.misfits(each)] == []
    assert np.array_equal(space.encode(drawn), matrix, equal_nan=True)
    assert json.loads(dumps(drawn)) == drawn
    assert space.feasible(space.neighbours(matrix[0], rng(seed, "vary"), SAMPLES)).all()
