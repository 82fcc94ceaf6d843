"""Parse each override of a command line by itself, so that all faults are reported.

Hydra parses the overrides together and raises at the first fault. Moreover, Hydra's grammar gives
an unquoted domain another meaning: ``choice(64, 128)`` means two sweeps, and ``uniform(0, 1)`` is
an error. This module reports such domains and suggests the quotes.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, ValueType
from hydra.errors import HydraException

from sweepwright.diagnostics import Code, Report, Span, nearest_name

from ..odd_values import parsing_fault, text_fault, value_fault
from ..space.syntax.call_form import DOMAINS
from ..spans import KeyPath, dotted
from .argument_spans import ArgumentSpan, argument_span, split_override
from .hydra_compat import split_key


@dataclass(frozen=True, slots=True)
class ParsedOverride:
    """An override, and the command-line argument that it was parsed from."""

    parsed: Override
    text: str
    number: int

    @property
    def span(self) -> ArgumentSpan:
        """Span of the override on the command line."""
        return argument_span(self.text, self.number)

    @property
    def key_span(self) -> Span:
        """Span of the key."""
        return replace(self.span.key, key=dotted(self.path))

    @property
    def value_span(self) -> Span:
        """Span of the value."""
        return replace(self.span.value, key=dotted(self.path))

    @property
    def path(self) -> KeyPath:
        """Path of the value that the override sets."""
        return tuple(split_key(self.parsed.key_or_group))

    @property
    def key(self) -> str:
        """The key as written in a defaults list: a config group, possibly with a package."""
        package = self.parsed.package
        return f"{self.parsed.key_or_group}{f'@{package}' if package else ''}"

    @property
    def choices(self) -> list[str]:
        """Config paths that the override chooses, if its key is a config group."""
        value = self.parsed.value()
        names = value if isinstance(value, list) else [value]
        return [f"{self.parsed.key_or_group}/{name}" for name in names]


@dataclass(frozen=True, slots=True)
class ParsedOverrides:
    """The valid overrides of a command line, and the keys of the invalid overrides."""

    valid: tuple[ParsedOverride, ...]
    invalid: frozenset[KeyPath]


def read_overrides(texts: Sequence[str], report: Report, *, multirun: bool) -> ParsedOverrides:
    """Parse every override. In a multirun, leave overrides with several values to Hydra."""
    parser = OverridesParser.create()
    valid: list[ParsedOverride] = []
    invalid: set[KeyPath] = set()
    for number, text in enumerate(texts, 1):
        override = _read(parser, text, number, report, multirun=multirun)
        if override is None:
            invalid |= _key_of(text)
        elif not override.parsed.is_sweep_override():
            # In a multirun, Hydra makes an override of each value, and these are parsed again.
            valid.append(override)
    return ParsedOverrides(tuple(valid), frozenset(invalid))


def quoted_for_shell(text: str) -> str:
    """Quote an override whose value contains domains so that it can be typed in a shell."""
    prefix, key, value = split_override(text)
    return f"'{prefix}{key}={_with_quoted_domains(value)}'"


def _read(
    parser: OverridesParser, text: str, number: int, report: Report, *, multirun: bool
) -> ParsedOverride | None:
    if text.startswith("="):
        span = argument_span(text, number).key
        report.error(Code.BAD_OVERRIDE, f"`{text}` has no key", span, help="write `key=value`")
        return None
    if fault := text_fault(text):
        _report_fault(text, number, fault, report)
        return None
    try:
        override = parser.parse_override(text)
    except HydraException as error:
        _report_unreadable(text, number, error, report)
        return None
    except (ValueError, RecursionError) as error:
        _report_fault(text, number, parsing_fault(error), report)
        return None
    if fault := _fault_of(override):
        _report_fault(text, number, fault, report)
        return None
    if override.is_sweep_override() and _is_domain(text):
        _report_domain(text, number, report, "Hydra would run a sweep for each value")
    elif override.is_sweep_override() and not multirun:
        _report_several_values(override, text, number, report)
    else:
        return ParsedOverride(override, text, number)
    return None


def _fault_of(override: Override) -> str | None:
    # A sweep or a deletion has no single value. Hydra makes overrides of the values of a sweep.
    return (
        None
        if override.is_delete() or override.is_sweep_override()
        else value_fault(override.value())
    )


def _report_fault(text: str, number: int, fault: str, report: Report) -> None:
    span = argument_span(text, number).value
    report.error(Code.BAD_OVERRIDE, f"the override cannot be used: {fault}", span)


def _report_unreadable(text: str, number: int, error: HydraException, report: Report) -> None:
    span = argument_span(text, number).value
    if _is_domain(text):
        _report_domain(text, number, report, "Hydra parses calls by a grammar of its own")
    elif "=" not in text:
        message = f"`{text}` is not an override"
        report.error(Code.BAD_OVERRIDE, message, span, help="write `key=value`")
    else:
        at = _error_span(error, span)
        message = f"`{text}` cannot be parsed: {_unexpected(error, at)}"
        # The shell does not expand `~` after `=`, and quotes would make `~` a folder's name.
        absolute = re.sub(r"(?<==)~(?=/)", lambda _: str(Path.home()), text)
        suggestion = _cleaned(absolute) or _quoting(absolute)
        report.error(Code.BAD_OVERRIDE, message, at, help=suggestion)


def _unexpected(error: HydraException, span: Span) -> str:
    """Describe the text that the parser did not expect.

    The parser's own message lists the names of all tokens that it expects instead.
    """
    token = getattr(error.__cause__, "offendingToken", None)
    text = token.text if token is not None else span.text[span.column - 1 :][: span.length]
    if text == "<EOF>" or not text:
        return "unexpected end"
    return f"unexpected `{text}`" if text.strip() else "unexpected space"


def _cleaned(text: str) -> str | None:
    """Suggest the override without leading dashes, spaces around ``=`` and a trailing comma."""
    found = re.fullmatch(r"\s*-*([\w.@/+~-]+?)\s*=\s*(.*?)[\s,]*", text)
    if found is None:
        return None
    key = found[1].replace("-", "_") if text.lstrip().startswith("-") else found[1]
    cleaned = f"{key}={found[2]}"
    try:
        OverridesParser.create().parse_override(cleaned)
    except HydraException:
        return None
    return f"write `{shlex.quote(cleaned)}`"


def _quoting(text: str) -> str | None:
    """Suggest quotes around a value that is literal text, such as a path with an umlaut."""
    prefix, key, value = split_override(text)
    if not re.fullmatch(r"[\w.@/]+", key) or any(mark in value for mark in "\"'(){}[]$\\"):
        return None
    return f"quote it twice, for the shell and for Hydra: `'{prefix}{key}=\"{value}\"'`"


def _error_span(error: HydraException, span: Span) -> Span:
    """Return the span at which Hydra's parser stopped; return `span` if the error has none."""
    # The cause is an error of ANTLR. An error of its parser has a token, and one of its lexer has
    # an index.
    token = getattr(error.__cause__, "offendingToken", None)
    index = getattr(error.__cause__, "startIndex", None)
    column = token.start if token is not None else index
    if not isinstance(column, int):
        return span
    return Span(span.file, span.line, min(column, len(span.text)) + 1, 1, span.text)


