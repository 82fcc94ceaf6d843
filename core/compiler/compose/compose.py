"""Compose a configuration with Hydra; whatever goes wrong is a finding, and leaves a hole."""

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import setup_globals
from hydra.errors import HydraException, MissingConfigException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from sweepwright.diagnostics import Code, Report, Span

from ...registry.options import ABSENT
from ...registry.registry import Registry
from ..settings import SECTIONS
from ..spans import KeyPath, Spans
from ..stages import Composed
from .apply_overrides import OverrideTargets, apply_overrides, lay_defaults
from .config_repository import ConfigCache, TolerantRepository
from .group_choices import find_requesting_entry, report_shadowed, report_unknown_choice
from .hydra_compat import BASE
from .layers import trace
from .overrides import Arguments, ParsedOverride, read_overrides
from .plugin_groups import register_groups
from .provenance import Provenance

CONFIG_FOLDER = Path(__file__).resolve().parents[3] / "conf"
CONFIG_NAME = "config"
# What Hydra raises for values that it does not expect is not always its own.
REFUSALS = (HydraException, OmegaConfBaseException, ValueError, TypeError, AssertionError)


@dataclass(frozen=True, slots=True)
class Traced:
    """A composition, and what became of each of its values."""

    composed: Composed
    provenance: Provenance


def compose(
    overrides: Sequence[str], registry: Registry, report: Report, config_dir: Path | None = None
) -> Composed | None:
    """Compose ``conf/config.yaml`` with overrides; None when too little is left to go on.

    `config_dir` is a folder of the user's own, searched after the built-in ones.
    """
    traced = compose_traced(overrides, registry, report, config_dir)
    return traced.composed if traced else None


def compose_traced(
    overrides: Sequence[str], registry: Registry, report: Report, config_dir: Path | None = None
) -> Traced | None:
    """Compose as `compose` does, and keep the origins."""
    register_groups(registry)
    arguments = read_overrides(overrides, report, multirun=False)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        composition = _Composition(arguments, registry, report, config_dir)
        traced = composition.compose(tuple(map(str, overrides)))
    _report_missing_folders([str(warning.message) for warning in warned], arguments, report)
    return traced


class _Composition:
    """One composition on its way: what is at fault is taken out until the rest composes."""

    def __init__(
        self, arguments: Arguments, registry: Registry, report: Report, config_dir: Path | None
    ) -> None:
        if BASE:
            version.setbase(BASE["version_base"])
        setup_globals()
        path = create_config_search_path(str(CONFIG_FOLDER))
        if config_dir:
            path.prepend("command-line", str(config_dir.resolve()), anchor="schema")
        self._shelf = ConfigCache(report)
        self._loader = ConfigLoaderImpl(path)
        loader: Any = self._loader
        loader.repository = TolerantRepository(loader.repository, self._shelf)
        self._given = list(arguments.given)
        self._holes = set(arguments.holes)
        self._registry = registry
        self._report = report

    def compose(self, overrides: tuple[str, ...]) -> Traced | None:
        """Settle the defaults list, merge it, and put the values of the command line on top."""
        defaults = self._settle()
        if defaults is None or not self._dig_holes(defaults):
            return None
        self._report_unchosen(defaults)
        tree = self._merge(defaults)
        if tree is None:
            return None
        layers = trace(defaults, self._shelf, self._given)
        layers += lay_defaults(tree, self._registry)
        groups = tuple(self._loader.list_groups(""))
        values = [given for given in _values(defaults, self._given) if not _is_early(given)]
        known = OverrideTargets(self._registry, (*map(str, tree), *groups))
        layers += apply_overrides(tree, values, self._holes, known, self._report)
        report_shadowed(self._loader.repository, self._shelf, self._given, self._report)
        _take_out_hydra(tree)
        plain = cast(dict[str, Any], OmegaConf.to_container(tree, resolve=False))
        provenance = Provenance(layers, plain)
        spans, holes = Spans(provenance.place), frozenset(self._holes)
        composed = Composed(tree, plain, spans, holes, groups, provenance.chooser, overrides)
        return Traced(composed, provenance)

    def _settle(self) -> Any:
        """Compute the defaults list, taking out one faulty choice after the other."""
        while True:
            try:
                return self._defaults(self._given)
            except MissingConfigException as error:
                if not self._take_out_choice(error):
                    return None
            except REFUSALS as error:
                if not self._take_out(error):
                    return None

    def _defaults(self, given: Sequence[ParsedOverride]) -> Any:
        texts = [entry.text for entry in given]
        return self._loader.compute_defaults_list(CONFIG_NAME, texts, RunMode.MULTIRUN)

    def _take_out_choice(self, error: MissingConfigException) -> bool:
        path = error.missing_cfg_file
        if path is None or path in self._shelf.broken:
            self._report.error(Code.NOT_COMPOSABLE, _first_line(error))
            return False
        span = find_requesting_entry(path, self._shelf, self._given)
        known = error.options or self._loader.get_group_options(path.rpartition("/")[0])
        report_unknown_choice(path, span, list(known), self._registry, self._report)
        self._shelf.broken.add(path)
        return True

    def _take_out(self, error: Exception) -> bool:
        """Blame the file that Hydra names, else an override, else the configuration itself."""
        path, said = _accused(error)
        if path == CONFIG_NAME and self._take_out_override(error):
            return True
        message = f"the defaults list of `{path}` cannot be used: {said}"
        span = self._shelf.defaults_of(path)
        self._report.error(Code.NOT_COMPOSABLE, message, span, help=_package(path, said))
        first_time = path not in self._shelf.broken
        self._shelf.broken.add(path)
        return first_time and path != CONFIG_NAME

    def _take_out_override(self, error: Exception) -> bool:
        """Blame the override without which this would not have happened."""
        for blamed in reversed(self._given):
            others = [given for given in self._given if given is not blamed]
            if self._fault(others) != str(error):
                message = f"`{blamed.text}` cannot be used: {_first_line(error)}"
                way_out = _way_out(blamed.text, str(error))
                self._report.error(Code.BAD_OVERRIDE, message, blamed.key_span, help=way_out)
                self._given = others
                return True
        return False

    def _fault(self, given: Sequence[ParsedOverride]) -> str | None:
        try:
            self._defaults(given)
        except REFUSALS as error:
            return str(error)
        return None

    def _dig_holes(self, defaults: Any) -> bool:
        """Leave holes where broken configs would be; False when they would be everywhere."""
        broken = [d for d in defaults.defaults if d.config_path in self._shelf.broken]
        holes: set[KeyPath] = {tuple(d.package.split(".")) for d in broken}
        self._holes |= holes
        return all(hole[0] in SECTIONS for hole in holes)

    def _report_unchosen(self, defaults: Any) -> None:
        for group, choice in defaults.overrides.known_choices.items():
            if choice == ABSENT:
                known = ", ".join(f"`{name}`" for name in self._loader.get_group_options(group))
                span = find_requesting_entry(f"{group}/{ABSENT}", self._shelf, self._given)
                message = f"no `{group}` is chosen"
                way_out = f"give `{group}=<name>`; known are {known}"
                self._report.error(Code.MISSING_VALUE, message, span, help=way_out)
                self._holes.add(tuple(group.split("/")))

    def _merge(self, defaults: Any) -> DictConfig | None:
        values = _values(defaults, self._given)
        texts = [given.text for given in self._given if given not in values or _is_early(given)]
        try:
            tree = self._loader.load_configuration(
                CONFIG_NAME,
                texts,
                RunMode.MULTIRUN,
                from_shell=False,
                validate_sweep_overrides=False,
            )
        except REFUSALS as error:
            path, said = _unmergeable(error)
            self._report.error(Code.NOT_COMPOSABLE, said, self._shelf.start_of(path))
            return None
        return tree


