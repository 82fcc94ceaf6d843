"""Where each parameter lies in the nested dicts that trials receive."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from .domains import Nested
from .parameters import Condition, Parameter

Path: TypeAlias = tuple[str, ...]

NAME_KEY = "_name"
"""Key under which a nested choice carries its branch's name."""


@dataclass(slots=True)
class Section:
    """A dict of the assignment: the root, or one branch of a nested choice."""

    name: str | None = None
    """The branch's name, which the dict carries; None for the root."""
    sure: list["Item"] = field(default_factory=list)
    """What is there whenever the section is."""
    perhaps: list["Item"] = field(default_factory=list)
    """What is there only where a further condition holds."""
    derived: list[tuple[str, int]] = field(default_factory=list)
    """Key and number of each derived value that lies here."""


@dataclass(frozen=True, slots=True)
class Item:
    """A parameter in its section."""

    key: str
    column: int
    branches: tuple[Section, ...] = ()
    """What lies below each branch, when it is a nested choice."""


@dataclass(frozen=True, slots=True)
class Located:
    """What has a place in an assignment: a parameter, or a value derived from some."""

    path: Path
    when: Condition | None
    sure: bool
    """Whether nothing but its branch decides on it."""


def lay_out(parameters: Sequence[Parameter], derived: Sequence[Located]) -> Section:
    """Arrange parameters and derived values in the sections that hold them.

    Raises
    ------
    ValueError
        When the path to one leads through something that is no nested choice above it.
    """
    return _Layout(parameters).root(derived)


class _Layout:
    """Builds sections from the root down, as parameters stand before their dependants."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self._parameters = {parameter.name: parameter for parameter in parameters}
        self._branches: dict[str, tuple[Section, ...]] = {}
        self._root = Section()

    def root(self, derived: Sequence[Located]) -> Section:
        for column, parameter in enumerate(self._parameters.values()):
            item = Item(parameter.path[-1], column, self._below(parameter))
            located = Located(parameter.path, parameter.when, parameter.condition is None)
            for section, sure in self._sections(located):
                (section.sure if sure else section.perhaps).append(item)
        for number, located in enumerate(derived):
            for section, _ in self._sections(located):
                section.derived.append((located.path[-1], number))
        return self._root

    def _below(self, parameter: Parameter) -> tuple[Section, ...]:
        if not isinstance(parameter.domain, Nested):
            return ()
        sections = tuple(map(Section, parameter.domain.branches))
        self._branches[parameter.name] = sections
        return sections

    def _sections(self, located: Located) -> list[tuple[Section, bool]]:
        """Find the dicts that may hold something, and whether they always do."""
        if len(located.path) == 1:
            return [(self._root, located.sure and located.when is None)]
        when, direct = located.when, True
        while when:
            parent = self._parameters[when.parent]
            if parent.path == located.path[:-1] and parent.name in self._branches:
                sections = [self._branches[parent.name][choice] for choice in when.choices]
                return [(section, located.sure and direct) for section in sections]
            when, direct = parent.when, False
        raise ValueError(f"{'.'.join(located.path)} lies in nothing that is there whenever it is")
