"""Choices: who chose each config of a composition, and who had asked for another."""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from hydra.core.default_element import ConfigDefault, DefaultsTreeNode, GroupDefault, InputDefault

from sweepwright.diagnostics import Span

from ..yaml_spans import YamlSpan
from .config_repository import ConfigCache
from .overrides import ParsedOverride


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a defaults list, or an override, that asks for a config."""

    text: str
    """The entry or the override, as it is written."""
    span: Span
    """Where the word is that names the config."""
    typed: bool = False
    """Whether it is an override of the command line."""
    because: "Choice | None" = None
    """Who chose the config whose defaults list it is in."""
    instead_of: tuple["Choice", ...] = ()
    """Who asked as well, and was overruled."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a defaults list, as Hydra understands it in the config it is in."""

    default: InputDefault
    mark: YamlSpan | None
    parent: InputDefault

    @property
    def key(self) -> str | None:
        """What an override would have to name; None where nothing can be overridden."""
        return self.default.get_override_key() if isinstance(self.default, GroupDefault) else None


class Choices:
    """Who chose the nodes of Hydra's tree of defaults: an entry, or whatever overrides it."""

    def __init__(self, defaults: Any, shelf: ConfigCache, given: Sequence[ParsedOverride]) -> None:
        self._overruling = defaults.overrides.override_metadata
        self._shelf = shelf
        self._given = given
        self._parents: dict[int, InputDefault] = {}
        self._nodes: list[InputDefault] = []
        self._known: dict[int, Choice | None] = {}
        self.merged = list(self._walk(defaults.defaults_tree))
        """The nodes in the order in which they are merged: a config at its ``_self_``."""

    def _walk(self, tree: DefaultsTreeNode) -> Iterator[InputDefault]:
        self._nodes.append(tree.node)
        if not tree.children:
            yield tree.node
        for child in tree.children or ():
            subtree = child if isinstance(child, DefaultsTreeNode) else DefaultsTreeNode(child)
            if subtree.node.is_self():
                yield tree.node
            else:
                self._parents[id(subtree.node)] = tree.node
                yield from self._walk(subtree)

    def choice(self, node: InputDefault | None) -> Choice | None:
        """Find who chose a node; nobody chose the primary config."""
        if node is None:
            return None
        if id(node) not in self._known:
            self._known[id(node)] = None  # should it be chosen from within itself
            self._known[id(node)] = self._find(node)
        return self._known[id(node)]

    def _find(self, node: InputDefault) -> Choice | None:
        parent = self._parents.get(id(node))
        if parent is None or parent.is_virtual():
            return None
        entries = [entry for entry in self._entries(parent) if not entry.default.is_override()]
        match [entry for entry in entries if _became(entry.default, node)]:
            case []:
                return self._appended(node)
            case [entry]:
                decided = self._deciding(entry, str(node.get_name()))
                return self._deleted(node, decided) or decided
        return None

    def _entries(self, parent: InputDefault) -> Iterator[_Entry]:
        source = self._shelf.sources.get(parent.get_config_path())
        mark = source.mark.child("defaults") if source and source.mark else None
        for number, default in enumerate(source.entries if source else ()):
            if not default.is_self():
                bound = copy(default)
                bound.update_parent(parent.get_group_path(), parent.get_final_package())
                yield _Entry(bound, mark.child(number) if mark else None, parent)

    def _deciding(self, entry: _Entry, name: str) -> Choice:
        """Find who decides: the entry itself, an override in a file, or one that was typed."""
        if entry.key not in self._overruling:
            return self._asking(entry, name)
        overriding = [
            other
            for node in self._nodes
            if not node.is_virtual()
            for other in self._entries(node)
            if other.default.is_override() and other.key == entry.key
        ]
        typed = [_typed(given) for given in self._given if given.key == entry.key]
        by = self._overruling[entry.key].containing_config_path
        in_files = [
            (other.parent.get_config_path() == by, self._asking(other, name))
            for other in overriding
        ]
        won = typed[-1] if typed else next(choice for wins, choice in in_files if wins)
        asked = [self._asking(entry, name), *(choice for _, choice in in_files), *typed]
        return replace(won, instead_of=tuple(other for other in asked if other is not won))

    def _asking(self, entry: _Entry, name: str) -> Choice:
        text, span = _written(entry.mark, name)
        return Choice(text, span, because=self.choice(entry.parent))

    def _deleted(self, node: InputDefault, choice: Choice) -> Choice | None:
        """Find the override that left a group empty."""
        deletions = [given for given in self._given if given.override.is_delete()]
        deleting = [given for given in deletions if given.key == node.get_override_key()]
        if not deleting or not node.is_deleted():
            return None
        return replace(_typed(deleting[-1]), instead_of=(*choice.instead_of, choice))

    def _appended(self, node: InputDefault) -> Choice | None:
        """Find the override that added a config to the defaults list."""
        added = [
            given
            for given in self._given
            if given.override.is_add()
            and node.get_config_path() in given.choices
            and node.package == given.override.package
        ]
        return _typed(added[-1]) if added else None


def _became(default: InputDefault, node: InputDefault) -> bool:
    """Tell whether an entry of a defaults list is the one behind a node."""
    match default, node:
        case GroupDefault(), GroupDefault():
            return default.get_override_key() == node.get_override_key()
        case ConfigDefault(), ConfigDefault():
            same = default.get_config_path() == node.get_config_path()
            return same and default.package == node.package
        case GroupDefault(), ConfigDefault():
            one_of = f"{default.get_group_path()}/{node.get_name()}"
            return one_of == node.get_config_path() and default.package == node.package
    return False


def _typed(given: ParsedOverride) -> Choice:
    return Choice(given.text, given.value_span, typed=True)


def _written(entry: YamlSpan | None, name: str) -> tuple[str, Span]:
    """Read an entry of a defaults list, and where in it a config is named."""
    if entry is None:
        return name, Span(None)
    for words, choice in entry.children.items():
        named = [option for option in choice.children.values() if option.text == name]
        word = named[0] if named else choice
        return f"{words}: {word.text or name}", word.value
    return entry.text, entry.value
