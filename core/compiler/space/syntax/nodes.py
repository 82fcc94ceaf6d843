"""A domain as written, whatever the spelling: a name with arguments that know their places."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sweepwright.diagnostics import Code, Span

from ...spans import KeyPath, Spans, subspan
from ...stages import ExprSource


@dataclass(frozen=True, slots=True)
class SourceNode:
    """A value as written, which finds out where only when it is asked."""

    value: Any
    """Plain, or a `Call`."""
    locate: Callable[[], Span]
    items: tuple["SourceNode", ...] = ()
    """The elements of a list."""

    @property
    def span(self) -> Span:
        """Where it is written."""
        return self.locate()

    @property
    def raw_text(self) -> str:
        """The characters it is written with, quotes included."""
        span = self.span
        start = span.column - 1
        return span.text[start : start + span.length]


class Form(Enum):
    """How a call was written, which is how a way out is put."""

    CALL = "call"
    TABLE = "table"
    NNI = "nni"


@dataclass(frozen=True, slots=True)
class Call:
    """The name of a domain with its arguments."""

    name: SourceNode
    arguments: tuple[SourceNode, ...] = ()
    keywords: Mapping[str, tuple[SourceNode, SourceNode]] = field(default_factory=dict)
    """By name: the name as a piece, and the argument."""
    form: Form = Form.CALL

    def __str__(self) -> str:
        """Name it, for a message."""
        return f"{self.name.value}(…)"


@dataclass(frozen=True, slots=True)
class ParameterExpr:
    """All that is written of a parameter: its domain, its default, and when it is active."""

    call: Call
    default: SourceNode | None = None
    condition: ExprSource | None = None


@dataclass(frozen=True, slots=True)
class DomainFault:
    """What is wrong with a call, and which piece of it is at fault."""

    code: Code
    message: str
    at: SourceNode
    help: str | None = None
    label: str = ""
    warning: bool = False


class CallError(ValueError):
    """A domain that cannot be read past some point."""

    def __init__(
        self,
        message: str,
        at: SourceNode,
        help_: str | None = None,
        code: Code = Code.BAD_ARGUMENTS,
    ) -> None:
        super().__init__(message)
        self.fault = DomainFault(code, message, at, help_)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the configuration, and where it stands."""

    text: str
    locate: Callable[[], Span]

    def node(self, start: int, length: int, value: Any = None) -> SourceNode:
        """Cut a piece out of the text."""
        return SourceNode(value, lambda: subspan(self.locate(), self.text, start, max(1, length)))

    def expr_source(self, start: int, scope: str, end: int | None = None) -> ExprSource:
        """Take a part of the text as an expression, without the spaces around it."""
        part = self.text[start:end]
        first = start + len(part) - len(part.lstrip())
        expression = part.strip()
        return ExprSource(expression, self.node(first, len(expression)).span, scope)


def node_at(value: Any, at: KeyPath, spans: Spans) -> SourceNode:
    """Make a piece of a value of the configuration; a list's elements are pieces too."""
    items = value if isinstance(value, list) else []
    inner = tuple(node_at(item, (*at, index), spans) for index, item in enumerate(items))
    return SourceNode(value, lambda: spans.value(at), inner)


def key_node(at: KeyPath, spans: Spans) -> SourceNode:
    """Make a piece of the last key on the way to a value."""
    return SourceNode(at[-1], lambda: spans.key(at))


def is_finite_number(value: Any) -> bool:
    """Tell whether a value is a number that domains can have, booleans excluded."""
    # Beyond 1e300 the width of a domain is no float.
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= _LARGEST


_LARGEST = 1e300


def format_value(value: Any) -> str:
    """Write a value as it would be written in a domain, shortened where it is long."""
    text = _format(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_LONGEST = 60


def _format(value: Any) -> str:
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case list():
            return f"[{', '.join(map(_format, value))}]"
        case dict():
            pairs = (f"{_format(key)}: {_format(item)}" for key, item in value.items())
            return f"{{{', '.join(pairs)}}}"
    return str(value)
