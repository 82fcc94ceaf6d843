"""Amend a composed tree: provider's defaults beneath it, values of the command line on top."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from json import dumps
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from sweepwright.contracts import Budget, PluginError
from sweepwright.diagnostics import Code, Report, did_you_mean

from ...registry.options import option_defaults
from ...registry.registry import KINDS, Registry, UnknownProvider
from ..settings import TrialOptions, called_here
from ..spans import KeyPath, dotted
from .group_choices import report_unknown_choice
from .hydra_compat import extends_list
from .interpolations import follow_path
from .layers import Layer, LayerAction
from .overrides import ParsedOverride


@dataclass(frozen=True, slots=True)
class OverrideTargets:
    """What the command line can name."""

    registry: Registry
    roots: tuple[str, ...]
    """Keys of the root, and config groups."""


def lay_defaults(tree: DictConfig, registry: Registry) -> list[Layer]:
    """Give a provider that a file selects the defaults that selecting it by name would give.

    A trial and a budget get those of their sections, so that the command line can set what their
    files leave out.
    """
    layers: list[Layer] = []
    for kind in KINDS:
        section = tree.get(kind)
        if isinstance(section, DictConfig):
            defaults, owner = _defaults(kind, section, registry)
            layers.append(Layer((kind,), _lay_beneath(section, defaults), owner))
    for name, options in (("trial", TrialOptions), ("budget", Budget)):
        section = tree.get(name)
        if isinstance(section, DictConfig):
            laid = _lay_beneath(section, option_defaults(options))
            layers.append(Layer((name,), laid, f"the section `{name}`"))
    return layers


def apply_overrides(
    tree: DictConfig,
    values: Sequence[ParsedOverride],
    holes: AbstractSet[KeyPath],
    known: OverrideTargets,
    report: Report,
) -> list[Layer]:
    """Set what the command line says, reporting every override that does not apply."""
    layers: list[Layer] = []
    for given in values:
        if any(given.path[: len(hole)] == hole for hole in holes):
            continue
        before = _landing(tree, given)
        empty = _is_empty(tree, str(given.path[0]))
        try:
            ConfigLoaderImpl._apply_overrides_to_config([given.override], tree)  # noqa: SLF001 - just what Hydra does, one at a time
        except (HydraException, OmegaConfBaseException, ValueError, TypeError) as error:
            if empty:
                tree[given.path[0]] = None  # a mapping with nothing in it is left there
            _report(tree, given, known, error, report)
        else:
            at = before if given.override.is_delete() else _landing(tree, given)
            layers.append(Layer(at, _deed(given), mark=given.typed))
    return layers


def _is_empty(tree: DictConfig, key: str) -> bool:
    """Tell whether a key of the root holds null."""
    return key in tree and tree._get_node(key)._is_none()  # type: ignore[union-attr]  # noqa: SLF001 - the value itself may be an interpolation


def _lay_beneath(section: DictConfig, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Set what is not there yet, and return it.

    OmegaConf's merge would stop at a list where a mapping is due.
    """
    laid: dict[str, Any] = {}
    for name, value in defaults.items():
        if name not in section:
            with open_dict(section):
                section[name] = value
            laid[name] = value
        elif isinstance(value, Mapping) and isinstance(section._get_node(name), DictConfig):  # noqa: SLF001 - the value itself may be an interpolation
            laid[name] = _lay_beneath(section[name], value)
    return laid


def _landing(tree: DictConfig, given: ParsedOverride) -> KeyPath:
    return follow_path(tree, given.path, through_last=extends_list(given.override))


def _deed(given: ParsedOverride) -> Any:
    """Tell what an override does: it deletes, extends a list, or sets a value."""
    if given.override.is_delete():
        return LayerAction.DELETE
    return LayerAction.EXTEND if extends_list(given.override) else given.override.value()


def _defaults(kind: str, section: DictConfig, registry: Registry) -> tuple[dict[str, Any], str]:
    """List the options of the provider that a section names, and say whose they are."""
    name = str(OmegaConf.select(section, "name", throw_on_resolution_failure=False))
    try:
        defaults = option_defaults(registry.find(kind, name).options)
    except (UnknownProvider, PluginError):
        return {}, ""  # the bind pass reports it
    return defaults, f"`{kind}={name}` in {registry.distribution(kind, name)}"


