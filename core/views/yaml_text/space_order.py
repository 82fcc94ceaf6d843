"""Finds an order of items for a file, so that the compiler restores the order of the space.

The compiler sorts parameters topologically: parameters keep the order of the file, except that a
parameter comes after all parameters in its condition. In a file, all items of a branch are
adjacent. The order of the space may not have this property, so it cannot simply be written to the
file. The order matters, because column k of a draw belongs to parameter k: plans are equal only if
their parameters have the same order.

The search is greedy, with backtracking inside a branch. It simulates the compiler: `_sort` appends
a parameter after its dependencies. An item may come next only if the simulated order is still a
prefix of the order of the space.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from sweepwright.expressions import references
from sweepwright.space import Derived, Nested, Parameter, SearchSpace

Branch: TypeAlias = tuple[str, int] | None
"""A branch, identified by its parent parameter and its index; None for the top level."""

Item: TypeAlias = Parameter | Derived


def writing_order(space: SearchSpace) -> Mapping[Branch, list[Item]]:
    """Return the parameters and derived values of each branch in the order to write them."""
    order = _Order(space)
    arranged = order.arrange(None)
    assert arranged, "the space was compiled from a file, so that an order exists"
    return order.arranged


class _Order:
    """Arranges items one by one, and simulates the order in which the compiler sorts them.

    If several items may come next, any of them can be chosen without backtracking. The choice does
    not change which parameters each of the other items appends, nor their order. Invariants:
    `_sorted` is a prefix of `_names`, and `_done` is the set of the names in `_sorted`.
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
        """Arrange all items in and below a branch; return False if this is not yet possible."""
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
        """Append an item and everything below it, or restore the state and return False."""
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
        """Append a parameter after its dependencies, as the compiler does."""
        if name not in self._done:
            self._done.add(name)
            for need in self._needs[name]:
                self._sort(need)
            self._sorted.append(name)


def _branch(item: Item) -> Branch:
    return (item.when.parent, item.when.choices[0]) if item.when else None


def _needs(parameter: Parameter) -> Iterator[str]:
    """Yield the dependencies of a parameter."""
    if parameter.when:
        yield parameter.when.parent
    if parameter.condition is not None:
        yield from (reference.name for reference in references(parameter.condition))


def _first_derived(space: SearchSpace) -> Mapping[str, int]:
    """Assign numbers to derived values. A parameter gets the lowest number among those below it.

    Derived values must keep their order too. An item may therefore come next only if no other item
    has a lower number.
    """
    when = {parameter.name: parameter.when for parameter in space.parameters}
    firsts: dict[str, int] = {}
    for number, derived in enumerate(space.derived):
        firsts[derived.name] = number
        above = derived.when
        while above:
            firsts.setdefault(above.parent, number)
            above = when[above.parent]
    return firsts
