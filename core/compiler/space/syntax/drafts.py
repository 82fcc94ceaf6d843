"""Drafts being collected: what was understood so far, and what was found at fault."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sweepwright.diagnostics import Code, Report, Span
from sweepwright.space import NAME_KEY, Condition, Domain, Parameter

from ...spans import EntrySpan, KeyPath, Spans
from ...stages import BranchDraft, DerivedDraft, Draft, ExprSource, StartDraft
from .nodes import DomainFault, format_value


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping of names to domains: the space as a whole, or a branch of a nested choice."""

    at: KeyPath
    """Where it stands in the configuration."""
    path: tuple[str, ...] = ()
    """Keys to it in what a trial receives."""
    scope: str = ""
    """What precedes the names of its parameters."""
    when: Condition | None = None

    def slot(self, key: str) -> "ParameterSlot":
        """Give the parameter of a key its place."""
        name = f"{self.scope}{key}"
        return ParameterSlot((*self.at, key), name, (*self.path, key), self.scope, self.when)


@dataclass(frozen=True, slots=True)
class ParameterSlot:
    """The place of one parameter: in the configuration, in the space, and in an assignment."""

    at: KeyPath
    name: str
    path: tuple[str, ...]
    scope: str
    when: Condition | None

    def branch(self, index: int, name: str, at: KeyPath) -> Section:
        """Make the section of a branch, if the parameter is a nested choice."""
        return Section(at, self.path, f"{self.name}.{name}.", Condition(self.name, (index,)))


class Drafts:
    """Collects parameters, parents before those that depend on them."""

    def __init__(self, spans: Spans, report: Report) -> None:
        self.spans = spans
        self.parameters: list[Draft] = []
        self.derived: list[DerivedDraft] = []
        self.branches: list[BranchDraft] = []
        self.constraints: list[ExprSource] = []
        self.start: list[StartDraft] = []
        self.nni_v0_format = False
        self.complete = True
        self._report = report
        self.seen_names: set[str] = set()
        """Names of all parameters that were met, those at fault included."""
        self._added_names: set[str] = set()

    def add(
        self,
        slot: ParameterSlot,
        domain: Domain,
        default: Any = None,
        condition: ExprSource | None = None,
    ) -> None:
        """Add a parameter that is without fault."""
        if self._is_new(slot):
            parameter = Parameter(slot.name, domain, slot.path, slot.when, default)
            self.parameters.append(Draft(parameter, slot.at, condition))

    def derive(
        self, slot: ParameterSlot, expression: ExprSource, condition: ExprSource | None = None
    ) -> None:
        """Add a value that is computed from parameters."""
        if self._is_new(slot):
            derived = DerivedDraft(slot.name, slot.path, expression, slot.at, slot.when, condition)
            self.derived.append(derived)

    @property
    def invalid_names(self) -> frozenset[str]:
        """Names of the parameters that are at fault."""
        return frozenset(self.seen_names - self._added_names)

    def mark_names_unknown(self) -> None:
        """Lose parameters whose names are not known, such as those of a file that is missing."""
        self.complete = False
        self.seen_names.add("")

    def extend_spans(self, known: Mapping[KeyPath, EntrySpan]) -> None:
        """Learn where what another file holds is written."""
        find = self.spans.find
        self.spans = Spans(lambda path: known.get(path) or find(path))

    def check_name(self, name: Any, at: KeyPath, *, is_key: bool = True) -> bool:
        """Tell whether a parameter or a branch can have a name; report it if not."""
        span = self.spans.key(at) if is_key else self.spans.value(at)
        fault = _fault_of_name(name, span)
        if fault:
            message, suggestion = fault
            self.error(Code.BAD_NAME, message, span, suggestion)
        return fault is None

    def report_fault(self, fault: DomainFault, slot: ParameterSlot) -> None:
        """Report what is wrong with a domain, under the name of its parameter."""
        message = fault.message.replace("the domain", f"the domain of `{slot.name}`", 1)
        span = fault.at.span
        if fault.warning:
            self.warn(fault.code, message, span, fault.help, fault.label)
        else:
            self.error(fault.code, message, span, fault.help, fault.label)

    def report_not_a_domain(self, message: str, at: KeyPath, help_: str | None = None) -> None:
        """Report that a value of the configuration is no domain."""
        self.error(Code.NOT_A_DOMAIN, message, self.spans.value(at), help_)

    def error(
        self, code: Code, message: str, span: Span, help_: str | None = None, label: str = ""
    ) -> None:
        """Report a fault; it leaves a hole."""
        self.complete = False
        self._report.error(code, message, span, label=label, help=help_)

    def warn(
        self, code: Code, message: str, span: Span, help_: str | None = None, label: str = ""
    ) -> None:
        """Report what the sweep can live with."""
        self._report.warn(code, message, span, label=label, help=help_)

    def _is_new(self, slot: ParameterSlot) -> bool:
        if slot.name in self._added_names:
            message = f"`{slot.name}` is in the space already"
            self.error(Code.BAD_NAME, message, self.spans.key(slot.at), "give it another name")
            return False
        self._added_names.add(slot.name)
        return True


def _fault_of_name(key: Any, span: Span) -> tuple[str, str] | None:
    """Say what is wrong with a name, and how it could be written."""
    if not isinstance(key, str):
        source = span.text[span.column - 1 :][: span.length] or format_value(key)
        return f"`{format_value(key)}` is no name", f"put it in quotes: `'{source}'`"
    if not key:
        return "the name is empty", "give it a name"
    if key == NAME_KEY:
        return f"`{key}` is kept for the name of a branch", "write `name`"
    odd = next(
        (argument_name for mark, argument_name in _NOT_IN_NAMES.items() if mark in key), None
    )
    plain = "_".join(part for part in re.split(r"[.`]+", key) if part)
    return (f"`{key}` has {odd} in it", f"write `{plain or 'name'}`") if odd else None


_NOT_IN_NAMES = {".": "a dot", "`": "a backtick"}
"""What joins the names of branches and of what is in them, and what quotes them."""
