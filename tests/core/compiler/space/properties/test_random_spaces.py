"""A random space in random notations compiles to its model, or has findings that are true."""

import json
from textwrap import indent

import numpy as np
from hypothesis import assume, event, given
from hypothesis import strategies as st

from sweepwright.core.views.yaml_text.space_yaml import write_space
from sweepwright.diagnostics import Code
from sweepwright.protocol import dumps
from sweepwright.seeds import rng
from sweepwright.space import Condition, Nested, Parameter, SearchSpace
from sweepwright.space.space_json import read_space, space_body
from tests.core.compiler.space.properties.compile_space import FILE, Outcome, compiled
from tests.core.compiler.space.properties.example_counts import many_examples
from tests.core.compiler.space.properties.finding_oracle import agrees
from tests.core.compiler.space.properties.model import (
    Choice,
    DerivedValue,
    Leaf,
    ParameterSlot,
    SpaceModel,
)
from tests.core.compiler.space.properties.notations import SpaceWriter
from tests.core.compiler.space.properties.oracle import (
    assignment,
    assignment_faults,
    row_of,
    violated_expressions,
)
from tests.core.compiler.space.properties.space_generators import spaces

SAMPLES = 50
POSSIBLE = (Code.NEVER_ACTIVE, Code.UNSATISFIABLE_CONSTRAINT)
"""Errors that a valid text may still have, since conditions of a model can contradict each other.
"""


@given(spaces(), st.data(), st.integers(0, 2**32))
@many_examples
def test_a_space_compiles_to_its_model(model: SpaceModel, data: st.DataObject, seed: int) -> None:
    writer = SpaceWriter(data.draw, model)
    text = writer.text()
    assume("${" not in text)  # OmegaConf takes it for an interpolation, wherever it stands
    outcome = compiled(text)
    codes = {found.code for found in outcome.found}
    assert_findings(text, outcome, model, data, writer)
    event("compiles" if not outcome.errors else "is found at fault")
    if not outcome.errors:
        space = outcome.spaced.space
        assert_same_parameters(model, space)
        assert_same_start(model, outcome)
        assert_agreement(model, space, data)
        if not model.shadows:
            assert_same_when_rewritten(outcome)
        assert read_space(json.loads(dumps(space_body(space)))) == space
        if Code.HOPELESS_CONSTRAINT not in codes:
            assert_sound_samples(model, space, seed)


def assert_findings(
    text: str, outcome: Outcome, model: SpaceModel, data: st.DataObject, writer: SpaceWriter
) -> None:
    """Spans of findings match the text, and the oracle agrees with each finding."""
    rows = [row_of(model, assignment(data.draw, model)) for _ in range(4)]
    lines = text.split("\n")
    for found in outcome.found:
        assert found.span.file == FILE
        assert lines[found.span.line - 1] == found.span.text
        assert agrees(found, model, rows, writer.sources)
    assert {found.code for found in outcome.errors} <= {*POSSIBLE}
    assert outcome.spaced.complete or outcome.errors


def assert_same_parameters(model: SpaceModel, space: SearchSpace) -> None:
    """Every notation yields the domain, the default and the path of the model."""
    expected = {
        slot.name: repr(_parameter(slot, model))
        for slot in model.order
        if not isinstance(slot.entry, DerivedValue)
    }
    bare = [Parameter(p.name, p.domain, p.path, p.when, p.default) for p in space.parameters]
    assert {parameter.name: repr(parameter) for parameter in bare} == expected


def _parameter(slot: ParameterSlot, model: SpaceModel) -> Parameter:
    section = slot.section
    path = (*section.scope.split(".")[:-1:2], slot.entry.key)
    when = None
    if section.parent is not None:
        parent = next(each.entry for each in model.order if each.name == section.parent)
        assert isinstance(parent, Choice)
        names = [branch.name for branch in parent.branches]
        when = Condition(section.parent, (names.index(str(section.branch)),))
    if isinstance(slot.entry, Choice):
        names = [branch.name for branch in slot.entry.branches]
        given_ones = slot.entry.weights
        weights = tuple(float(given_ones.get(name, 1)) for name in names) if given_ones else None
        return Parameter(slot.name, Nested(tuple(names), weights), path, when, slot.entry.default)
    assert isinstance(slot.entry, Leaf)
    return Parameter(slot.name, slot.entry.domain, path, when, slot.entry.default)


def assert_same_start(model: SpaceModel, outcome: Outcome) -> None:
    """Starting assignments are kept, and derived values are added."""
    started = outcome.spaced.start
    assert [row_of(model, each) for each in started] == [
        row_of(model, each) for each in model.start
    ]
    assert [assignment_faults(model, each) for each in started] == [[] for _ in model.start]


def assert_same_when_rewritten(outcome: Outcome) -> None:
    """The output of `plan --space` compiles to the same space."""
    spaced = outcome.spaced
    text = indent(write_space(spaced.space, spaced.start), "  ")
    again = compiled(f"space:\n{text}")
    assert again.spaced.space == spaced.space
    assert again.spaced.start == spaced.start


def assert_agreement(model: SpaceModel, space: SearchSpace, data: st.DataObject) -> None:
    """The space accepts an assignment exactly if the oracle finds no violation."""
    drawn = [assignment(data.draw, model) for _ in range(3)]
    kept = [not violated_expressions(model, row_of(model, each)) for each in drawn]
    assert [not space.misfits(each) for each in drawn] == kept
    assert space.feasible(space.encode(drawn)).tolist() == kept


def assert_sound_samples(model: SpaceModel, space: SearchSpace, seed: int) -> None:
    """Samples and neighbours are valid for the space and for the model."""
    matrix = space.sample(rng(seed, "sample"), SAMPLES)
    drawn = space.decode(matrix)
    assert space.feasible(matrix).all()
    assert [fault for each in drawn for fault in assignment_faults(model, each)] == []
    assert [misfit for each in drawn for misfit in space.misfits(each)] == []
    assert np.array_equal(space.encode(drawn), matrix, equal_nan=True)
    assert json.loads(dumps(drawn)) == drawn
    assert space.feasible(space.neighbours(matrix[0], rng(seed, "vary"), SAMPLES)).all()
