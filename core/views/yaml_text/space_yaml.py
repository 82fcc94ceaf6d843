"""Writes a search space as YAML in the call form, even if it was read in another notation.

The text must survive two parsers: YAML 1.1 and OmegaConf, which resolves `${…}` in scalars. PyYAML
would choose its own styles and line breaks, so this module writes the lines itself. Each line
contains a key and its value. A key or a value is quoted if either parser would otherwise change
it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sweepwright.domains.call_form import literal
from sweepwright.events import Assignment
from sweepwright.space import Categorical, Derived, Nested, Parameter, SearchSpace

from ...compiler.space.syntax.expression_text import is_formula
from ...plan.redaction import mask_body
from ..formatting import format_domain
from ..output import CONTROLS
from .space_order import Branch, writing_order


def write_space(
    space: SearchSpace, start: Sequence[Assignment] = (), *, nni_v0_format: bool = False
) -> str:
    """Write a space as a file of the group ``space``. The file compiles to an equal space.

    Parameters
    ----------
    start
        Assignments to try first.
    nni_v0_format
        Whether trials receive assignments in the format that NNI used before version 0.8.
    """
    lines = [
        *_Writer(space).section(None, ""),
        *_listed("constraints", [scalar(str(constraint)) for constraint in space.constraints]),
        *_listed("start", [flow(assignment) for assignment in start]),
        *(["nni: {version: v0, space: {}}"] if nni_v0_format else []),
    ]
    return "\n".join(lines) + "\n"


def _listed(name: str, items: Sequence[str]) -> list[str]:
    return [f"{name}:", *(f"  - {item}" for item in items)] if items else []


class _Writer:
    """Writes the items of each branch below the name of the branch."""

    def __init__(self, space: SearchSpace) -> None:
        self._inside = writing_order(space)

    def section(self, branch: Branch, indent: str) -> Iterator[str]:
        """Yield the lines of a branch, or of the top level."""
        for item in self._inside.get(branch, ()):
            name = f"{indent}{key(item.path[-1])}:"
            match item:
                case Parameter(domain=Nested() as domain):
                    yield name
                    yield from self._nested(item, domain, f"{indent}  ")
                case Parameter():
                    yield f"{name} {scalar(_parameter(item))}"
                case Derived():
                    yield f"{name} {_derived(item)}"

    def _nested(self, parameter: Parameter, domain: Nested, indent: str) -> Iterator[str]:
        yield f"{indent}choice:"
        for index, branch in enumerate(domain.branches):
            inside = list(self.section((parameter.name, index), f"{indent}    "))
            yield f"{indent}  {key(branch)}:{'' if inside else ' {}'}"
            yield from inside
        if domain.weights:
            pairs = zip(domain.branches, domain.weights, strict=True)
            weights = ", ".join(
                f"{key(branch)}: {repr(w).removesuffix('.0')}" for branch, w in pairs
            )
            yield f"{indent}weights: {{{weights}}}"
        if parameter.default is not None:
            yield f"{indent}default: {word(parameter.default)}"
        if parameter.condition is not None:
            yield f"{indent}when: {scalar(str(parameter.condition))}"


def _parameter(parameter: Parameter) -> str:
    """Format a parameter other than a nested choice. A constant number needs no call."""
    condition = "" if parameter.condition is None else f" when {parameter.condition}"
    match parameter:
        case Parameter(
            domain=Categorical((bool() | int() | float() as fixed,), None), default=None
        ):
            if not (condition and parameter.path[-1] in _RESERVED_KEYS):
                return f"{literal(fixed)}{condition}"
    default = (
        ""
        if parameter.default is None
        else f" = {literal(mask_body(parameter.default, parameter.name))}"
    )
    return f"{format_domain(parameter)}{default}{condition}"


_RESERVED_KEYS = ("when", "constraints")
"""Keys whose value is read as a condition or a constraint unless it has the form of a call."""


def _derived(derived: Derived) -> str:
    """Format a derived value, as a table if its text would not be recognised as a formula."""
    formula, condition = str(derived.expression), derived.condition
    if is_formula(formula) and derived.path[-1] not in _RESERVED_KEYS:
        return scalar(formula if condition is None else f"{formula} when {condition}")
    when = "" if condition is None else f", when: {flow(str(condition))}"
    return f"{{type: derived, value: {flow(formula)}{when}}}"


def scalar(text: str) -> str:
    """Format an expression, or text in the call form, as a YAML scalar."""
    if _UNPRINTABLE.search(text) or ("${" in text and "`" in text):
        return flow(text)  # backticks allow no escapes
    # OmegaConf resolves `${` even inside quotes. The parser of the call form converts the escape
    # back to a dollar sign.
    escaped = text.replace("${", r"\u0024{")
    if _PLAIN_TEXT.match(escaped) and not re.search(r":(\s|$)|\s#", escaped):
        return escaped
    return "'" + escaped.replace("'", "''") + "'"


_PLAIN_TEXT = re.compile(r"\(|-?[0-9]|[A-Za-z_]\w*[^\w:]|(?:true|false)$")
"""Pattern for the beginning of text that YAML reads correctly without quotes."""


def key(name: str) -> str:
    """Format a name as a YAML key, in quotes if YAML would otherwise misread it."""
    return name if _is_plain(name) else _escaped(json.dumps(name, ensure_ascii=False))


def word(name: str) -> str:
    """Format a name as a YAML value, with interpolations escaped for OmegaConf."""
    return name if _is_plain(name) else flow(name)


def flow(value: Any) -> str:
    """Format plain data as JSON, with interpolations escaped for OmegaConf."""
    return _escaped(json.dumps(_uninterpolated(value), ensure_ascii=False))


def _is_plain(name: str) -> bool:
    """Tell whether YAML reads a name unchanged without quotes."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name)
    return plain is not None and name.lower() not in _YAML_WORDS


_YAML_WORDS = ("true", "false", "yes", "no", "on", "off", "y", "n", "null")


def _uninterpolated(value: Any) -> Any:
    match value:
        case str():
            return re.sub(r"(\\*)\$\{", r"\1\1\\${", value)
        case Mapping():
            return {name: _uninterpolated(inner) for name, inner in value.items()}
        case list():
            return list(map(_uninterpolated, value))
    return value


def _escaped(text: str) -> str:
    """Escape characters in JSON strings that YAML rejects, or that a terminal would obey."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_UNPRINTABLE = re.compile(f"{CONTROLS.pattern}|[\ufffe\uffff]")
