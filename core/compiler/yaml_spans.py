"""Spans of a YAML text: where each of its keys and values is written.

Hydra loads files with OmegaConf, whose containers do not keep line numbers. Therefore this module
parses each file a second time, into PyYAML's nodes, which keep the start and end of every token.
Both parsers must give the same values. To ensure this, `_loader` gives PyYAML the rules by which
OmegaConf distinguishes a number such as ``1e3`` from text, and `_entries` applies merge keys
(``<<``) in the order of PyYAML's constructor.
"""

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

from .odd_values import join_surrogates

Entry: TypeAlias = tuple[Node | None, Node]
"""The nodes of a key and its value. For an item of a list, the first is None."""


class YamlDocument:
    """A YAML text that is parsed into nodes."""

    def __init__(self, text: str, file: str) -> None:
        """Parse a text.

        Raises
        ------
        YAMLError
            If the text is not well-formed YAML.
        """
        self.file = file
        self.text = text
        self._node = _parse(text)
        # PyYAML does not count a byte order mark as a column, so it is removed here, too.
        self._lines = text.removeprefix("\ufeff").splitlines()
        self._entries: dict[int, dict[Any, Entry]] = {}

    @property
    def root(self) -> "YamlSpan | None":
        """Span of the whole text; None if the text is empty."""
        return YamlSpan(self, self._node) if self._node else None

    def entries(self, node: Node) -> Mapping[Any, Entry]:
        """Return the entries of a mapping by key, or those of a list by index."""
        # `child` asks for one key after another. Without this cache, each call would go through
        # the whole mapping.
        if id(node) not in self._entries:
            self._entries[id(node)] = dict(_entries(node))
        return self._entries[id(node)]

    def scalars(self) -> Iterator[ScalarNode]:
        """Yield each scalar once, keys included, however many aliases repeat it."""
        seen: set[int] = set()
        waiting = [self._node] if self._node else []
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, MappingNode):
                waiting += [part for pair in node.value for part in pair]
            elif isinstance(node, SequenceNode):
                waiting += node.value
            elif isinstance(node, ScalarNode):
                yield node

    def span(self, node: Node) -> Span:
        """Return the span of a node, without its anchor and its tag."""
        start, end = node.start_mark, node.end_mark
        text = self._lines[start.line] if start.line < len(self._lines) else ""
        # A span has one line, so a value of several lines is shown up to the end of its first.
        stop = end.column if end.line == start.line else len(text.rstrip())
        properties = _PROPERTIES.match(text, start.column, stop)
        column = properties.end() if properties else start.column
        return Span(self.file, start.line + 1, column + 1, max(1, stop - column), text)


@dataclass(frozen=True, slots=True)
class YamlSpan:
    """An `EntrySpan` for an entry of a YAML text, which also gives the spans of nested entries.

    A `Span` is computed from the nodes only on request, since a configuration may have ten
    thousand values and findings point at few of them.
    """

    document: YamlDocument
    node: Node
    key_node: Node | None = None

    @property
    def file(self) -> str:
        """Path of the file, written as a user would type it."""
        return self.document.file

    @property
    def value(self) -> Span:
        """Span of the value.

        For an alias, this is the span of the anchored node. For an empty value, it is the span of
        the key.
        """
        # An empty value stands after its colon, but has no characters to underline.
        empty = self.node.start_mark.index == self.node.end_mark.index
        return self.key if empty and self.key_node else self.document.span(self.node)

    @property
    def key(self) -> Span:
        """Span of the key; for an item of a list, the span of the value."""
        return self.document.span(self.key_node or self.node)

    @property
    def text(self) -> str:
        """The text of a scalar; empty for a mapping or a list."""
        return self.node.value if isinstance(self.node, ScalarNode) else ""

    @property
    def children(self) -> dict[Any, "YamlSpan"]:
        """Spans of the entries of a mapping by key, or of a list by index."""
        entries = self.document.entries(self.node)
        return {name: YamlSpan(self.document, node, key) for name, (key, node) in entries.items()}

    def child(self, key: Any) -> "YamlSpan | None":
        """Return the span of the entry at a key or an index."""
        entry = self.document.entries(self.node).get(key)
        return YamlSpan(self.document, entry[1], entry[0]) if entry else None


def yaml_error_span(text: str, file: str, error: yaml.YAMLError) -> Span:
    """Return the span at which PyYAML stopped parsing a text."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Span(file)
    # If the text ends unexpectedly, PyYAML gives a position after the last line. Such a position
    # has no text to show, so the span is the end of the last line.
    lines = text.splitlines() or [""]
    line = min(mark.line, len(lines) - 1)
    column = mark.column if line == mark.line else len(lines[line])
    return Span(file, line + 1, column + 1, 1, lines[line])


_MERGE = "tag:yaml.org,2002:merge"
_TEXT = "tag:yaml.org,2002:str"
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+(?=[^\s#])")
"""Matches the anchors and tags in front of a value on the same line."""


def _parse(text: str) -> Node | None:
    """Parse a text with libyaml, or with PyYAML's own parser if PyYAML was built without libyaml.

    Both parsers count columns in characters.
    """
    parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root: Node | None = yaml.compose(text, _loader(parser))
    except yaml.YAMLError:
        # The messages of the two parsers differ, so PyYAML's own parser gives the message.
        root = yaml.compose(text, _loader(yaml.SafeLoader))
    return root


@cache
def _loader(parser: type) -> Any:
    """Return a parser that assigns types to scalars by the same rules as OmegaConf."""
    # OmegaConf 2.4 moved its loader to another private module.
    module = "omegaconf._yaml" if find_spec("omegaconf._yaml") else "omegaconf._utils"
    resolvers = import_module(module).get_yaml_loader().yaml_implicit_resolvers
    return type("Loader", (parser,), {"yaml_implicit_resolvers": resolvers})


def _entries(node: Node) -> Iterator[tuple[Any, Entry]]:
    match node:
        case SequenceNode(value=items):
            yield from ((index, (None, item)) for index, item in enumerate(items))
        case MappingNode(value=pairs):
            # Merged entries come first, so that the mapping's own entries replace them.
            for key, value in sorted(pairs, key=lambda pair: pair[0].tag != _MERGE):
                if key.tag == _MERGE:
                    yield from _merged_entries(value)
                # OmegaConf rejects a key that is a list or a mapping, so no finding points to one.
                elif isinstance(key, ScalarNode):
                    yield _key(key), (key, value)


def _merged_entries(node: Node) -> Iterator[tuple[Any, Entry]]:
    sources = node.value if isinstance(node, SequenceNode) else [node]
    # If several mappings are merged, the first takes precedence. Later entries replace earlier
    # ones, so the first mapping comes last.
    for source in reversed(sources):
        yield from _entries(source)


def _key(node: ScalarNode) -> Any:
    """Return the value of a key, which may be a number or a boolean."""
    if node.tag == _TEXT:
        return join_surrogates(node.value)
    return SafeConstructor().construct_object(node)
