"""The syntax tree of a parameter: calls of domains with arguments that know their positions.

Every notation of a domain (call form, table, NNI's, Hydra's) becomes a `Call`, so that one pass
checks them all. Positions are computed on demand, since most nodes are never reported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sweepwright.diagnostics import Code, Span

from ...spans import KeyPath, Spans, subspan
from ...stages import ExprSource


@dataclass(frozen=True, slots=True)
class SourceNode:
    """A value in the source, with its position."""

    value: Any
    """A plain value, or a `Call`."""
    locate: Callable[[], Span]
    items: tuple["SourceNode", ...] = ()
    """The elements of a list."""

    @property
    def span(self) -> Span:
        """Position of the value."""
        return self.locate()

    @property
    def raw_text(self) -> str:
        """The characters of the value in the source, quotes included."""
        span = self.span
        start = span.column - 1
        return span.text[start : start + span.length]


class Form(Enum):
    """The notation of a call, which decides how a suggestion is written."""

    CALL = "call"
    TABLE = "table"
    NNI = "nni"


@dataclass(frozen=True, slots=True)
class Call:
    """A domain by name, with its arguments."""

    name: SourceNode
    arguments: tuple[SourceNode, ...] = ()
    keywords: Mapping[str, tuple[SourceNode, SourceNode]] = field(default_factory=dict)
    """By name: the node of the name, and that of the argument."""
    form: Form = Form.CALL

    def __str__(self) -> str:
        """Abbreviate the call for a message."""
        return f"{self.name.value}(…)"


@dataclass(frozen=True, slots=True)
class ParameterExpr:
    """A parameter in the source: the call of its domain, its default and its condition."""

    call: Call
    default: SourceNode | None = None
    condition: ExprSource | None = None


@dataclass(frozen=True, slots=True)
class DomainFault:
    """A fault of a call, at the smallest node that contains it."""

    code: Code
    message: str
    at: SourceNode
    help: str | None = None
    label: str = ""
    warning: bool = False


class CallError(ValueError):
    """A domain that cannot be parsed or lowered beyond some node."""

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
    """A text in the configuration, and its position."""

    text: str
    locate: Callable[[], Span]

    def node(self, start: int, length: int, value: Any = None) -> SourceNode:
        """Return a node for a part of the text."""
        return SourceNode(value, lambda: subspan(self.locate(), self.text, start, max(1, length)))

    def expr_source(self, start: int, scope: str, end: int | None = None) -> ExprSource:
        """Return a part of the text as an expression, without the blanks around it."""
        part = self.text[start:end]
        first = start + len(part) - len(part.lstrip())
        expression = part.strip()
        return ExprSource(expression, self.node(first, len(expression)).span, scope)


def node_at(value: Any, at: KeyPath, spans: Spans) -> SourceNode:
    """Return a node for a value of the configuration, with nodes for the elements of a list."""
    items = value if isinstance(value, list) else []
    inner = tuple(node_at(item, (*at, index), spans) for index, item in enumerate(items))
    return SourceNode(value, lambda: spans.value(at), inner)


def key_node(at: KeyPath, spans: Spans) -> SourceNode:
    """Return a node for the last key of a path."""
    return SourceNode(at[-1], lambda: spans.key(at))


def is_finite_number(value: Any) -> bool:
    """Tell whether a value is a number that a domain may contain; booleans are not numbers."""
    # Beyond 1e300 the width of a domain, high - low, could overflow.
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= _LARGEST


_LARGEST = 1e300


def format_value(value: Any) -> str:
    """Format a value as in a domain, shortened if it is long."""
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
