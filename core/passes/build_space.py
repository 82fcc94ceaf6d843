"""Build the search space.

Before: ``space: {learning_rate: "loguniform(1e-4, 1e-1)", hidden: "choice(64, 128)"}``.
After: a `SearchSpace` of a `Real` and a `Categorical`, and where each stands.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from sweepwright.diagnostics import Code, Report, Span, did_you_mean
from sweepwright.space import (
    NAME_KEY,
    Categorical,
    Condition,
    Domain,
    Nested,
    Parameter,
    SearchSpace,
)

from ..stages import HOLE, Bound, KeyPath, Places, Spaced, dotted, inside
from .call_form import DOMAINS, CallError, looks_like_call, parse_call
from .make_domain import DomainFault, make_domain

CHOICE = "choice"
"""The one key of a nested choice."""


def build_space(bound: Bound, report: Report) -> Spaced:
    """Build every domain, reporting all that are wrong rather than the first."""
    tree = bound.resolved.tree.get("space")
    builder = _Builder(bound.resolved.places, report)
    if tree is HOLE:
        builder.whole = False
    elif not isinstance(tree, Mapping | None):
        builder.report(
            Code.NOT_A_DOMAIN, "the space is no mapping of names to domains", ("space",)
        )
    else:
        builder.section(tree or {}, ("space",), (), "", None)
        if not tree:
            builder.report(Code.EMPTY_SPACE, "the space has no parameters", ("space",))
    return Spaced(bound, SearchSpace(builder.parameters), builder.whole, builder.origins)


class _Builder:
    """Collects parameters, parents before those that depend on them."""

    def __init__(self, places: Places, report: Report) -> None:
        self.parameters: list[Parameter] = []
        self.origins: dict[str, KeyPath] = {}
        self.whole = True
        self._places = places
        self._report = report

    def report(self, code: Code, message: str, at: KeyPath, help_: str | None = None) -> None:
        """Report a fault in the value of a key; it leaves a hole."""
        self._fail(code, message, self._places.value(at), help_)

    def section(
        self,
        tree: Mapping[str, Any],
        at: KeyPath,
        path: tuple[str, ...],
        prefix: str,
        when: Condition | None,
    ) -> None:
        """Add the parameters of the space, or of one branch of a nested choice."""
        torn = False
        for key, value in tree.items():
            if torn and value is None:
                # Inside braces YAML tore a call at its commas; the call itself is reported.
                torn = not str(key).endswith(")")
                continue
            torn = isinstance(value, str) and value.count("(") > value.count(")")
            if self._named_well(key, (*at, key)):
                inner = Parameter(f"{prefix}{key}", _UNKNOWN, (*path, key), when)
                self._parameter(inner, value, (*at, key))

    def _parameter(self, inner: Parameter, value: Any, at: KeyPath) -> None:
        match value:
            case bool() | int() | float() if isfinite(value):
                self._add(replace(inner, domain=Categorical((value,))), at)
            case str() if looks_like_call(value):
                if domain := self._domain(value, at):
                    self._add(replace(inner, domain=domain), at)
            case Mapping() if list(value) == [CHOICE]:
                self._nested(inner, value[CHOICE], (*at, CHOICE))
            case _ if value is HOLE:
                self.whole = False
            case _:
                self.report(Code.NOT_A_DOMAIN, *_misread(value, at))

    def _nested(self, inner: Parameter, branches: Any, at: KeyPath) -> None:
        if branches is HOLE or not self._are_branches(branches, at):
            self.whole = False
            return
        self._add(replace(inner, domain=Nested(tuple(map(str, branches)))), at[:-1])
        for index, (branch, tree) in enumerate(branches.items()):
            if self._named_well(branch, (*at, branch)) and self._is_branch(tree, (*at, branch)):
                when = Condition(inner.name, (index,))
                self.section(
                    tree or {}, (*at, branch), inner.path, f"{inner.name}.{branch}.", when
                )

    def _are_branches(self, branches: Any, at: KeyPath) -> bool:
        if not isinstance(branches, Mapping):
            message = f"the branches of `{dotted(at[1:-1])}` are no mapping of names to parameters"
            way_out = f"a choice of plain values is written `{CHOICE}(a, b)`"
            self.report(Code.NOT_A_DOMAIN, message, at, way_out)
            return False
        if not branches:
            self.report(Code.EMPTY_DOMAIN, "the choice is among nothing", at)
        return bool(branches)

    def _is_branch(self, tree: Any, at: KeyPath) -> bool:
        if tree is None or isinstance(tree, Mapping):
            return True
        self.whole = False
        if tree is not HOLE:
            message = f"the branch `{at[-1]}` is no mapping of names to domains"
            self.report(Code.NOT_A_DOMAIN, message, at, f"write `{at[-1]}: {{}}`")
        return False

    def _domain(self, text: str, at: KeyPath) -> Domain | None:
        span = self._places.value(at)
        try:
            domain, faults = make_domain(parse_call(text))
        except CallError as error:
            where = inside(span, text, error.start, error.length)
            self._fail(Code.BAD_ARGUMENTS, str(error), where, error.help)
            return None
        for fault in faults:
            self._tell(fault, inside(span, text, fault.start, fault.length), at)
        return domain

    def _tell(self, fault: DomainFault, span: Span, at: KeyPath) -> None:
        message = fault.message.replace("the domain", f"the domain of `{dotted(at[1:])}`", 1)
        if fault.warning:
            self._report.warn(fault.code, message, span, label=fault.label, help=fault.help)
        else:
            self._fail(fault.code, message, span, fault.help, fault.label)

    def _named_well(self, key: Any, at: KeyPath) -> bool:
        if isinstance(key, str) and key and "." not in key and key != NAME_KEY:
            return True
        why = "is kept for the name of a branch" if key == NAME_KEY else "is no name"
        message = f"`{key}` {why}"
        way_out = None if isinstance(key, str) else f"put it in quotes: `'{key}'`"
        self._fail(Code.BAD_NAME, message, self._places.key(at), way_out)
        return False

    def _fail(
        self, code: Code, message: str, span: Span, help_: str | None, label: str = ""
    ) -> None:
        self.whole = False
        self._report.error(code, message, span, label=label, help=help_)

    def _add(self, parameter: Parameter, at: KeyPath) -> None:
        self.parameters.append(parameter)
        self.origins[parameter.name] = at


_UNKNOWN = Categorical((None,))
"""Stands in for a domain until it is known."""


def _misread(value: Any, at: KeyPath) -> tuple[str, KeyPath, str | None]:
    """Say why a value is no domain, and how it would be written."""
    name = dotted(at[1:])
    if value is None:
        return f"`{name}` has no domain", at, f"to leave it out, give `~{dotted(at)}`"
    if isinstance(value, str):
        return f"`{value}` is no domain", at, f"for one fixed value write `{CHOICE}({value})`"
    if isinstance(value, Mapping) and "_type" in value:
        return f"`{name}` is written as NNI does", at, _from_nni(value)
    if isinstance(value, Mapping):
        near = did_you_mean(str(next(iter(value), "")), [CHOICE])
        usual = f"a nested choice is a mapping with the one key `{CHOICE}`"
        return f"`{name}` is a mapping that is no domain", at, near if len(value) == 1 else usual
    if isinstance(value, list):
        listed = ", ".join(map(str, value))
        return f"`{name}` is a list, which is no domain", at, f"write `{CHOICE}({listed})`"
    return f"`{name}` is {value}, which is no domain", at, None


def _from_nni(value: Mapping[Any, Any]) -> str:
    """Say how a domain of NNI's is written, as far as there is one like it."""
    match value:
        case {"_type": "randint", "_value": [int(low), int(beyond)]}:
            return f"write `int({low}, {beyond - 1})`"
        case {"_type": str(kind), "_value": [*given]} if kind in DOMAINS and kind != "int":
            if not any(isinstance(one, Mapping | list) for one in given):
                return f"write `{kind}({', '.join(map(str, given))})`"
    return f"the forms are {', '.join(f'`{name}`' for name in DOMAINS)}"
