"""A file compiles in the same way with and without Hydra, as the other tests here assume."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.registry.registry import Registry
from sweepwright.diagnostics import CompileError, Diagnostic
from sweepwright.space import SearchSpace
from tests.core.compiler.space.properties.compile_space import FILE, compiled
from tests.core.compiler.space.properties.example_counts import some_examples
from tests.core.compiler.space.properties.model import SpaceModel
from tests.core.compiler.space.properties.mutations import MUTATIONS
from tests.core.compiler.space.properties.notations import SpaceWriter
from tests.core.compiler.space.properties.space_generators import spaces
from tests.core.compiler.space.properties.yaml_writer import CULPRIT, extract_mark
from tests.sweepwright.draws import chance, pick

HEAD = "# @package _global_\ndefaults: [override /space: null]\n"
REGISTRY = Registry.load()


@given(spaces(), st.data())
@some_examples
def test_a_file_compiles_like_its_text(model: SpaceModel, data: st.DataObject) -> None:
    if chance(data.draw):
        _, mutate = MUTATIONS[pick(data.draw, list(MUTATIONS))]
        mutate(data.draw, model)
    text = SpaceWriter(data.draw, model).text()
    if CULPRIT in text:
        text, _ = extract_mark(text)
    outcome = compiled(text)
    space, found = _compiled_from_a_file(text)

    assert found == [*map(_expression_text, outcome.found)]
    assert space is None or space == outcome.spaced.space


def _compiled_from_a_file(text: str) -> tuple[SearchSpace | None, list[str]]:
    """Compile an experiment file, and keep the findings about the space."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "experiment" / FILE
        file.parent.mkdir()
        file.write_text(HEAD + text)
        asked = ["+experiment=space", "trial=noop"]
        try:
            done = compile_sweep(asked, REGISTRY, Path(folder))
        except CompileError as error:
            return None, [
                _expression_text(each, 2) for each in error.diagnostics if _is_of_space(each)
            ]
        return done.plan.space, [
            _expression_text(each, 2) for each in done.warnings if _is_of_space(each)
        ]


def _is_of_space(found: Diagnostic) -> bool:
    return found.code.value[0] in "DES"


def _expression_text(found: Diagnostic, above: int = 0) -> str:
    """Format a finding, with a line number that does not count the lines above the section."""
    span = found.span
    assert span.file
    assert Path(span.file).name == FILE
    place = f"{span.line - above}:{span.column}+{span.length} {span.key}"
    return f"{found.code.value} {place} {found.message} {found.label} {found.help}"
