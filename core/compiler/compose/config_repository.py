"""A repository of configs that survives broken files, and loads each file once.

Hydra loads every config through one repository object, which raises at the first broken file.
`TolerantRepository` wraps this object. It reports a broken config and treats it as empty, so that
composition continues and finds the faults of other files. A `ConfigCache` keeps the loaded configs
and the span of every value. `node_count` rejects a file that would exhaust the memory.
"""

import re
from copy import copy, deepcopy
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sweepwright.diagnostics import Code, Report, Span

from ...plan.redaction import display_path
from ..odd_values import join_surrogates, scalar_fault
from ..yaml_spans import YamlDocument, YamlSpan, yaml_error_span
from .node_count import check_node_count

CONFIG_FOLDER = Path(__file__).resolve().parents[3] / "conf"
"""The built-in configuration."""
CONFIG_NAME = "config"
"""Config path of the root config."""

UNUSABLE = (
    HydraException,
    OmegaConfBaseException,
    ValueError,
    TypeError,
    AssertionError,
    RecursionError,
    OSError,
)
"""Exceptions that Hydra and OmegaConf raise for a well-formed YAML file that is not a config."""


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A config as it was loaded, before composition."""

    config_path: str
    """Name of the config in the repository, such as ``tuner/random``."""
    provider: str
    """Hydra's name for the source of the config, such as ``main``, or a plugin's distribution."""
    values: Any
    defaults: tuple[Any, ...] = ()
    """Defaults list of the config, parsed by Hydra."""
    file: str | None = None
    """Path as the user would type it; None for a config that a plugin offers in memory."""
    span: YamlSpan | None = None


@dataclass(slots=True)
class ConfigCache:
    """The configs loaded so far. Hydra copies its repository, and all copies share this cache.

    Invariant: loading puts a config path either into `configs` or into `broken`. If the defaults
    list of a loaded config is invalid, composition adds its path to `broken` as well, and the
    config counts as empty from then on.
    """

    report: Report
    configs: dict[str, LoadedConfig] = field(default_factory=dict)
    results: dict[str, ConfigResult] = field(default_factory=dict)
    """The results that Hydra receives if it loads the same configs again."""
    broken: set[str] = field(default_factory=set)
    """Paths of configs that count as empty because a fault in the config was reported."""

    def start_of(self, config_path: str) -> Span:
        """Return the span at which a config begins."""
        span = self.configs[config_path].span if config_path in self.configs else None
        return span.value if span else Span(None, key=config_path)

    def defaults_of(self, config_path: str) -> Span:
        """Return the span of a config's defaults list."""
        span = self.configs[config_path].span if config_path in self.configs else None
        defaults = span.child("defaults") if span else None
        return defaults.key if defaults else self.start_of(config_path)


