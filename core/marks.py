"""Marks: where each key and value of a YAML text is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sweepwright.diagnostics import Span

_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where one value of a YAML text is written, and those inside it."""

    value: Span
    key: Span
    """Its key; the value itself where it has none, as in a list."""
    children: Mapping[str | int, "Mark"] = field(default_factory=dict)
    text: str = ""
    """What a scalar says."""

    def child(self, key: Any) -> "Mark | None":
        """Find the mark of a key, which YAML may have read as a number or a boolean."""
        return self.children.get(key) or self.children.get(str(key))


def read_marks(text: str, file: str) -> Mark | None:
    """Mark every key and value of a YAML text that is known to be well formed."""
    # libyaml's parser would be faster, but counts columns in bytes.
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return _Marker(text, file).mark(root) if root else None


def broken_at(text: str, file: str, error: yaml.YAMLError) -> Span:
    """Point at where PyYAML gave up on a text."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Span(file)
    # A text that ends too early is best looked at where its last line is.
    lines = text.splitlines() or [""]
    line = min(mark.line, len(lines) - 1)
    column = mark.column if line == mark.line else len(lines[line])
    return Span(file, line + 1, column + 1, 1, lines[line])


class _Marker:
    """Turns the nodes of one text into marks."""

    def __init__(self, text: str, file: str) -> None:
        self._lines = text.splitlines()
        self._file = file
        self._seen: dict[int, Mark] = {}

    def mark(self, node: Node, key: Node | None = None) -> Mark:
        """Mark a node; an alias is marked where its anchor stands."""
        if id(node) not in self._seen:
            text = node.value if isinstance(node, ScalarNode) else ""
            span = self._span(node)
            self._seen[id(node)] = Mark(span, span, dict(self._children(node)), text)
        known = self._seen[id(node)]
        return Mark(known.value, self._span(key) if key else known.key, known.children, known.text)

    def _children(self, node: Node) -> Iterator[tuple[str | int, Mark]]:
        match node:
            case SequenceNode(value=items):
                yield from ((index, self.mark(item)) for index, item in enumerate(items))
            case MappingNode(value=pairs):
                # What is merged in by `<<` comes first, so that the mapping's own keys win.
                for key, value in sorted(pairs, key=lambda pair: pair[0].tag != _MERGE):
                    if key.tag == _MERGE:
                        yield from self._merged(value)
                    else:
                        yield str(key.value), self.mark(value, key)

    def _merged(self, node: Node) -> Iterator[tuple[str | int, Mark]]:
        sources = node.value if isinstance(node, SequenceNode) else [node]
        for source in reversed(sources):
            yield from self._children(source)

    def _span(self, node: Node) -> Span:
        start, end = node.start_mark, node.end_mark
        text = self._lines[start.line] if start.line < len(self._lines) else ""
        stop = end.column if end.line == start.line else len(text.rstrip())
        length = max(1, stop - start.column)
        return Span(self._file, start.line + 1, start.column + 1, length, text)