def _take_out_hydra(tree: DictConfig) -> None:
    """Leave Hydra's own section, which is no part of a sweep, to ``${hydra:…}``."""
    if not GlobalHydra.instance().is_initialized():
        HydraConfig.instance().set_config(tree)
    with open_dict(tree):
        del tree["hydra"]


def _values(defaults: Any, given: Sequence[ParsedOverride]) -> list[ParsedOverride]:
    """Pick the overrides that set values, rather than choose a config of a group."""
    lines = {override.input_line for override in defaults.config_overrides}
    return [entry for entry in given if entry.text in lines]


def _is_early(given: ParsedOverride) -> bool:
    """Tell whether Hydra needs an override before it composes."""
    return given.override.key_or_group == "hydra.searchpath"


def _unmergeable(error: Exception) -> tuple[str, str]:
    """Tell which config does not merge with those before it, and why."""
    lines = [line for line in str(error.__cause__ or error).splitlines() if line.strip()]
    named = re.search(r"In '([\w/]+)'", str(error))
    path = named[1] if named else CONFIG_NAME
    said = lines[1] if len(lines) > 1 and named else lines[0]
    return path, f"`{path}` does not merge with what is before it: {said}"


def _accused(error: Exception) -> tuple[str, str]:
    """Tell which config Hydra names in an error, and what it says of it."""
    named = re.search(r"In '?([\w/]+)'?: ?(.*)", str(error))
    return (named[1], named[2].rstrip(".")) if named else (CONFIG_NAME, _first_line(error))


def _way_out(text: str, message: str) -> str | None:
    if "No match in the defaults list" in message:
        return f"write `+{text}` to add it to the defaults list"
    if "must be a string" in message:
        key, _, value = text.partition("=")
        if value == "null":
            return f"to leave a group out write `~{key}`"
        return f"a name that reads as a number is quoted: `'{key}=\"{value}\"'`"
    if near := re.search(r"Did you mean to override (\S+)\?", message):
        return f"did you mean `{near[1]}`?"
    return f"write `{text.lstrip('+')}`" if text.startswith("+") else None


def _package(path: str, said: str) -> str | None:
    """Tell how a config names a group from inside its own section, which Hydra looks in."""
    named = re.search(r"override '/?(\w+)(?:@\w+\.|: )\w+'", said)
    if named is None:
        return None
    if path.partition("/")[0] in SECTIONS:
        return f"write `override /{named[1]}@_global_.{named[1]}`"
    return "begin the file with `# @package _global_`"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")


def _report_missing_folders(messages: Sequence[str], arguments: Arguments, report: Report) -> None:
    """Turn Hydra's warnings of folders that are not there into findings."""
    for folder in dict.fromkeys(_missing_folders(messages)):
        given = filter(_is_early, arguments.given)
        span = next((entry.value_span for entry in given), Span(None, key="hydra.searchpath"))
        message = f"the folder `{folder}` of the search path is not there"
        report.error(Code.NOT_COMPOSABLE, message, span)


def _missing_folders(messages: Sequence[str]) -> Iterator[str]:
    for message in messages:
        if found := re.search(r"path=(.*) is not available", message, re.DOTALL):
            yield " ".join(found[1].split())