class TolerantRepository:
    """A wrapper of Hydra's repository that reports a broken config once and treats it as empty."""

    def __init__(self, inner: Any, cache: ConfigCache) -> None:
        self._inner = inner
        self._cache = cache

    def load_config(self, config_path: str) -> ConfigResult | None:
        """Load a config, or return the result of the first load; a broken config is empty."""
        name = config_path.removesuffix(".yaml")
        if name in self._cache.broken:
            return _empty()
        if name not in self._cache.results:
            result = self._load(name)
            if result is None:
                return None
            self._cache.results[name] = result
        return self._cache.results[name]

    def __getattr__(self, name: str) -> Any:
        """Delegate every other attribute to Hydra's repository."""
        return getattr(self._inner, name)

    def __deepcopy__(self, _: dict[int, Any]) -> "TolerantRepository":
        """Copy the list of sources and share the cache.

        Hydra deep-copies the repository before it adds ``hydra.searchpath`` to the sources.
        """
        return TolerantRepository(copy(self._inner), self._cache)

    def _load(self, name: str) -> ConfigResult | None:
        try:
            path = self._path(name)
            document = YamlDocument(_text(path), display_path(path)) if path else None
            # The nodes are counted before OmegaConf loads the file: loading exhausts the memory.
            if document is None or (
                check_node_count(document, name, self._cache.report)
                and check_scalars(document, self._cache.report)
            ):
                return self._store(name, self._load_by_hydra(name, document), document)
        except yaml.YAMLError as error:
            self._report_broken_yaml(name, error)
        except UNUSABLE as error:
            self._report_unusable(name, error)
        self._cache.broken.add(name)
        return _empty()

    def _load_by_hydra(self, name: str, document: YamlDocument | None) -> ConfigResult | None:
        """Let Hydra load a config, or copy what it loaded for an earlier composition."""
        source = self._source(name)
        if document is None or source is None or source.provider not in _INSTALLED:
            loaded: ConfigResult | None = self._inner.load_config(config_path=name)
            return loaded
        key = (source.path, name, document.text)
        if key not in _LOADED:
            _LOADED[key] = self._inner.load_config(config_path=name)
        # Composition moves the nodes of a config to the tree, where overrides change them.
        return deepcopy(_LOADED[key])

    def _store(
        self, name: str, result: ConfigResult | None, document: YamlDocument | None
    ) -> ConfigResult | None:
        if result is None:
            return None
        if not isinstance(result.config, DictConfig):
            raise TypeError("it is not a mapping")
        values = OmegaConf.to_container(result.config, resolve=False)
        if (joined := join_surrogates(values)) != values:
            result.config = OmegaConf.create(joined)
        ours = result.provider != "hydra"  # Hydra's own configs do not set values of a sweep
        self._cache.configs[name] = LoadedConfig(
            name,
            result.provider,
            joined if ours else {},
            tuple(result.defaults_list or ()),
            document.file if document else None,
            document.root if document else None,
        )
        return result

    def _report_broken_yaml(self, name: str, error: yaml.YAMLError) -> None:
        path = self._path(name)
        assert path, "only a file contains YAML"
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        context = getattr(error, "context", None)
        # Bytes that are not UTF-8 may be replaced, since the text is only shown.
        span = yaml_error_span(_text(path, "replace"), display_path(path), error)
        message = f"broken YAML: {problem}"
        notes = (f"found {context}",) if context and not str(context).startswith("found") else ()
        self._cache.report.error(Code.BROKEN_YAML, message, span, notes=notes)

    def _report_unusable(self, name: str, error: Exception) -> None:
        path = self._path(name)
        readable = path and not isinstance(error, OSError)
        lines = (_text(path, "replace") if path and readable else "").splitlines() or [""]
        # Hydra's errors carry no position. Most of them are about the defaults list.
        found = [n for n, line in enumerate(lines) if re.match(r"defaults\s*:", line)]
        number = found[0] if found else 0
        file = display_path(path) if path else None
        span = Span(file, number + 1, 1, max(1, len(lines[number])), lines[number], name)
        reason = str(getattr(error, "strerror", None) or error).splitlines()[0]
        message = f"`{name}` cannot be used: {reason}"
        self._cache.report.error(Code.NOT_COMPOSABLE, message, span)

    def _path(self, name: str) -> Traversable | None:
        """Return the file that Hydra loads under a name; return None if the config has no file."""
        source = self._source(name)
        match source and source.scheme():
            case "file":
                return Path(source.path) / f"{name}.yaml"
            case "pkg":
                return files(source.path).joinpath(f"{name}.yaml")
        return None

    def _source(self, name: str) -> Any:
        """Return the source in which Hydra finds a config; None if there is none."""
        return next((s for s in self._inner.get_sources() if s.is_config(name)), None)


_INSTALLED = ("main", "hydra")
"""Hydra's names for the sources of the built-in configuration and of its own."""
_LOADED: dict[tuple[str, str, str], ConfigResult] = {}
"""The results of loading installed files, by folder, name and text.

A multirun composes these files anew for each sweep, and loading them takes most of the time that
is not spent on merging.
"""


def _text(file: Traversable, errors: str = "strict") -> str:
    """Read a file. It may be part of a package that is inside an archive."""
    return file.read_bytes().decode("utf-8", errors)


def _empty() -> ConfigResult:
    return ConfigResult("sweepwright", "", OmegaConf.create(), {"package": None}, [])


def check_scalars(document: YamlDocument, report: Report) -> bool:
    """Tell whether each scalar of a file has a usable value; report the first one that has not."""
    for node in document.scalars():
        if fault := scalar_fault(node):
            report.error(Code.BROKEN_YAML, f"broken YAML: {fault}", document.span(node))
            return False
    return True
