"""Sort names so that whatever another depends on comes first, and find where that is circular."""

from collections.abc import Iterator, Mapping, Sequence


def sort_names(needs: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Sort, moving nothing that need not be moved; also list the circles.

    Parameters
    ----------
    needs
        For each name, those that it depends on; what is no key of it needs nothing.

    Returns
    -------
    list of str
        All names, those in a circle at its first member.
    list of list of str
        Each circle, from its first name on to the last, which needs the first again.
    """
    walk = _Walk(needs)
    for name in needs:
        walk.visit(name)
    return walk.order, walk.circles


class _Walk:
    """A depth-first search; it keeps its own stack, as spaces may be deep."""

    def __init__(self, needs: Mapping[str, Sequence[str]]) -> None:
        self.order: list[str] = []
        self.circles: list[list[str]] = []
        self._needs = needs
        self._done: set[str] = set()

    def visit(self, name: str) -> None:
        ahead = {name: self._ahead(name)}
        while ahead:
            current = next(reversed(ahead))
            following = next(ahead[current], None)
            if following is None:
                del ahead[current]
                self._finish(current)
            elif following in ahead:
                path = list(ahead)
                self.circles.append(path[path.index(following) :])
            elif following not in self._done:
                ahead[following] = self._ahead(following)

    def _ahead(self, name: str) -> Iterator[str]:
        return iter(() if name in self._done else self._needs.get(name, ()))

    def _finish(self, name: str) -> None:
        if name in self._needs and name not in self._done:
            self.order.append(name)
        self._done.add(name)
