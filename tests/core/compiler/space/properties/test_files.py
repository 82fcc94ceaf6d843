"""A file is compiled as its text is; all else here goes without Hydra, which takes longer."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.registry.registry import Registry
from sweepwright.diagnostics import CompileError, Diagnostic
from sweepwright.space import SearchSpace
from tests.core.compiler.space.properties.compiling import FILE, compiled
from tests.core.compiler.space.properties.drawing import spaces
from tests.core.compiler.space.properties.drawn import perhaps, pick
from tests.core.compiler.space.properties.effort import some
from tests.core.compiler.space.properties.meant import Space
from tests.core.compiler.space.properties.mutations import MUTATIONS
from tests.core.compiler.space.properties.spelling import Speller
from tests.core.compiler.space.properties.yaml_text import CULPRIT, unmarked

HEAD = "# @package _global_\ndefaults: [override /space: null]\n"
REGISTRY = Registry.load()


@given(spaces(), st.data())
@some
def test_a_file_is_compiled_as_its_text_is(meant: Space, data: st.DataObject) -> None:
    if perhaps(data.draw):
        _, breaks = MUTATIONS[pick(data.draw, list(MUTATIONS))]
        breaks(data.draw, meant)
    text = Speller(data.draw, meant).text()
    if CULPRIT in text:
        text, _ = unmarked(text)
    outcome = compiled(text)
    space, found = _compiled_from_a_file(text)

    assert found == [*map(_said, outcome.found)]
    assert space is None or space == outcome.spaced.space


def _compiled_from_a_file(text: str) -> tuple[SearchSpace | None, list[str]]:
    """Compile a file of one's own; what is found beside the space is left out."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "experiment" / FILE
        file.parent.mkdir()
        file.write_text(HEAD + text)
        asked = ["+experiment=space", "trial=noop"]
        try:
            done = compile_sweep(asked, REGISTRY, Path(folder))
        except CompileError as error:
            return None, [_said(each, 2) for each in error.diagnostics if _is_of_space(each)]
        return done.plan.space, [_said(each, 2) for each in done.warnings if _is_of_space(each)]


def _is_of_space(found: Diagnostic) -> bool:
    return found.code.value[0] in "DES"


def _said(found: Diagnostic, above: int = 0) -> str:
    """Say what was found and where, in a text without the lines above it."""
    span = found.span
    assert span.file
    assert Path(span.file).name == FILE
    place = f"{span.line - above}:{span.column}+{span.length} {span.key}"
    return f"{found.code.value} {place} {found.message} {found.label} {found.help}"