def _report(
    tree: DictConfig,
    given: ParsedOverride,
    known: OverrideTargets,
    error: Exception,
    report: Report,
) -> None:
    found = _stranger(tree, given.path)
    inside = {} if found else _strangers_inside(tree, given)
    if inside and not given.override.is_add():
        _report_strangers_inside(tree, given, inside, known, report)
    elif given.override.is_add() and found is None:
        message = f"`{dotted(given.path)}` is in the configuration already"
        way_out = f"write `{given.text.lstrip('+')}`"
        report.error(Code.BAD_OVERRIDE, message, given.key_span, help=way_out)
    elif found is None:
        said = str(error.__cause__ or error).strip().splitlines()[0]
        message = f"`{given.text}` cannot be used: {said}"
        report.error(Code.BAD_OVERRIDE, message, given.value_span)
    else:
        _report_stranger(tree, given, found, known, report)


def _strangers_inside(tree: DictConfig, given: ParsedOverride) -> dict[KeyPath, Any]:
    """Find the values in a mapping on the command line whose keys are not there."""
    leaves = _leaves(given.override.value(), given.path)
    return {path: value for path, value in leaves if _stranger(tree, path)}


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    else:
        yield path, value


def _report_strangers_inside(
    tree: DictConfig,
    given: ParsedOverride,
    inside: Mapping[KeyPath, Any],
    known: OverrideTargets,
    report: Report,
) -> None:
    """Report the new keys of a mapping: one is set by itself, and a new one with a `+`."""
    unknown = [_stranger(tree, path) or path for path in inside]
    named = ", ".join(f"`{dotted(path)}`" for path in dict.fromkeys(unknown))
    message = f"no key is called {named}"
    near = _near(tree, unknown[0], known)
    written = (f"`+{dotted(path)}={_written(value)}`" for path, value in inside.items())
    free = _is_free(given.path, near)
    way_out = f"to add it write {' '.join(written)}" if free else near
    report.error(Code.UNKNOWN_KEY, message, given.value_span, help=way_out)


def _report_stranger(
    tree: DictConfig, given: ParsedOverride, path: KeyPath, known: OverrideTargets, report: Report
) -> None:
    """Report a key that is not there, unless it selects of a kind that has nothing to offer."""
    if len(path) == 1 and path[0] in KINDS:
        report_unknown_choice(given.choices[0], given.value_span, [], known.registry, report)
        return
    near = _near(tree, path, known)
    way_out = f"to add it write `+{given.text}`" if _is_free(path, near) else near
    message = f"no key is called `{dotted(path)}`"
    report.error(Code.UNKNOWN_KEY, message, given.key_span, help=way_out)


def _written(value: Any) -> str:
    """Write a value as Hydra reads it."""
    return dumps(value) if value is None or isinstance(value, bool | list) else str(value)


def _near(tree: DictConfig, path: KeyPath, known: OverrideTargets) -> str:
    """Name the keys beside a stranger, or the one that was meant."""
    here = called_here(str(path[-1]))
    if here and not path[1:]:
        return here
    section = OmegaConf.select(tree, dotted(path[:-1])) if path[1:] else None
    beside = known.roots if not path[1:] else section if isinstance(section, DictConfig) else ()
    keys = map(str, beside)
    near = did_you_mean(str(path[-1]), sorted({*keys} - {"hydra"})) or ""
    return near if near.startswith("did you mean") else here or near


def _is_free(path: KeyPath, near: str) -> bool:
    """Tell whether a user may add a key, and did not just misspell one.

    Spaces and trials take any; what is null, as a budget may be, has none yet.
    """
    if path[0] == "budget":
        return not near
    return path[0] in ("space", "trial") and not near.startswith("did you mean")


def _stranger(tree: DictConfig, path: KeyPath) -> KeyPath | None:
    """Find the first key on the way down that is not there."""
    node: Any = tree
    for length, key in enumerate(path, 1):
        keys = list(_keys(node))
        if str(key) not in keys:
            return path[:length]
        node = OmegaConf.select(tree, dotted(path[:length]), throw_on_missing=False)
    return None


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, DictConfig):
        yield from map(str, node)
    else:
        yield from map(str, range(len(node) if hasattr(node, "__len__") else 0))
