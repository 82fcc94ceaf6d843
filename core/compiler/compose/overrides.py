"""Overrides: reads each argument of the command line by itself, so that all faults are found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, ValueType
from hydra.errors import HydraException

from sweepwright.diagnostics import Code, Report, Span

from ..space.syntax.call_form import DOMAINS
from ..spans import KeyPath, dotted
from .argument_spans import ArgumentSpan, parts, typed
from .hydra_compat import split_key


@dataclass(frozen=True, slots=True)
class ParsedOverride:
    """An override that Hydra can read, and the argument it was."""

    override: Override
    text: str
    number: int

    @property
    def typed(self) -> ArgumentSpan:
        """Where it was typed."""
        return typed(self.text, self.number)

    @property
    def key_span(self) -> Span:
        """Span of the key."""
        return replace(self.typed.key, key=dotted(self.path))

    @property
    def value_span(self) -> Span:
        """Span of the value."""
        return replace(self.typed.value, key=dotted(self.path))

    @property
    def path(self) -> KeyPath:
        """The keys down to what it sets."""
        return tuple(split_key(self.override.key_or_group))

    @property
    def key(self) -> str:
        """What it would override: a key, or a group with its package."""
        package = self.override.package
        return f"{self.override.key_or_group}{f'@{package}' if package else ''}"

    @property
    def choices(self) -> list[str]:
        """The configs it chooses, when its key is a config group."""
        value = self.override.value()
        names = value if isinstance(value, list) else [value]
        return [f"{self.override.key_or_group}/{name}" for name in names]


@dataclass(frozen=True, slots=True)
class Arguments:
    """The overrides of a command line, and the keys of those that are at fault."""

    given: tuple[ParsedOverride, ...]
    holes: frozenset[KeyPath]


def read_overrides(texts: Sequence[str], report: Report, *, multirun: bool) -> Arguments:
    """Read every override; in a multirun, those that sweep are left to Hydra."""
    parser = OverridesParser.create()
    given: list[ParsedOverride] = []
    holes: set[KeyPath] = set()
    for number, text in enumerate(texts, 1):
        found = _read(parser, text, number, report, multirun=multirun)
        if found is None:
            holes |= _hole(text)
        elif not found.override.is_sweep_override():
            given.append(found)
    return Arguments(tuple(given), frozenset(holes))


def _read(
    parser: OverridesParser, text: str, number: int, report: Report, *, multirun: bool
) -> ParsedOverride | None:
    if text.startswith("="):
        span = typed(text, number).key
        report.error(Code.BAD_OVERRIDE, f"`{text}` has no key", span, help="write `key=value`")
        return None
    try:
        override = parser.parse_override(text)
    except HydraException as error:
        _report_unreadable(text, number, error, report)
        return None
    if override.is_sweep_override() and _is_domain(text):
        _report_domain(text, number, report, "Hydra would run a sweep for each of the choices")
    elif override.is_sweep_override() and not multirun:
        _report_sweep(override, text, number, report)
    else:
        return ParsedOverride(override, text, number)
    return None


def _report_unreadable(text: str, number: int, error: HydraException, report: Report) -> None:
    span = typed(text, number).value
    if _is_domain(text):
        _report_domain(text, number, report, "Hydra has a grammar of its own")
    elif "=" not in text:
        message = f"`{text}` is no override"
        report.error(Code.BAD_OVERRIDE, message, span, help="write `key=value`")
    else:
        said = str(error).splitlines()[0]
        message = f"`{text}` cannot be read: {said}"
        report.error(Code.BAD_OVERRIDE, message, _at(error, span), help=_quoting(text))


def _quoting(text: str) -> str | None:
    """Offer quotes around a value that is plain text, such as a path with an umlaut."""
    prefix, key, value = parts(text)
    if not re.fullmatch(r"[\w.@/]+", key) or any(mark in value for mark in "\"'(){}[]$\\"):
        return None
    return f"quote it twice, for the shell and for Hydra: `'{prefix}{key}=\"{value}\"'`"


def _report_domain(text: str, number: int, report: Report, why: str) -> None:
    report.error(
        Code.UNQUOTED_DOMAIN,
        f"the domain of `{parts(text)[1]}` is not quoted",
        typed(text, number).value,
        notes=(f"{why}, so that a domain must be quoted twice: for the shell and for Hydra",),
        help=f"type `{as_typed(text)}`",
    )


def _report_sweep(override: Override, text: str, number: int, report: Report) -> None:
    key, values = parts(text)[1:]
    listed = override.value_type is ValueType.SIMPLE_CHOICE_SWEEP
    ways = [f"a list is written `'{key}=[{values}]'`"] if listed else []
    if listed and key.startswith("space."):
        ways = [f"a domain is written `{as_typed(f'{key}=choice({values})')}`"]
    ways.append("for a sweep with each value put `-m` first")
    report.error(
        Code.BAD_OVERRIDE,
        f"`{key}` is given several values",
        typed(text, number).value,
        help="; ".join(ways),
    )


def as_typed(text: str) -> str:
    """Write an override whose value holds calls of domains as a shell must be given it."""
    prefix, key, value = parts(text)
    return f"'{prefix}{key}={_quoted(value)}'"


_CALL = re.compile(r"([A-Za-z_]\w*)\s*(\([^()]*\))")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def _is_domain(text: str) -> bool:
    """Tell whether an override that Hydra does not take for a value was meant as a domain."""
    _, key, value = parts(text)
    calls = _CALL.findall(_QUOTED.sub("", value))
    swept = any(
        name in {"range", "interval", "glob", "shuffle", "sort", "tag"} for name, _ in calls
    )
    return (key == "space" or key.startswith("space.")) and bool(calls) and not swept


def _quoted(value: str) -> str:
    def quote(call: re.Match[str]) -> str:
        near = get_close_matches(call[1], DOMAINS, n=1)
        arguments = ", ".join(part.strip() for part in call[2][1:-1].split(","))
        inner = f"{near[0] if near else call[1]}({arguments})".replace('"', '\\"')
        return f'"{inner}"'

    return _CALL.sub(quote, value)


def _at(error: HydraException, span: Span) -> Span:
    """Point at where Hydra's grammar gave up, when it says so."""
    token = getattr(error.__cause__, "offendingToken", None)
    index = getattr(error.__cause__, "startIndex", None)
    column = token.start if token is not None else index
    if not isinstance(column, int):
        return span
    return Span(span.file, span.line, min(column, len(span.text)) + 1, 1, span.text)


def _hole(text: str) -> set[KeyPath]:
    """Return the key that a faulty override was to set."""
    key = parts(text)[1] if "=" in text else ""
    return {tuple(key.split("."))} if re.fullmatch(r"[\w.]+", key) else set()