def _report_domain(text: str, number: int, report: Report, why: str) -> None:
    report.error(
        Code.UNQUOTED_DOMAIN,
        f"the domain of `{split_override(text)[1]}` is not quoted",
        argument_span(text, number).value,
        notes=(f"{why}; a domain needs quotes for the shell and quotes for Hydra",),
        help=f"type `{quoted_for_shell(text)}`",
    )


def _report_several_values(override: Override, text: str, number: int, report: Report) -> None:
    key, values = split_override(text)[1:]
    span = argument_span(text, number).value
    if not override.is_discrete_sweep():
        message = f"`{key}` is given an interval, whose values cannot be listed"
        domain = quoted_for_shell(f"{key}={values.replace('interval', 'uniform')}")
        in_space = key.startswith("space.") and values.startswith("interval(")
        suggestion = f"to set a domain write `{domain}`" if in_space else None
        report.error(Code.BAD_OVERRIDE, message, span, help=suggestion)
        return
    listed = override.value_type is ValueType.SIMPLE_CHOICE_SWEEP
    if listed and key.startswith("space."):
        suggestions = [f"to set a domain write `{quoted_for_shell(f'{key}=choice({values})')}`"]
    else:
        suggestions = [f"to set a list write `'{key}=[{values}]'`"] if listed else []
    suggestions.append("to run a sweep with each value put `-m` first")
    report.error(
        Code.BAD_OVERRIDE,
        f"`{key}` is given several values",
        span,
        help="; ".join(suggestions),
    )


# A call without nested calls, since the arguments of a domain contain no calls.
_CALL = re.compile(r"([A-Za-z_]\w*)\s*(\([^()]*\))")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_SWEEPS = {"range", "interval", "glob", "shuffle", "sort", "tag"}
"""Functions of Hydra's sweep grammar that do not name a domain in sweepwright."""


def _is_domain(text: str) -> bool:
    """Tell whether an override that Hydra does not read as one value is meant to set a domain."""
    _, key, value = split_override(text)
    # Hydra reads quoted text literally, so calls in quotes do not count.
    calls = [name for name, _ in _CALL.findall(_QUOTED.sub("", value))]
    in_space = key == "space" or key.startswith("space.")
    return in_space and bool(calls) and _SWEEPS.isdisjoint(calls)


def _with_quoted_domains(value: str) -> str:
    """Put each call of a domain in double quotes, and correct the spelling of its name."""

    def quote(call: re.Match[str]) -> str:
        # Without this correction, the next run would report the misspelling of the name.
        name = nearest_name(call[1], DOMAINS) or call[1]
        arguments = ", ".join(part.strip() for part in call[2][1:-1].split(","))
        inner = f"{name}({arguments})".replace('"', '\\"')
        return f'"{inner}"'

    return _CALL.sub(quote, value)


def _key_of(text: str) -> set[KeyPath]:
    """Return the key that an invalid override would have set, if the text reveals it."""
    # Later passes then do not report the value at this key as missing or wrong.
    key = split_override(text)[1] if "=" in text else ""
    return {tuple(key.split("."))} if re.fullmatch(r"[\w.]+", key) else set()
