"""References: which keys and which resolvers an interpolated value asks.

The way to a value, which may lead through interpolated sections.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from typing import Any

from omegaconf import Container, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from omegaconf.grammar_parser import parse
from omegaconf.grammar_visitor import GrammarVisitor

from ..spans import KeyPath
from .hydra_compat import split_key


@dataclass(frozen=True, slots=True)
class ToKey:
    """A reference to another value, as in ``${store.path}``."""

    path: KeyPath


@dataclass(frozen=True, slots=True)
class ToResolver:
    """A call of a resolver, as in ``${oc.env:HOME}``."""

    name: str
    arguments: tuple[str, ...]
    """As they are written."""
    value: Any
    """What it returned, None when it failed."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What came of an interpolated value."""

    value: Any = None
    error: str | None = None
    """Why nothing came of it."""
    references: tuple[ToKey | ToResolver, ...] = ()
    """Whom it asked, in order; those inside of others come first."""


def resolved(tree: Any, path: KeyPath, text: str) -> Resolved:
    """Resolve the text of an interpolated value, and note whom it asks."""
    around = reduce(inside, path[:-1], tree)
    asking = _Asking(tree, around, path[-1])
    with suppress(Exception):  # a resolver may be anybody's; what it raises comes once more below
        asking.visit(text)
    try:
        value, error = around[path[-1]], None
    except (OmegaConfBaseException, RecursionError) as fault:
        value, error = None, str(fault).strip().splitlines()[0]
    return Resolved(value, error, tuple(asking.asked))


class _Asking:
    """Has OmegaConf read a value, and listens to what it looks up."""

    def __init__(self, tree: Any, around: Any, key: Any) -> None:
        self._tree = tree
        self._around = around
        self._key = key
        self.asked: list[ToKey | ToResolver] = []

    def visit(self, text: str) -> None:
        """Read a value, as OmegaConf does when it is accessed."""
        visitor = GrammarVisitor(self._look_up, self._call, memo=None)
        visitor.visit(parse(text))

    def _look_up(self, key: Any, memo: Any) -> Any:
        around: Any = self._around
        root, rest = around._resolve_key_and_root(getattr(key, "raw", key))  # noqa: SLF001 - as OmegaConf does
        keys = [part for part in split_key(rest) if part]
        self.asked.append(ToKey(follow_path(self._tree, (*path_of(root), *keys))))
        return around._resolve_node_interpolation(inter_key=key, memo=memo)  # noqa: SLF001 - likewise

    def _call(self, name: str, args: tuple[Any, ...], args_str: tuple[str, ...]) -> Any:
        around: Any = self._around
        node, value = around._get_node(self._key), None  # noqa: SLF001 - as OmegaConf does
        try:
            value = around._evaluate_custom_resolver(  # noqa: SLF001 - likewise
                key=self._key, node=node, inter_type=name, inter_args=args, inter_args_str=args_str
            )
        finally:
            self.asked.append(ToResolver(name, tuple(args_str), value))
        return value


def follow_path(tree: Any, keys: Sequence[Any], *, through_last: bool = False) -> KeyPath:
    """Follow keys from the root, and return where they lead.

    An index of a list becomes a number. With `through_last` the end is followed as well when
    it is interpolated.
    """
    node = tree
    at: KeyPath = ()
    for left, key in zip(range(len(keys) - 1, -1, -1), keys, strict=True):
        at = (*at, int(key) if isinstance(node, ListConfig) else key)
        leads_on = (left or through_last) and _is_interpolated(node, at[-1])
        node = inside(node, at[-1])
        if leads_on and isinstance(node, Container):
            at = path_of(node)
    return at


def inside(node: Any, key: Any) -> Any:
    """Look up what a container has under a key, None for nothing."""
    with suppress(OmegaConfBaseException, LookupError):
        return node[key] if isinstance(node, Container) else None
    return None


def path_of(node: Any) -> KeyPath:
    """List the keys from the root down to a container."""
    parent = node._get_parent()  # noqa: SLF001 - it has no other name
    return (*path_of(parent), node._key()) if parent is not None else ()  # noqa: SLF001 - likewise


def _is_interpolated(node: Any, key: Any) -> bool:
    with suppress(OmegaConfBaseException, LookupError):
        return isinstance(node, Container) and OmegaConf.is_interpolation(node, key)
    return False
