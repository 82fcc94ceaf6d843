"""Order names by their dependencies with a depth-first topological sort, and report cycles.

In a search space, each parameter comes after the parameters in its condition, and each derived
value comes after the values from which it is computed.
"""

from collections.abc import Iterator, Mapping, Sequence

from sweepwright.diagnostics import Code, Report

from .names import ResolvedExpr


def topological_sort(needs: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Sort names so that each follows its dependencies, and otherwise keep the given order.

    Parameters
    ----------
    needs
        Mapping from each name to the names that it depends on. A name without an entry has no
        dependencies.

    Returns
    -------
    list of str
        All names in sorted order. Dependencies that close a cycle are ignored.
    list of list of str
        The cycles. Each name of a cycle depends on the next name, and the last name depends on the
        first.
    """
    search = _DepthFirstSearch(needs)
    for name in needs:
        search.visit(name)
    return search.order, search.cycles


class _DepthFirstSearch:
    """A depth-first search that keeps its own stack instead of calling itself.

    A chain of conditions may be longer than Python's recursion limit. The keys of the stack in
    `visit` are the path from the root to the current name. A dependency on that path closes a
    cycle. A name is appended to `order` once all its dependencies have been appended.
    """

    def __init__(self, needs: Mapping[str, Sequence[str]]) -> None:
        self.order: list[str] = []
        self.cycles: list[list[str]] = []
        self._needs = needs
        self._done: set[str] = set()

    def visit(self, name: str) -> None:
        stack = {name: self._dependencies(name)}
        while stack:
            # A dict keeps the order of insertion: its last key is the top of the stack, and `in`
            # takes constant time even on a path of thousands of names.
            current = next(reversed(stack))
            dependency = next(stack[current], None)
            if dependency is None:
                del stack[current]
                self._finish(current)
            elif dependency in stack:
                # Record the cycle, and then ignore the dependency that closes it, so that every
                # name still gets a place in the order.
                path = list(stack)
                self.cycles.append(path[path.index(dependency) :])
            elif dependency not in self._done:
                stack[dependency] = self._dependencies(dependency)

    def _dependencies(self, name: str) -> Iterator[str]:
        return iter(() if name in self._done else self._needs.get(name, ()))

    def _finish(self, name: str) -> None:
        if name in self._needs and name not in self._done:
            self.order.append(name)
        self._done.add(name)


def report_cycle(cycle: Sequence[str], exprs: Mapping[str, ResolvedExpr], report: Report) -> None:
    """Report a cycle at the expression of its first name that has an expression."""
    expr = next(exprs[name] for name in cycle if name in exprs)
    quoted = [f"`{name}`" for name in (*cycle, cycle[0])]
    message = f"{quoted[0]} depends on {', which depends on '.join(quoted[1:])}"
    if len(cycle) == 1:
        message = f"{quoted[0]} depends on itself"
    span = expr.source.text_span
    report.error(Code.CYCLE, message, span, help="remove one of these dependencies")
