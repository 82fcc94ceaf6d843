"""The order in which a space is written, so that the compiler puts it back in its own.

A space has its parameters sorted: what a condition is about stands before the parameter that
it is of, and otherwise nothing is moved. Written, what is in a branch stands together.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from sweepwright.expressions import references
from sweepwright.space import Derived, Nested, Parameter, SearchSpace

Branch: TypeAlias = tuple[str, int] | None
"""A branch by its parent and its index; None for the space as a whole."""

Item: TypeAlias = Parameter | Derived


def writing_order(space: SearchSpace) -> Mapping[Branch, list[Item]]:
    """Arrange what is in each branch: its parameters, and the values derived there."""
    order = _Order(space)
    arranged = order.arrange(None)
    assert arranged, "the compiler made the space of something that was written"
    return order.arranged


class _Order:
    """Puts one item after the other, as long as what the compiler would make of it agrees.

    Of several items that could come next it does not matter which one does: what the others
    bring along stays the same, and in the same order.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.arranged: dict[Branch, list[Item]] = {}
        self._names = [parameter.name for parameter in space.parameters]
        self._needs = {parameter.name: list(_needs(parameter)) for parameter in space.parameters}
        self._inside: dict[Branch, list[Item]] = {}
        items: tuple[Item, ...] = (*space.parameters, *space.derived)
        for item in items:
            self._inside.setdefault(_branch(item), []).append(item)
        self._firsts = _first_derived(space)
        self._sorted: list[str] = []
        self._done: set[str] = set()

    def arrange(self, branch: Branch) -> bool:
        """Arrange a branch with all below it; False where the space's order forbids it now."""
        left = list(self._inside.get(branch, ()))
        waiting = sorted(self._firsts[item.name] for item in left if item.name in self._firsts)
        placed = self.arranged[branch] = []
        while left:
            first = waiting[0] if waiting else None
            allowed = (item for item in left if self._firsts.get(item.name, first) == first)
            chosen = next((item for item in allowed if self._goes(item)), None)
            if chosen is None:
                return False
            left.remove(chosen)
            placed.append(chosen)
            waiting = waiting[chosen.name in self._firsts :]
        return True

    def _goes(self, item: Item) -> bool:
        """Sort an item in with all below it, or leave everything as it was."""
        if isinstance(item, Derived):
            return True
        before = len(self._sorted)
        self._sort(item.name)
        agrees = self._sorted[before:] == self._names[before : len(self._sorted)]
        if agrees and self._arrange_below(item):
            return True
        self._done.difference_update(self._sorted[before:])
        del self._sorted[before:]
        return False

    def _arrange_below(self, parameter: Parameter) -> bool:
        if not isinstance(parameter.domain, Nested):
            return True
        return all(self.arrange((parameter.name, n)) for n in range(parameter.domain.size))

    def _sort(self, name: str) -> None:
        """Sort a name in, after all that it needs, as the compiler does."""
        if name not in self._done:
            self._done.add(name)
            for need in self._needs[name]:
                self._sort(need)
            self._sorted.append(name)


def _branch(item: Item) -> Branch:
    return (item.when.parent, item.when.choices[0]) if item.when else None


def _needs(parameter: Parameter) -> Iterator[str]:
    """Yield what a parameter stands after."""
    if parameter.when:
        yield parameter.when.parent
    if parameter.condition is not None:
        yield from (reference.name for reference in references(parameter.condition))


def _first_derived(space: SearchSpace) -> Mapping[str, int]:
    """Count derived values; a parameter has the number of the first one below it."""
    when = {parameter.name: parameter.when for parameter in space.parameters}
    firsts: dict[str, int] = {}
    for number, derived in enumerate(space.derived):
        firsts[derived.name] = number
        above = derived.when
        while above:
            firsts.setdefault(above.parent, number)
            above = when[above.parent]
    return firsts
