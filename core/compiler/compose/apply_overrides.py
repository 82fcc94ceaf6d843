"""Apply plugins' defaults and the overrides of the command line to a composed tree.

Hydra would apply all overrides at once and raise at the first fault. This module applies each
override by itself. An override that fails is reported with the reason, and does not change the
tree.
"""

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
from sweepwright.diagnostics import Code, NameHelp, Report, name_help

from ...registry.options import option_defaults
from ...registry.registry import KINDS, Registry, UnknownProvider
from ..settings import Retries, TrialOptions, called_here
from ..spans import KeyPath, dotted
from .group_choices import report_unknown_choice
from .hydra_compat import extends_list
from .interpolations import follow_path
from .layers import Layer, LayerAction
from .overrides import ParsedOverride


@dataclass(frozen=True, slots=True)
class OverrideTargets:
    """Names that an override can use as its key. Suggestions for misspelt keys use these names."""

    registry: Registry
    roots: tuple[str, ...]
    """Top-level keys of the configuration, and config groups."""


def add_defaults(tree: DictConfig, registry: Registry) -> list[Layer]:
    """Add the defaults of the providers that files select by ``name``.

    These defaults let an override set a key that no file contains. If a provider is selected by
    ``tuner=<name>``, the ConfigStore has already added its defaults. The sections ``trial``,
    ``budget`` and ``retries`` get the defaults of their dataclasses.
    """
    layers: list[Layer] = []
    for kind in KINDS:
        section = tree.get(kind)
        if isinstance(section, DictConfig):
            defaults, owner = _provider_defaults(kind, section, registry)
            layers.append(Layer((kind,), _add_missing(section, defaults), owner))
    for name, options in (("trial", TrialOptions), ("budget", Budget), ("retries", Retries)):
        section = tree.get(name)
        if isinstance(section, DictConfig):
            added = _add_missing(section, option_defaults(options))
            layers.append(Layer((name,), added, f"the section `{name}`"))
    return layers


def apply_overrides(
    tree: DictConfig,
    overrides: Sequence[ParsedOverride],
    invalid: AbstractSet[KeyPath],
    targets: OverrideTargets,
    report: Report,
) -> list[Layer]:
    """Apply the overrides that set values; report each override that fails.

    An override below an invalid path is skipped, since the section that it would change is
    missing.
    """
    layers: list[Layer] = []
    for override in overrides:
        if any(override.path[: len(path)] == path for path in invalid):
            continue  # the finding on the section is enough
        # Both values depend on the tree before the override changes it.
        path_before = _path_set_by(override, tree)
        was_null = _is_null(tree, str(override.path[0]))
        try:
            ConfigLoaderImpl._apply_overrides_to_config([override.parsed], tree)  # noqa: SLF001 - Hydra has no public name for it
        except (HydraException, OmegaConfBaseException, ValueError, TypeError) as error:
            if was_null:
                # Hydra replaced the null by an empty mapping before it failed.
                tree[override.path[0]] = None
            _report(tree, override, targets, error, report)
        else:
            # A deleted value exists only before the change, and an added value only afterwards.
            deletes = override.parsed.is_delete()
            path = path_before if deletes else _path_set_by(override, tree)
            layers.append(Layer(path, _values(override), span=override.span))
    return layers


def _provider_defaults(
    kind: str, section: DictConfig, registry: Registry
) -> tuple[dict[str, Any], str]:
    """Return the defaults of the provider that a section names, and a text naming their owner."""
    name = str(OmegaConf.select(section, "name", throw_on_resolution_failure=False))
    try:
        defaults = option_defaults(registry.find(kind, name).options)
    except (UnknownProvider, PluginError):
        return {}, ""  # the bind pass reports the fault
    return defaults, f"`{kind}={name}` in {registry.distribution(kind, name)}"


