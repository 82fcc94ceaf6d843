"""Every mutation of a valid space is reported with its code, at the culprit."""

from copy import deepcopy

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sweepwright.diagnostics import Code, Diagnostic
from tests.core.compiler.space.properties.compile_space import compiled
from tests.core.compiler.space.properties.example_counts import few_examples
from tests.core.compiler.space.properties.model import SpaceModel
from tests.core.compiler.space.properties.mutations import MUTATIONS
from tests.core.compiler.space.properties.notations import SpaceWriter
from tests.core.compiler.space.properties.space_generators import spaces
from tests.core.compiler.space.properties.yaml_writer import Place, extract_mark


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_mutation_is_reported_at_the_culprit(kind: str) -> None:
    code, mutate = MUTATIONS[kind]

    @given(spaces(), st.data())
    @few_examples
    def check(space: SpaceModel, data: st.DataObject) -> None:
        sound = deepcopy(space)
        mutate(data.draw, space)
        text, place = extract_mark(SpaceWriter(data.draw, space).text())
        outcome = compiled(text)
        found = [(each.code, _place(each)) for each in outcome.found]
        if (code, place) not in found or {each.code for each in outcome.errors} - {code}:
            assume(not compiled(SpaceWriter(data.draw, sound).text()).errors)
            raise AssertionError(f"{text}\n{place}\n{[*map(str, outcome.found)]}")

    check()


def _place(found: Diagnostic) -> Place:
    span = found.span
    return Place(span.line, span.column, span.text[span.column - 1 :][: span.length])


def test_every_code_about_a_space_has_a_mutation() -> None:
    codes = {code for code, _ in MUTATIONS.values()}

    assert codes == {code for code in Code if code.value[0] in "DES"} - {Code.EMPTY_SPACE}
    assert len(MUTATIONS) > 100
