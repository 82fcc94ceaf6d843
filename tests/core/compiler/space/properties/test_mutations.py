"""Whatever is broken in a space is reported, and where it stands."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sweepwright.diagnostics import Code, Diagnostic
from tests.core.compiler.space.properties.compiling import compiled
from tests.core.compiler.space.properties.drawing import spaces
from tests.core.compiler.space.properties.effort import few
from tests.core.compiler.space.properties.meant import Space
from tests.core.compiler.space.properties.mutations import MUTATIONS
from tests.core.compiler.space.properties.spelling import Speller
from tests.core.compiler.space.properties.yaml_text import Place, unmarked


@pytest.mark.parametrize("kind", MUTATIONS)
def test_whatever_is_broken_is_reported_where_it_stands(kind: str) -> None:
    code, breaks = MUTATIONS[kind]

    @given(spaces(), st.data())
    @few
    def check(space: Space, data: st.DataObject) -> None:
        sound = Speller(data.draw, space).text()
        breaks(data.draw, space)
        text, place = unmarked(Speller(data.draw, space).text())
        outcome = compiled(text)
        found = [(each.code, _place(each)) for each in outcome.found]
        if (code, place) not in found or {each.code for each in outcome.errors} - {code}:
            assume(not compiled(sound).errors)
            raise AssertionError(f"{text}\n{place}\n{[*map(str, outcome.found)]}")

    check()


def _place(found: Diagnostic) -> Place:
    span = found.span
    return Place(span.line, span.column, span.text[span.column - 1 :][: span.length])


def test_every_finding_about_a_space_has_a_kind() -> None:
    codes = {code for code, _ in MUTATIONS.values()}

    assert codes == {code for code in Code if code.value[0] in "DES"} - {Code.EMPTY_SPACE}
    assert len(MUTATIONS) > 100
