"""Describe the position of each parameter in the nested dicts that trials receive.

An assignment is a tree of sections. The root is a section, and each branch of a nested choice is a
section. Encoding and decoding walk this tree once for all rows, instead of looking up paths in
every assignment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ..domains import Nested
from .parameters import Condition, Parameter

Path: TypeAlias = tuple[str, ...]

NAME_KEY = "_name"
"""The key for the name of the chosen branch in the dict of a nested choice."""


@dataclass(slots=True)
class Section:
    """A dict in the assignment: the root, or a branch of a nested choice."""

    name: str | None = None
    """Name of the branch, which the dict contains under `NAME_KEY`; None for the root."""
    always: list["Item"] = field(default_factory=list)
    """Parameters that are active whenever the assignment has the section."""
    conditional: list["Item"] = field(default_factory=list)
    """Parameters that are active only under a further condition."""
    derived: list[tuple[str, int]] = field(default_factory=list)
    """Key and index of each derived value in this section."""


@dataclass(frozen=True, slots=True)
class Item:
    """A parameter of a section."""

    key: str
    column: int
    branches: tuple[Section, ...] = ()
    """Sections of the branches, if the parameter is a nested choice."""


@dataclass(frozen=True, slots=True)
class Located:
    """The position of a parameter or derived value in the assignment."""

    path: Path
    when: Condition | None
    always: bool
    """Whether the assignment contains the value whenever the branch of the value is taken."""


def lay_out(parameters: Sequence[Parameter], derived: Sequence[Located]) -> Section:
    """Arrange parameters and derived values in their sections, and return the root.

    Raises
    ------
    ValueError
        If a path of several keys does not lead into a nested choice that encloses the parameter.
    """
    return _Layout(parameters).root(derived)


class _Layout:
    """Builds sections from the root downwards; a choice precedes the parameters in a branch."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self._parameters = {parameter.name: parameter for parameter in parameters}
        self._branches: dict[str, tuple[Section, ...]] = {}
        self._root = Section()

    def root(self, derived: Sequence[Located]) -> Section:
        for column, parameter in enumerate(self._parameters.values()):
            item = Item(parameter.path[-1], column, self._branches_of(parameter))
            located = Located(parameter.path, parameter.when, parameter.condition is None)
            for section, always in self._sections(located):
                (section.always if always else section.conditional).append(item)
        for number, located in enumerate(derived):
            for section, _ in self._sections(located):
                section.derived.append((located.path[-1], number))
        return self._root

    def _branches_of(self, parameter: Parameter) -> tuple[Section, ...]:
        if not isinstance(parameter.domain, Nested):
            return ()
        sections = tuple(map(Section, parameter.domain.branches))
        self._branches[parameter.name] = sections
        return sections

    def _sections(self, located: Located) -> list[tuple[Section, bool]]:
        """Find the sections that may contain a value, and whether they always contain it.

        A value whose path has one key is in the root. A value with a longer path is in the
        branches of an enclosing choice: the nearest one whose path, followed by one key, is the
        path of the value. Enclosing choices with other paths are only further conditions.
        """
        if len(located.path) == 1:
            return [(self._root, located.always and located.when is None)]
        when, direct = located.when, True
        while when:
            parent = self._parameters[when.parent]
            if parent.path == located.path[:-1] and parent.name in self._branches:
                sections = [self._branches[parent.name][choice] for choice in when.choices]
                return [(section, located.always and direct) for section in sections]
            when, direct = parent.when, False
        path, folder = ".".join(located.path), ".".join(located.path[:-1])
        raise ValueError(f"`{path}` is not in a branch of a nested choice at `{folder}`")