def _add_missing(section: DictConfig, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Add the defaults of keys that a section lacks, and return the added values.

    This function does not use `OmegaConf.merge`, which would raise an error if a file contains a
    list instead of a mapping. The bind pass reports this fault with a span.
    """
    added: dict[str, Any] = {}
    for name, value in defaults.items():
        if name not in section:
            with open_dict(section):
                section[name] = value
            added[name] = value
        elif isinstance(value, Mapping) and isinstance(section._get_node(name), DictConfig):  # noqa: SLF001 - the value may be an interpolation
            added[name] = _add_missing(section[name], value)
    return added


def _is_null(tree: DictConfig, key: str) -> bool:
    """Tell whether the value of a top-level key is null."""
    return key in tree and tree._get_node(key)._is_none()  # type: ignore[union-attr]  # noqa: SLF001 - the value may be an interpolation


def _path_set_by(override: ParsedOverride, tree: DictConfig) -> KeyPath:
    """Return the path that an override sets, after following interpolated sections."""
    return follow_path(tree, override.path, through_last=extends_list(override.parsed))


def _values(override: ParsedOverride) -> Any:
    if override.parsed.is_delete():
        return LayerAction.DELETE
    return LayerAction.EXTEND if extends_list(override.parsed) else override.parsed.value()


def _report(
    tree: DictConfig,
    override: ParsedOverride,
    targets: OverrideTargets,
    error: Exception,
    report: Report,
) -> None:
    """Report why an override could not be applied."""
    # Hydra's message does not say which key is unknown, so each key of the path is looked up.
    unknown = _first_unknown(tree, override.path)
    unknown_inside = {} if unknown else _unknown_inside(tree, override)
    if unknown_inside and not override.parsed.is_add():
        _report_unknown_inside(tree, override, unknown_inside, targets, report)
    elif override.parsed.is_add() and unknown is None:
        message = f"`{dotted(override.path)}` is in the configuration already"
        suggestion = f"write `{override.text.lstrip('+')}`"
        report.error(Code.BAD_OVERRIDE, message, override.key_span, help=suggestion)
    elif unknown is None:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        message = f"`{override.text}` cannot be applied: {reason}"
        report.error(Code.BAD_OVERRIDE, message, override.value_span)
    else:
        _report_unknown(tree, override, unknown, targets, report)


def _report_unknown(
    tree: DictConfig,
    override: ParsedOverride,
    unknown: KeyPath,
    targets: OverrideTargets,
    report: Report,
) -> None:
    """Report an unknown key."""
    # The key of a provider kind is unknown only if no plugin offers a provider of this kind.
    # Therefore the finding is about the choice of the provider.
    if len(unknown) == 1 and unknown[0] in KINDS:
        choice, span = override.choices[0], override.value_span
        report_unknown_choice(choice, span, [], targets.registry, report)
        return
    near = _near(tree, unknown, targets)
    to_add = f"to add it write `+{override.text}`"
    adds = not override.parsed.is_delete() and _may_be_added(unknown, near)
    suggestion = to_add if adds else near.text if near else None
    message = f"no key is called `{dotted(unknown)}`"
    report.error(Code.UNKNOWN_KEY, message, override.key_span, help=suggestion)


def _unknown_inside(tree: DictConfig, override: ParsedOverride) -> dict[KeyPath, Any]:
    """Return the values with unknown keys in a mapping that was given on the command line."""
    leaves = _leaves(override.parsed.value(), override.path)
    return {path: value for path, value in leaves if _first_unknown(tree, path)}


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    else:
        yield path, value


def _report_unknown_inside(
    tree: DictConfig,
    override: ParsedOverride,
    inside: Mapping[KeyPath, Any],
    targets: OverrideTargets,
    report: Report,
) -> None:
    """Report the unknown keys of a mapping, and suggest a separate override for each of them."""
    unknown = [_first_unknown(tree, path) or path for path in inside]
    named = ", ".join(f"`{dotted(path)}`" for path in dict.fromkeys(unknown))
    message = f"no key is called {named}"
    near = _near(tree, unknown[0], targets)
    additions = (f"`+{dotted(path)}={_as_override(value)}`" for path, value in inside.items())
    to_add = f"to add it write {' '.join(additions)}"
    suggestion = near.text if near else None
    if _may_be_added(override.path, near):
        suggestion = to_add
    report.error(Code.UNKNOWN_KEY, message, override.value_span, help=suggestion)


def _as_override(value: Any) -> str:
    """Write a value in Hydra's override grammar."""
    return dumps(value) if value is None or isinstance(value, bool | list) else str(value)


def _first_unknown(tree: DictConfig, path: KeyPath) -> KeyPath | None:
    """Return the shortest prefix of a path that does not exist."""
    node: Any = tree
    for length, key in enumerate(path, 1):
        if str(key) not in _keys(node):
            return path[:length]
        node = OmegaConf.select(tree, dotted(path[:length]), throw_on_missing=False)
    return None


def _keys(node: Any) -> list[str]:
    if isinstance(node, DictConfig):
        return list(map(str, node))
    return list(map(str, range(len(node) if hasattr(node, "__len__") else 0)))


def _near(tree: DictConfig, path: KeyPath, targets: OverrideTargets) -> NameHelp | None:
    """Suggest the key that was probably meant, or list the keys of the same section."""
    if path[:-1] == ("trial", "entries") and path[-1] in targets.registry.names("framework"):
        return None  # an entry for a framework is no misspelling of another framework
    foreign = called_here(str(path[-1]))
    translated = NameHelp(foreign, is_near=False) if foreign else None
    if translated and not path[1:]:
        return translated
    section = OmegaConf.select(tree, dotted(path[:-1])) if path[1:] else None
    siblings = (
        targets.roots if not path[1:] else section if isinstance(section, DictConfig) else ()
    )
    keys = map(str, siblings)
    near = name_help(str(path[-1]), sorted({*keys} - {"hydra"}))
    return near if near and near.is_near else translated or near


def _may_be_added(path: KeyPath, near: NameHelp | None) -> bool:
    """Tell whether a key can be added here and does not look like a misspelled key.

    The sections ``space`` and ``trial`` accept any key. A budget that is null accepts the keys of
    its dataclass.
    """
    if path[0] == "budget":
        return near is None
    return path[0] in ("space", "trial") and not (near and near.is_near)
