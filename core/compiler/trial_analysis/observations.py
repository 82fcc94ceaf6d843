"""The ledger: all that was seen of a source while it was read."""

import ast
import re
from collections.abc import Iterable

from .abstract_values import (
    UNKNOWN,
    DictValue,
    Function,
    FunctionNode,
    Imported,
    Text,
    Value,
    Values,
)
from .facts import (
    APIS,
    CURRENT_PARAMETER,
    NEXT_PARAMETER,
    RAW,
    REPORTERS,
    REPORTS_VARIABLE,
    TRIAL_VARIABLE,
    Facts,
    Path,
    Read,
    ReportCall,
    SourceSpan,
    api_name,
)

MOST_STEPS = 50_000
"""Expressions and statements that are looked at before a source is given up."""
SOMEWHERE = SourceSpan(1, 1, 1)


class TooIntricateError(Exception):
    """There is more to follow in a source than is worth it."""


class Observations:
    """Notes what a source reads and reports, and what of it slips out of sight."""

    def __init__(self, text: str) -> None:
        self._lines = re.split(r"\r\n|\r|\n", text)
        self._reads: dict[tuple[Path, SourceSpan], bool] = {}
        self._opened: set[Path] = set()
        self._reports: dict[tuple[bool, SourceSpan], frozenset[str] | None] = {}
        self._budgeted = False
        self._lost = False
        self._steps = 0
        self.loose: dict[FunctionNode, Function] = {}
        """Functions of the source that other code may call."""

    def facts(self, *, elsewhere: bool) -> Facts:
        """Sum up what was seen, when other code may do more of the same."""
        return Facts(
            tuple(Read(path, spot, certain) for (path, spot), certain in self._reads.items()),
            frozenset(self._opened),
            tuple(
                ReportCall(final, metrics, at) for (final, at), metrics in self._reports.items()
            ),
            self._budgeted or self._lost or elsewhere or () in self._opened,
            self._lost or elsewhere,
        )

    def step(self) -> None:
        """Count one more thing that was looked at.

        Raises
        ------
        TooIntricateError
            When that were too many.
        """
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooIntricateError

    def read(self, table: DictValue, key: str, node: ast.AST, *, certain: bool) -> Values:
        """Note that a key is read, and return what it holds."""
        if table.path is None:
            return (UNKNOWN,)
        path = (*table.path, key)
        given = table.gives(key)
        if path == (*RAW, "budget"):
            self.use_budget()
        if path == (*RAW, "assignment"):
            path = ()
        elif path[:1] != RAW:
            at = (path, self._spot(node))
            self._reads[at] = self._reads.get(at, False) or (certain and not given)
        part = table.parts.setdefault(key, DictValue(path))
        part.anything |= given
        return (part,)

    def report(self, node: ast.AST, metrics: frozenset[str] | None, *, final: bool) -> None:
        """Note a call that reports; one call may report several things."""
        at = (final, self._spot(node))
        before = self._reports.get(at, frozenset())
        known = metrics is not None and before is not None
        self._reports[at] = metrics | before if known else None  # type: ignore[operator]

    def report_out_of_sight(self) -> None:
        """Note that anything may be reported, finally or on the way."""
        self._reports |= dict.fromkeys([(True, SOMEWHERE), (False, SOMEWHERE)], None)

    def escape(self, values: Iterable[Value]) -> None:
        """Note what is handed to code that is not followed, which may do with it what it likes."""
        for value in values:
            match value:
                case DictValue():
                    self._open(value)
                case Function():
                    self.loose[value.node] = value
                case Text(text) if text in (TRIAL_VARIABLE, REPORTS_VARIABLE):
                    self.lose()
                case Imported(name) if name in APIS:
                    self.lose()
                case Imported(name):
                    self._escape_function(api_name(name))

    def open(self, path: Path) -> None:
        """Note that anything in a part of the assignment may be read."""
        if path == RAW:
            self.lose()
        elif path[:1] != RAW:
            self._opened.add(path)

    def use_budget(self) -> None:
        """Note that the budget is read, and not from the parameters."""
        self._budgeted = True

    def lose(self) -> None:
        """Note that the source may do anything, out of sight."""
        self._lost = True

    def _open(self, table: DictValue) -> None:
        table.anything = True
        if table.path is not None:
            self.open(table.path)

    def _escape_function(self, name: str | None) -> None:
        if name in REPORTERS:
            self._reports[REPORTERS[name], SOMEWHERE] = None
        elif name in (NEXT_PARAMETER, CURRENT_PARAMETER):
            self.open(())

    def _spot(self, node: ast.AST) -> SourceSpan:
        """Find a node's place; one of several lines is shown to the end of its first."""
        line = getattr(node, "lineno", 1)
        raw = self._lines[line - 1].encode() if line <= len(self._lines) else b""
        start = getattr(node, "col_offset", 0)
        ends_here = getattr(node, "end_lineno", line) == line
        end = getattr(node, "end_col_offset", start + 1) if ends_here else len(raw)
        column = len(raw[:start].decode(errors="replace")) + 1
        return SourceSpan(line, column, max(1, len(raw[start:end].decode(errors="replace"))))
