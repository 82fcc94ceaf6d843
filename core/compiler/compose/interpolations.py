"""Follow interpolations: list the references of a value, and follow a path through them.

OmegaConf resolves an interpolation but does not tell which values it looked up. Therefore
`resolve_interpolation` parses the text with OmegaConf's own parser and visitor, and records each
look-up that the visitor requests.
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
class KeyReference:
    """A reference to another value, as in ``${store.path}``."""

    path: KeyPath


@dataclass(frozen=True, slots=True)
class ResolverCall:
    """A call of a resolver, as in ``${oc.env:HOME}``."""

    name: str
    arguments: tuple[str, ...]
    """The arguments as written."""
    value: Any
    """The result of the resolver; None if the resolver failed."""


@dataclass(frozen=True, slots=True)
class Interpolation:
    """The result of resolving an interpolated value, and the references in it."""

    value: Any = None
    error: str | None = None
    """The reason why the value could not be resolved."""
    references: tuple[KeyReference | ResolverCall, ...] = ()
    """References in order of evaluation, so that nested references come first."""


def resolve_interpolation(tree: Any, path: KeyPath, text: str) -> Interpolation:
    """Resolve the interpolated value at a path, and record its references."""
    container = reduce(look_up, path[:-1], tree)
    recorder = _ReferenceRecorder(tree, container, path[-1])
    # A resolver may raise any exception. It is raised again, and reported, when the value is read
    # below.
    with suppress(Exception):
        recorder.visit(text)
    try:
        value, error = container[path[-1]], None
    except (OmegaConfBaseException, RecursionError) as fault:
        value, error = None, str(fault).strip().splitlines()[0]
    return Interpolation(value, error, tuple(recorder.references))


class _ReferenceRecorder:
    """Evaluates the text of a value in the same way as OmegaConf, and records each look-up."""

    def __init__(self, tree: Any, container: Any, key: Any) -> None:
        self._tree = tree
        self._container = container
        self._key = key
        self.references: list[KeyReference | ResolverCall] = []

    def visit(self, text: str) -> None:
        """Evaluate a text, and record its references."""
        visitor = GrammarVisitor(self._resolve_key, self._call_resolver, memo=None)
        visitor.visit(parse(text))

    # The two callbacks repeat those of `Container.resolve_parse_tree`. OmegaConf has no public
    # names for their steps.

    def _resolve_key(self, key: Any, memo: Any) -> Any:
        container: Any = self._container
        root, rest = container._resolve_key_and_root(getattr(key, "raw", key))  # noqa: SLF001 - as above
        keys = [part for part in split_key(rest) if part]
        path = follow_path(self._tree, (*path_of(root), *keys))
        self.references.append(KeyReference(path))
        return container._resolve_node_interpolation(inter_key=key, memo=memo)  # noqa: SLF001 - as above

    def _call_resolver(self, name: str, args: tuple[Any, ...], args_str: tuple[str, ...]) -> Any:
        container: Any = self._container
        node, value = container._get_node(self._key), None  # noqa: SLF001 - as above
        try:
            value = container._evaluate_custom_resolver(  # noqa: SLF001 - as above
                key=self._key, node=node, inter_type=name, inter_args=args, inter_args_str=args_str
            )
        finally:
            self.references.append(ResolverCall(name, tuple(args_str), value))
        return value


def follow_path(tree: Any, keys: Sequence[Any], *, through_last: bool = False) -> KeyPath:
    """Follow keys from the root through interpolated sections; return the path of the value.

    With ``b: ${a}``, the keys ``b.x`` lead to the path ``a.x``. In the result, list indices are
    integers.

    Parameters
    ----------
    through_last
        Whether to follow the last key as well, if its value is an interpolated section.
    """
    node = tree
    path: KeyPath = ()
    for left, key in zip(range(len(keys) - 1, -1, -1), keys, strict=True):
        path = (*path, int(key) if isinstance(node, ListConfig) else key)
        # The last key names the interpolation itself, unless `through_last` asks for its target.
        follows = (left or through_last) and _is_interpolated(node, path[-1])
        node = look_up(node, path[-1])
        if follows and isinstance(node, Container):
            path = path_of(node)
    return path


def look_up(node: Any, key: Any) -> Any:
    """Return the value at a key of a container; return None if the key does not exist."""
    with suppress(OmegaConfBaseException, LookupError):
        return node[key] if isinstance(node, Container) else None
    return None


def path_of(node: Any) -> KeyPath:
    """Return the path that leads from the root to a container."""
    parent = node._get_parent()  # noqa: SLF001 - OmegaConf has no public name for it
    return (*path_of(parent), node._key()) if parent is not None else ()  # noqa: SLF001 - likewise


def _is_interpolated(node: Any, key: Any) -> bool:
    with suppress(OmegaConfBaseException, LookupError):
        return isinstance(node, Container) and OmegaConf.is_interpolation(node, key)
    return False
