"""Every kind of mistake in a space: the code that it is reported under, and how it is made."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sweepwright.diagnostics import Code
from tests.core.compiler.space.properties.broken_lists import LISTS
from tests.core.compiler.space.properties.broken_relations import EXPRESSIONS, RELATIONS
from tests.core.compiler.space.properties.broken_values import VALUES
from tests.core.compiler.space.properties.drawn import Draw
from tests.core.compiler.space.properties.meant import Space
from tests.core.compiler.space.properties.placing import put

Mutation: TypeAlias = tuple[Code, Callable[[Draw, Space], None]]
"""Breaks a space in one place, and marks the culprit."""


def _placed(broken: Callable[[Draw], Any]) -> Callable[[Draw, Space], None]:
    return lambda draw, space: put(draw, space, broken(draw))


MUTATIONS: Mapping[str, Mutation] = {
    **{kind: (code, _placed(broken)) for kind, (code, broken) in VALUES.items()},
    **EXPRESSIONS,
    **RELATIONS,
    **LISTS,
}
