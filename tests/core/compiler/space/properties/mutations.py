"""All mutations: each makes one kind of mistake in a valid space, and has an expected code."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sweepwright.diagnostics import Code
from tests.core.compiler.space.properties.insertion import insert
from tests.core.compiler.space.properties.model import SpaceModel
from tests.core.compiler.space.properties.name_and_start_mutations import LISTS
from tests.core.compiler.space.properties.relation_mutations import EXPRESSIONS, RELATIONS
from tests.core.compiler.space.properties.value_mutations import VALUES
from tests.sweepwright.draws import Draw

Mutation: TypeAlias = tuple[Code, Callable[[Draw, SpaceModel], None]]
"""The expected code, and a function that breaks a space in one place and marks the culprit."""


def _placed(make_value: Callable[[Draw], Any]) -> Callable[[Draw, SpaceModel], None]:
    return lambda draw, space: insert(draw, space, make_value(draw))


MUTATIONS: Mapping[str, Mutation] = {
    **{kind: (code, _placed(make_value)) for kind, (code, make_value) in VALUES.items()},
    **EXPRESSIONS,
    **RELATIONS,
    **LISTS,
}
