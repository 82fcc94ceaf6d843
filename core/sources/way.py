"""The way to a value, which may lead through interpolated sections."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from omegaconf import Container, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ..stages import KeyPath


def landing(tree: Any, keys: Sequence[Any], *, through_last: bool = False) -> KeyPath:
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
            at = way_to(node)
    return at


def inside(node: Any, key: Any) -> Any:
    """Look up what a container has under a key, None for nothing."""
    with suppress(OmegaConfBaseException, LookupError):
        return node[key] if isinstance(node, Container) else None
    return None


def way_to(node: Any) -> KeyPath:
    """List the keys from the root down to a container."""
    parent = node._get_parent()  # noqa: SLF001 - it has no other name
    return (*way_to(parent), node._key()) if parent is not None else ()  # noqa: SLF001 - likewise


def _is_interpolated(node: Any, key: Any) -> bool:
    with suppress(OmegaConfBaseException, LookupError):
        return isinstance(node, Container) and OmegaConf.is_interpolation(node, key)
    return False
