"""Find the entry or override that chose each config, and the choices that it overruled.

Hydra computes a tree of defaults. Each node is a config, and its children are the entries of its
defaults list with all overrides applied. The tree does not record which override was applied.
Therefore this module matches each node with the entry that it comes from. The key of the entry
identifies the override that decided. If two entries match a node, its choice counts as unknown,
since a wrong choice would mislead.
"""

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
class ConfigChoice:
    """A defaults list entry, or an override on the command line, that chooses a config."""

    text: str
    """The entry or the override, as written."""
    span: Span
    """Span of the config's name."""
    on_command_line: bool = False
    chosen_by: "ConfigChoice | None" = None
    """The choice of the config whose defaults list contains this entry."""
    overruled: tuple["ConfigChoice", ...] = ()
    """Choices for the same config group that this choice overrules."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a defaults list, resolved relative to the config that contains it."""

    default: InputDefault
    span: YamlSpan | None
    parent: InputDefault

    @property
    def key(self) -> str | None:
        """The key by which an override names the entry; None if the entry has no group."""
        return self.default.get_override_key() if isinstance(self.default, GroupDefault) else None


class DefaultsTree:
    """Hydra's tree of defaults, with the choice that led to each node."""

    def __init__(
        self, defaults: Any, cache: ConfigCache, overrides: Sequence[ParsedOverride]
    ) -> None:
        self._applied_overrides = defaults.overrides.override_metadata
        self._cache = cache
        self._overrides = overrides
        # The keys are identities, since nodes compare by value and a config may occur twice.
        self._parents: dict[int, InputDefault] = {}
        self._nodes: list[InputDefault] = []
        self._choices: dict[int, ConfigChoice | None] = {}
        self.merge_order = list(self._walk(defaults.defaults_tree))
        """The nodes in merge order. The ``_self_`` entry of a config gives its position."""

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

    def choice(self, node: InputDefault | None) -> ConfigChoice | None:
        """Return the choice that led to a node.

        Returns None for the primary config, or if several choices are possible.
        """
        if node is None:
            return None
        if id(node) not in self._choices:
            self._choices[id(node)] = None  # prevents endless recursion if a config chooses itself
            self._choices[id(node)] = self._find(node)
        return self._choices[id(node)]

    def _find(self, node: InputDefault) -> ConfigChoice | None:
        parent = self._parents.get(id(node))
        if parent is None or parent.is_virtual():
            return None
        entries = [entry for entry in self._entries(parent) if not entry.default.is_override()]
        match [entry for entry in entries if _became(entry.default, node)]:
            case []:
                return self._adding_override(node)
            case [entry]:
                choice = self._deciding_choice(entry, str(node.get_name()))
                return self._deleting_override(node, choice) or choice
        return None

    def _entries(self, parent: InputDefault) -> Iterator[_Entry]:
        """Yield the entries of a config's defaults list, except for ``_self_``."""
        config = self._cache.configs.get(parent.get_config_path())
        span = config.span.child("defaults") if config and config.span else None
        for number, default in enumerate(config.defaults if config else ()):
            if not default.is_self():
                # Resolving changes Hydra's element, which all nodes of this config share.
                resolved = copy(default)
                resolved.update_parent(parent.get_group_path(), parent.get_final_package())
                yield _Entry(resolved, span.child(number) if span else None, parent)

    def _deciding_choice(self, entry: _Entry, name: str) -> ConfigChoice:
        """Return the choice in force: the entry itself, an override in a file, or an argument."""
        if entry.key not in self._applied_overrides:
            return self._choice_of(entry, name)
        # Hydra keeps one override per key, and names the file that contains the override, but not
        # the entry.
        overriding = [
            other
            for node in self._nodes
            if not node.is_virtual()
            for other in self._entries(node)
            if other.default.is_override() and other.key == entry.key
        ]
        in_files = [(other, self._choice_of(other, name)) for other in overriding]
        typed = [_typed(override) for override in self._overrides if override.key == entry.key]
        if typed:  # an argument overrules every file, and a later argument overrules earlier ones
            deciding = typed[-1]
        else:
            winner = self._applied_overrides[entry.key].containing_config_path
            deciding = next(c for e, c in in_files if e.parent.get_config_path() == winner)
        choices = [self._choice_of(entry, name), *(choice for _, choice in in_files), *typed]
        overruled = tuple(choice for choice in choices if choice is not deciding)
        return replace(deciding, overruled=overruled)

    def _choice_of(self, entry: _Entry, name: str) -> ConfigChoice:
        text, span = _written(entry.span, name)
        return ConfigChoice(text, span, chosen_by=self.choice(entry.parent))

    def _deleting_override(self, node: InputDefault, choice: ConfigChoice) -> ConfigChoice | None:
        """Return the override that removed a group from the defaults list, such as ``~tuner``."""
        deleting = [
            override
            for override in self._overrides
            if override.parsed.is_delete() and override.key == node.get_override_key()
        ]
        if not deleting or not node.is_deleted():
            return None
        return replace(_typed(deleting[-1]), overruled=(*choice.overruled, choice))

    def _adding_override(self, node: InputDefault) -> ConfigChoice | None:
        """Return the override that added a config, such as ``+experiment=mnist``."""
        adding = [
            override
            for override in self._overrides
            if override.parsed.is_add()
            and node.get_config_path() in override.choices
            and node.package == override.parsed.package
        ]
        return _typed(adding[-1]) if adding else None


def _became(default: InputDefault, node: InputDefault) -> bool:
    """Tell whether an entry of a defaults list became a node of the tree."""
    match default, node:
        case GroupDefault(), GroupDefault():
            return default.get_override_key() == node.get_override_key()
        case ConfigDefault(), ConfigDefault():
            same = default.get_config_path() == node.get_config_path()
            return same and default.package == node.package
        case GroupDefault(), ConfigDefault():
            # A group with a list of names becomes one config for each name.
            one_of = f"{default.get_group_path()}/{node.get_name()}"
            return one_of == node.get_config_path() and default.package == node.package
    return False


def _typed(override: ParsedOverride) -> ConfigChoice:
    return ConfigChoice(override.text, override.value_span, on_command_line=True)


def _written(entry: YamlSpan | None, name: str) -> tuple[str, Span]:
    """Return an entry of a defaults list as written, and the span of a config's name in it."""
    if entry is None:
        return name, Span(None)
    for words, choice in entry.children.items():
        named = [option for option in choice.children.values() if option.text == name]
        word = named[0] if named else choice
        return f"{words}: {word.text or name}", word.value
    return entry.text, entry.value
