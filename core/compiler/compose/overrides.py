"""Parse the overrides of a command line, each by itself, so that all faults are reported.

Hydra parses them together and raises at the first fault. Its grammar also reads a domain without
quotes in its own way: ``choice(64, 128)`` means two sweeps, and ``uniform(0, 1)`` is an error.
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

from ..space.syntax.call_form import DOMAINS
from ..spans import KeyPath, dotted
from .argument_spans import ArgumentSpan, argument_span, split_override
from .hydra_compat import split_key


@dataclass(frozen=True, slots=True)
class ParsedOverride:
    """An override with the argument that it was parsed from."""

    parsed: Override
    text: str
    number: int

    @property
    def span(self) -> ArgumentSpan:
        """Where the override was typed."""
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
        """The key as a defaults list spells it: a config group may have a package."""
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
    """The valid overrides of a command line, and the keys of the others."""

    valid: tuple[ParsedOverride, ...]
    invalid: frozenset[KeyPath]


def read_overrides(texts: Sequence[str], report: Report, *, multirun: bool) -> ParsedOverrides:
    """Parse every override; in a multirun leave those with several values to Hydra."""
    parser = OverridesParser.create()
    valid: list[ParsedOverride] = []
    invalid: set[KeyPath] = set()
    for number, text in enumerate(texts, 1):
        override = _read(parser, text, number, report, multirun=multirun)
        if override is None:
            invalid |= _key_of(text)
        elif not override.parsed.is_sweep_override():
            # One that sweeps is valid in a multirun, where each of its values is read again.
            valid.append(override)
    return ParsedOverrides(tuple(valid), frozenset(invalid))


def quoted_for_shell(text: str) -> str:
    """Quote an override whose value contains domains, as it must be typed in a shell."""
    prefix, key, value = split_override(text)
    return f"'{prefix}{key}={_with_quoted_domains(value)}'"


def _read(
    parser: OverridesParser, text: str, number: int, report: Report, *, multirun: bool
) -> ParsedOverride | None:
    if text.startswith("="):
        span = argument_span(text, number).key
        report.error(Code.BAD_OVERRIDE, f"`{text}` has no key", span, help="write `key=value`")
        return None
    try:
        override = parser.parse_override(text)
    except HydraException as error:
        _report_unreadable(text, number, error, report)
        return None
    if override.is_sweep_override() and _is_domain(text):
        _report_domain(text, number, report, "Hydra would run a sweep for each value")
    elif override.is_sweep_override() and not multirun:
        _report_several_values(override, text, number, report)
    else:
        return ParsedOverride(override, text, number)
    return None


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
        # No shell expands `~` here, and in quotes it would be a folder of that name.
        absolute = re.sub(r"(?<==)~(?=/)", lambda _: str(Path.home()), text)
        suggestion = _cleaned(absolute) or _quoting(absolute)
        report.error(Code.BAD_OVERRIDE, message, at, help=suggestion)


def _unexpected(error: HydraException, span: Span) -> str:
    """Say what the parser did not expect; its own message lists the names of all its tokens."""
    token = getattr(error.__cause__, "offendingToken", None)
    text = token.text if token is not None else span.text[span.column - 1 :][: span.length]
    if text == "<EOF>" or not text:
        return "unexpected end"
    return f"unexpected `{text}`" if text.strip() else "unexpected space"


def _cleaned(text: str) -> str | None:
    """Suggest an override without dashes in front, spaces around ``=`` or a comma at the end."""
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
    """Suggest quotes around a value that is plain text, such as a path with an umlaut."""
    prefix, key, value = split_override(text)
    if not re.fullmatch(r"[\w.@/]+", key) or any(mark in value for mark in "\"'(){}[]$\\"):
        return None
    return f"quote it twice, for the shell and for Hydra: `'{prefix}{key}=\"{value}\"'`"


def _error_span(error: HydraException, span: Span) -> Span:
    """Return the span at which Hydra's parser stopped, if the error says so, else a given one."""
    # The cause is ANTLR's: the parser's error has a token, the lexer's an index.
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


# A call without calls in its arguments; a domain has none.
_CALL = re.compile(r"([A-Za-z_]\w*)\s*(\([^()]*\))")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_SWEEPS = {"range", "interval", "glob", "shuffle", "sort", "tag"}
"""Functions of Hydra's sweep grammar that are no domains here."""


def _is_domain(text: str) -> bool:
    """Tell whether an override that is no plain value was meant to set a domain."""
    _, key, value = split_override(text)
    # What is quoted already is plain text for Hydra.
    calls = [name for name, _ in _CALL.findall(_QUOTED.sub("", value))]
    in_space = key == "space" or key.startswith("space.")
    return in_space and bool(calls) and _SWEEPS.isdisjoint(calls)


def _with_quoted_domains(value: str) -> str:
    """Put each call of a domain in double quotes, its name spelt right."""

    def quote(call: re.Match[str]) -> str:
        # A misspelt domain is corrected here, or the next run would only report the spelling.
        name = nearest_name(call[1], DOMAINS) or call[1]
        arguments = ", ".join(part.strip() for part in call[2][1:-1].split(","))
        inner = f"{name}({arguments})".replace('"', '\\"')
        return f'"{inner}"'

    return _CALL.sub(quote, value)


def _key_of(text: str) -> set[KeyPath]:
    """Return the key that an invalid override would have set, if it can be told."""
    # Later passes then do not report what the override would have set as missing or wrong.
    key = split_override(text)[1] if "=" in text else ""
    return {tuple(key.split("."))} if re.fullmatch(r"[\w.]+", key) else set()
