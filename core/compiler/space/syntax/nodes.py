"""The syntax tree of a parameter: calls of domains, whose arguments have positions.

A domain in any notation (call form, table, NNI's or Hydra's) becomes a `Call`, so that the same
checks apply to all notations. Positions are computed on demand, since most nodes have no faults to
report.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sweepwright.diagnostics import Code, Span
from sweepwright.domains import LARGEST

from ...spans import KeyPath, Spans, subspan
from ...stages import ExprSource


@dataclass(frozen=True, slots=True)
class SourceNode:
    """A value in the source, with its position."""

    value: Any
    """A value of the configuration, or a `Call`."""
    locate: Callable[[], Span]
    items: tuple["SourceNode", ...] = ()
    """The nodes of the elements, if the value is a list."""

    @property
    def span(self) -> Span:
        """Position of the value."""
        return self.locate()

    @property
    def raw_text(self) -> str:
        """The characters of the value in the source, including quotes."""
        span = self.span
        start = span.column - 1
        return span.text[start : start + span.length]


class Form(Enum):
    """The notation of a call; suggestions use the same notation."""

    CALL = "call"
    TABLE = "table"
    NNI = "nni"


@dataclass(frozen=True, slots=True)
class Call:
    """The name of a domain with its arguments."""

    name: SourceNode
    arguments: tuple[SourceNode, ...] = ()
    keywords: Mapping[str, tuple[SourceNode, SourceNode]] = field(default_factory=dict)
    """Mapping from each keyword to two nodes: of the keyword itself and of its argument."""
    form: Form = Form.CALL

    def __str__(self) -> str:
        """Return an abbreviated form of the call for messages."""
        return f"{self.name.value}(…)"


@dataclass(frozen=True, slots=True)
class ParameterExpr:
    """A parameter as written: the call of its domain, its default and its condition."""

    call: Call
    default: SourceNode | None = None
    condition: ExprSource | None = None


@dataclass(frozen=True, slots=True)
class DomainFault:
    """A fault of a call, with the smallest node that contains the fault."""

    code: Code
    message: str
    at: SourceNode
    help: str | None = None
    label: str = ""
    warning: bool = False


class CallError(ValueError):
    """A domain that cannot be parsed or converted because of a fault at some node."""

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
    """A text in the configuration, with its position."""

    text: str
    locate: Callable[[], Span]

    def node(self, start: int, length: int, value: Any = None) -> SourceNode:
        """Return a node for the part of the text at an offset."""
        # The end of the text has no characters, but a finding must underline at least one.
        return SourceNode(value, lambda: subspan(self.locate(), self.text, start, max(1, length)))

    def expr_source(self, start: int, scope: str, end: int | None = None) -> ExprSource:
        """Return a part of the text as the source of an expression, without surrounding blanks."""
        # The parser counts the position of a fault from the first character of the expression, so
        # the span begins there, after any blanks.
        part = self.text[start:end]
        first = start + len(part) - len(part.lstrip())
        expression = part.strip()
        return ExprSource(expression, self.node(first, len(expression)).span, scope)


def node_at(value: Any, at: KeyPath, spans: Spans) -> SourceNode:
    """Return a node for a value of the configuration, and for each element if it is a list."""
    items = value if isinstance(value, list) else []
    inner = tuple(node_at(item, (*at, index), spans) for index, item in enumerate(items))
    return SourceNode(value, lambda: spans.value(at), inner)


def key_node(at: KeyPath, spans: Spans) -> SourceNode:
    """Return a node for the last key of a path in the configuration."""
    return SourceNode(at[-1], lambda: spans.key(at))


def number_fault(value: Any) -> str | None:
    """Describe why a value is no number that a domain may contain; None if it is one.

    The description completes a sentence such as "`low` is `1e301`, …".
    """
    # A comparison with nan is false.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        return "not a finite number"
    # With bounds beyond 1e300, the width of a domain (high - low) could overflow.
    return f"beyond the limit of {_LARGEST_BOUND:g}" if abs(value) > _LARGEST_BOUND else None


_LARGEST_BOUND = 1e300


def format_value(value: Any) -> str:
    """Format a value as it is written in a domain, and abbreviate a long value."""
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
