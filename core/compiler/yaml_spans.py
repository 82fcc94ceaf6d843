"""Marks: where each key and value of a YAML text is written."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeAlias

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sweepwright.diagnostics import Span

Pair: TypeAlias = tuple[Node | None, Node]
"""A key and its value; in a list there is no key."""


class YamlDocument:
    """A YAML text, taken apart into nodes."""

    def __init__(self, text: str, file: str) -> None:
        """Read a text.

        Raises
        ------
        YAMLError
            When it is not well formed.
        """
        self.file = file
        self.root = _compose(text)
        # A byte order mark is in no column.
        self._lines = text.removeprefix("\ufeff").splitlines()
        self._inside: dict[int, dict[Any, Pair]] = {}

    @property
    def mark(self) -> "YamlSpan | None":
        """YamlSpan the whole text, unless it is empty."""
        return YamlSpan(self, self.root) if self.root else None

    def inside(self, node: Node) -> Mapping[Any, Pair]:
        """List what a node holds, by key or index."""
        if id(node) not in self._inside:
            self._inside[id(node)] = dict(_pairs(node))
        return self._inside[id(node)]

    def span(self, node: Node) -> Span:
        """Tell where a node is written, without its anchor and tag."""
        start, end = node.start_mark, node.end_mark
        text = self._lines[start.line] if start.line < len(self._lines) else ""
        stop = end.column if end.line == start.line else len(text.rstrip())
        properties = _PROPERTIES.match(text, start.column, stop)
        column = properties.end() if properties else start.column
        return Span(self.file, start.line + 1, column + 1, max(1, stop - column), text)


@dataclass(frozen=True, slots=True)
class YamlSpan:
    """Where one value of a YAML text is written, and those inside it.

    Places are made when somebody asks: of ten thousand values most are without fault.
    """

    page: YamlDocument
    node: Node
    key_node: Node | None = None

    @property
    def file(self) -> str:
        """The file, as a user would type it."""
        return self.page.file

    @property
    def value(self) -> Span:
        """Tell where it is written: an alias where its anchor is, what is left out at its key."""
        left_out = self.node.start_mark.index == self.node.end_mark.index
        return self.key if left_out and self.key_node else self.page.span(self.node)

    @property
    def key(self) -> Span:
        """Tell where its key is; in a list, which has none, where the value is."""
        return self.page.span(self.key_node or self.node)

    @property
    def text(self) -> str:
        """What a scalar says."""
        return self.node.value if isinstance(self.node, ScalarNode) else ""

    @property
    def children(self) -> dict[Any, "YamlSpan"]:
        """YamlSpan what is inside, by key or index."""
        pairs = self.page.inside(self.node)
        return {name: YamlSpan(self.page, node, key) for name, (key, node) in pairs.items()}

    def child(self, key: Any) -> "YamlSpan | None":
        """Find the mark of a key or an index."""
        pair = self.page.inside(self.node).get(key)
        return YamlSpan(self.page, pair[1], pair[0]) if pair else None


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


_MERGE = "tag:yaml.org,2002:merge"
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+(?=[^\s#])")
"""An anchor or a tag, with what it belongs to behind it."""


def _compose(text: str) -> Node | None:
    """Read with libyaml where it is present; both count a column for each character."""
    try:
        root: Node | None = yaml.compose(
            text, _loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        )
    except yaml.YAMLError:
        root = yaml.compose(text, _loader(yaml.SafeLoader))
    return root


@cache
def _loader(parser: type) -> Any:
    """Let a parser tell types apart as OmegaConf does, which renamed the module for it in 2.4."""
    known = "omegaconf._yaml" if find_spec("omegaconf._yaml") else "omegaconf._utils"
    resolvers = import_module(known).get_yaml_loader().yaml_implicit_resolvers
    return type("Loader", (parser,), {"yaml_implicit_resolvers": resolvers})


def _pairs(node: Node) -> Iterator[tuple[Any, Pair]]:
    match node:
        case SequenceNode(value=items):
            yield from ((index, (None, item)) for index, item in enumerate(items))
        case MappingNode(value=pairs):
            # What is merged in by `<<` comes first, so that the mapping's own keys win.
            for key, value in sorted(pairs, key=lambda pair: pair[0].tag != _MERGE):
                if key.tag == _MERGE:
                    yield from _merged(value)
                elif isinstance(key, ScalarNode):
                    yield _name(key), (key, value)


def _merged(node: Node) -> Iterator[tuple[Any, Pair]]:
    sources = node.value if isinstance(node, SequenceNode) else [node]
    for source in reversed(sources):
        yield from _pairs(source)


def _name(key: ScalarNode) -> Any:
    """Read a key, which may be a number or a boolean."""
    return SafeConstructor().construct_object(key) if key.tag != _TEXT else key.value


_TEXT = "tag:yaml.org,2002:str"
