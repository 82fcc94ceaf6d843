"""Collect the drafts of a space, and report faults that exclude a parameter from the space."""

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
    """A mapping from names to domains: the space itself, or a branch of a nested choice."""

    at: KeyPath
    """Path of the section in the configuration."""
    path: tuple[str, ...] = ()
    """Keys that lead to the section in the assignment that a trial receives."""
    scope: str = ""
    """Prefix of the full names of the section's parameters, such as ``optimizer.sgd.``."""
    when: Condition | None = None

    def slot(self, key: str) -> "ParameterSlot":
        """Return the slot for the parameter under a key."""
        name = f"{self.scope}{key}"
        return ParameterSlot((*self.at, key), name, (*self.path, key), self.scope, self.when)


@dataclass(frozen=True, slots=True)
class ParameterSlot:
    """The position of one parameter in the configuration, in the space, and in an assignment.

    For example, the configuration holds a parameter at ``space.optimizer.choice.sgd.momentum``
    (`at`). The full name of this parameter in the space is ``optimizer.sgd.momentum`` (`name`),
    and a trial finds the value at ``optimizer.momentum`` (`path`). Names in the parameter's
    condition are resolved from ``optimizer.sgd.`` (`scope`). The parameter is active if the branch
    ``sgd`` is taken (`when`).
    """

    at: KeyPath
    name: str
    path: tuple[str, ...]
    scope: str
    when: Condition | None

    def branch(self, index: int, name: str, at: KeyPath) -> Section:
        """Return the section of one branch, if this parameter is a nested choice."""
        return Section(at, self.path, f"{self.name}.{name}.", Condition(self.name, (index,)))


class Drafts:
    """Collects the drafts of a space, with each choice before the parameters in its branches.

    `complete` becomes False when an error is reported or an invalid value is skipped. A name is
    invalid if it was checked but no parameter of that name was added. Expressions that refer to an
    invalid name cause no further findings.
    """

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
        """Names of all parameters that were met, invalid ones included."""
        self._added_names: set[str] = set()

    def add(
        self,
        slot: ParameterSlot,
        domain: Domain,
        default: Any = None,
        condition: ExprSource | None = None,
    ) -> None:
        """Add a valid parameter to the drafts."""
        if self._is_new(slot):
            parameter = Parameter(slot.name, domain, slot.path, slot.when, default)
            self.parameters.append(Draft(parameter, slot.at, condition))

    def derive(
        self, slot: ParameterSlot, expression: ExprSource, condition: ExprSource | None = None
    ) -> None:
        """Add a derived value, which is computed from parameters."""
        if self._is_new(slot):
            derived = DerivedDraft(slot.name, slot.path, expression, slot.at, slot.when, condition)
            self.derived.append(derived)

    @property
    def invalid_names(self) -> frozenset[str]:
        """Names of the invalid parameters."""
        return frozenset(self.seen_names - self._added_names)

    def mark_names_unknown(self) -> None:
        """Record that parameters with unknown names are missing, since a file cannot be read."""
        self.complete = False
        # `Resolver` treats the empty name as a prefix of every name, so that any unknown name may
        # be the name of a missing parameter.
        self.seen_names.add("")

    def extend_spans(self, known: Mapping[KeyPath, EntrySpan]) -> None:
        """Add the positions of values from an included file."""
        find = self.spans.find
        self.spans = Spans(lambda path: known.get(path) or find(path))

    def check_name(self, name: Any, at: KeyPath, *, is_key: bool = True) -> bool:
        """Tell whether a parameter or a branch may have this name, and report an invalid name."""
        span = self.spans.key(at) if is_key else self.spans.value(at)
        fault = _fault_of_name(name, span)
        if fault:
            message, suggestion = fault
            self.error(Code.BAD_NAME, message, span, suggestion)
        return fault is None

    def report_fault(self, fault: DomainFault, slot: ParameterSlot) -> None:
        """Report a fault in a domain, with the name of the parameter in the message."""
        # The checks of a call do not know which parameter the call belongs to. So "the domain is
        # empty" becomes "the domain of `lr` is empty" here.
        message = fault.message.replace("the domain", f"the domain of `{slot.name}`", 1)
        span = fault.at.span
        if fault.warning:
            self.warn(fault.code, message, span, fault.help, fault.label)
        else:
            self.error(fault.code, message, span, fault.help, fault.label)

    def report_not_a_domain(self, message: str, at: KeyPath, help_: str | None = None) -> None:
        """Report a value of the configuration that is not a domain."""
        self.error(Code.NOT_A_DOMAIN, message, self.spans.value(at), help_)

    def error(
        self, code: Code, message: str, span: Span, help_: str | None = None, label: str = ""
    ) -> None:
        """Report an error, and mark the space as incomplete."""
        self.complete = False
        self._report.error(code, message, span, label=label, help=help_)

    def warn(
        self, code: Code, message: str, span: Span, help_: str | None = None, label: str = ""
    ) -> None:
        """Report a warning."""
        self._report.warn(code, message, span, label=label, help=help_)

    def _is_new(self, slot: ParameterSlot) -> bool:
        # A mapping cannot repeat a key, but the NNI space that a space includes may have the same
        # names.
        if slot.name in self._added_names:
            message = f"the space already has a parameter `{slot.name}`"
            self.error(
                Code.BAD_NAME, message, self.spans.key(slot.at), "rename one of the parameters"
            )
            return False
        self._added_names.add(slot.name)
        return True


def _fault_of_name(key: Any, span: Span) -> tuple[str, str] | None:
    """Return a message and a suggestion for an invalid name, or None for a valid name."""
    if not isinstance(key, str):
        # YAML reads the key `on` as `true`. Only the source still contains the word that the
        # author wrote.
        source = span.text[span.column - 1 :][: span.length] or format_value(key)
        return (
            f"`{format_value(key)}` is not a valid name",
            f"put the name in quotes: `'{source}'`",
        )
    if not key:
        return "the name is empty", "write a name here"
    if key == NAME_KEY:
        return f"`{key}` is reserved for the name of a branch", "write `name`"
    odd = next((character for mark, character in _NOT_IN_NAMES.items() if mark in key), None)
    plain = "_".join(part for part in re.split(r"[.`]+", key) if part)
    return (f"the name `{key}` contains {odd}", f"write `{plain or 'name'}`") if odd else None


_NOT_IN_NAMES = {".": "a dot", "`": "a backtick"}
"""Characters that names must not contain.

A dot separates the parts of a full name, and backticks quote a name in an expression.
"""
