"""Collect the observations of the interpreter, and convert them to `Facts`."""

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
    ParameterPath,
    Read,
    ReportCall,
    SourceSpan,
    api_name,
)

MAX_STEPS = 50_000
"""Largest number of expressions and statements that the analysis of a source executes.

The limit bounds the time for a hostile or generated source. Every file of the standard library
stays below the limit (``test_analyze.py``).
"""
UNKNOWN_SPAN = SourceSpan(1, 1, 1)
"""Span of reports by code outside of the source."""


class StepLimitError(Exception):
    """The analysis of the source takes more than `MAX_STEPS` steps."""


class Observations:
    """Collects the reads, the reports and the escaped values of a source.

    Observations are monotone: they are added but never removed. If the interpreter executes the
    same read several times, the read is required if it was required in at least one execution,
    since then every run executes the read.
    """

    def __init__(self, text: str) -> None:
        self._lines = re.split(r"\r\n|\r|\n", text)
        self._reads: dict[tuple[ParameterPath, SourceSpan], bool] = {}
        self._escaped_paths: set[ParameterPath] = set()
        self._reports: dict[tuple[bool, SourceSpan], frozenset[str] | None] = {}
        self._budget_read = False
        self._lost_track = False
        self._steps = 0
        self.escaped_functions: dict[FunctionNode, Function] = {}
        """Functions of the source that code outside of it may call, with any arguments."""

    def facts(self, *, elsewhere: bool) -> Facts:
        """Return the observations as facts.

        `elsewhere` states whether code outside of the source may also use the trial API.
        """
        return Facts(
            tuple(Read(path, span, required) for (path, span), required in self._reads.items()),
            frozenset(self._escaped_paths),
            tuple(
                ReportCall(final, metrics, at) for (final, at), metrics in self._reports.items()
            ),
            self._budget_read or self._lost_track or elsewhere or () in self._escaped_paths,
            self._lost_track or elsewhere,
        )

    def count_step(self) -> None:
        """Count one step of the interpreter.

        Raises
        ------
        StepLimitError
            If the interpreter has taken more than `MAX_STEPS` steps.
        """
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise StepLimitError

    def read(self, mapping: DictValue, key: str, node: ast.AST, *, required: bool) -> Values:
        """Note that a key is read, and return the values that the key may have."""
        if mapping.path is None:
            return (UNKNOWN,)
        path = (*mapping.path, key)
        given = mapping.may_have_own(key)
        # Only the assignment and the budget in the description of the trial are relevant.
        if path == (*RAW, "budget"):
            self.read_budget()
        if path == (*RAW, "assignment"):
            path = ()
        elif path[:1] != RAW:
            at = (path, self._span(node))
            self._reads[at] = self._reads.get(at, False) or (required and not given)
        nested = mapping.children.setdefault(key, DictValue(path))
        nested.any_own_key |= given  # the script may have set the value itself
        return (nested,)

    def report(self, node: ast.AST, metrics: frozenset[str] | None, *, final: bool) -> None:
        """Note a call that reports metrics.

        If the interpreter executes the call again, the metrics are added to the earlier metrics.
        """
        at = (final, self._span(node))
        before = self._reports.get(at, frozenset())
        known = metrics is not None and before is not None
        self._reports[at] = metrics | before if known else None  # type: ignore[operator]

    def report_anything(self) -> None:
        """Note that final and intermediate results with any metrics may be reported."""
        self._reports |= dict.fromkeys([(True, UNKNOWN_SPAN), (False, UNKNOWN_SPAN)], None)

    def escape(self, values: Iterable[Value]) -> None:
        """Note that values reach code outside of the analysis, which may use them arbitrarily."""
        for value in values:
            match value:
                case DictValue():
                    self._escape_dict(value)
                case Function():
                    self.escaped_functions[value.node] = value
                # Code that knows the name of an environment variable can read the description of
                # the trial or report results.
                case Text(text) if text in (TRIAL_VARIABLE, REPORTS_VARIABLE):
                    self.lose_track()
                case Imported(name) if name in APIS:
                    self.lose_track()
                case Imported(name):
                    self._escape_function(api_name(name))

    def escape_path(self, path: ParameterPath) -> None:
        """Note that any key in the part of the assignment at a path may be read."""
        if path == RAW:
            self.lose_track()
        elif path[:1] != RAW:
            self._escaped_paths.add(path)

    def read_budget(self) -> None:
        """Note that the budget is read in another way than as a parameter."""
        self._budget_read = True

    def lose_track(self) -> None:
        """Note that the source may read and report anything in a way that cannot be analyzed."""
        self._lost_track = True

    def _escape_dict(self, mapping: DictValue) -> None:
        mapping.any_own_key = True
        if mapping.path is not None:
            self.escape_path(mapping.path)

    def _escape_function(self, name: str | None) -> None:
        if name in REPORTERS:
            self._reports[REPORTERS[name], UNKNOWN_SPAN] = None
        elif name in (NEXT_PARAMETER, CURRENT_PARAMETER):
            self.escape_path(())

    def _span(self, node: ast.AST) -> SourceSpan:
        """Return the span of a node, or of its first line if the node has several lines."""
        line = getattr(node, "lineno", 1)
        # The module `ast` counts columns in bytes of UTF-8, and not in characters.
        raw = self._lines[line - 1].encode() if line <= len(self._lines) else b""
        start = getattr(node, "col_offset", 0)
        ends_here = getattr(node, "end_lineno", line) == line
        end = getattr(node, "end_col_offset", start + 1) if ends_here else len(raw)
        column = len(raw[:start].decode(errors="replace")) + 1
        return SourceSpan(line, column, max(1, len(raw[start:end].decode(errors="replace"))))
