"""A repository of configs that survives broken files, and loads each file once.

Hydra loads every config through one repository object, which raises at the first broken file.
`TolerantRepository` wraps this object. It reports a broken config and treats it as empty, so that
composition continues and finds the faults of other files. A `ConfigCache` keeps the loaded configs
and the span of every value. `check_node_count` rejects a file that would exhaust the memory.
"""

import os
import re
from copy import copy
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
from yaml.nodes import MappingNode, Node, ScalarNode

from sweepwright.diagnostics import Code, Report, Span

from ...plan.redaction import display_path
from ..odd_values import join_surrogates, scalar_fault
from ..yaml_spans import YamlDocument, YamlSpan, yaml_error_span
from .hydra_compat import LIMITS_ALIASES, NODE_LIMIT

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
                return self._store(name, self._inner.load_config(config_path=name), document)
        except yaml.YAMLError as error:
            self._report_broken_yaml(name, error)
        except UNUSABLE as error:
            self._report_unusable(name, error)
        self._cache.broken.add(name)
        return _empty()

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
        for source in self._inner.get_sources():
            if source.is_config(name):
                match source.scheme():
                    case "file":
                        return Path(source.path) / f"{name}.yaml"
                    case "pkg":
                        return files(source.path).joinpath(f"{name}.yaml")
                return None
        return None


def _text(file: Traversable, errors: str = "strict") -> str:
    """Read a file. It may be part of a package that is inside an archive."""
    return file.read_bytes().decode("utf-8", errors)


def _empty() -> ConfigResult:
    return ConfigResult("sweepwright", "", OmegaConf.create(), {"package": None}, [])


LIMIT = "OMEGACONF_MAX_YAML_EXPANDED_NODES"
"""Environment variable that sets the limit of OmegaConf 2.4. It also replaces `NODE_LIMIT`."""

SMALL, RATIO = 1_000, 100
"""Two limits of OmegaConf 2.4: expanded nodes per file, and expanded nodes per written node.

OmegaConf rejects a file if its aliases make it exceed both limits.
"""


def check_node_count(document: YamlDocument, config_path: str, report: Report) -> bool:
    """Tell whether a file has few enough YAML nodes; report the file if it has too many."""
    root, limit = document.root, _limit()
    if root is None or limit is None:
        return True
    expanded, written = _count(root.node)
    repeated = LIMITS_ALIASES and expanded > SMALL and expanded > written * RATIO
    if expanded <= limit and not repeated:
        return True
    message = f"`{config_path}` has {expanded:,} YAML nodes, above the limit of {limit:,}"
    if repeated and expanded <= limit:
        message = f"the aliases of `{config_path}` repeat its YAML nodes over {RATIO} times"
    aliases = f"the file contains {written:,} nodes; aliases repeat them"
    report.error(
        Code.TOO_MANY_NODES,
        message,
        root.value,
        notes=(aliases,) if expanded > written else (),
        help=_suggest_limit(expanded, written),
    )
    return False


def check_scalars(document: YamlDocument, report: Report) -> bool:
    """Tell whether each scalar of a file has a usable value; report the first one that has not."""
    for node in document.scalars():
        if fault := scalar_fault(node):
            report.error(Code.BROKEN_YAML, f"broken YAML: {fault}", document.span(node))
            return False
    return True


def _suggest_limit(expanded: int, written: int) -> str:
    if expanded > written * RATIO:
        return f"if this is intended set `{LIMIT}=none` in the environment"
    return f"split it into several files, or set `{LIMIT}={expanded}` in the environment"


def _limit() -> int | None:
    """Return the limit on nodes; return None if the environment variable removes the limit."""
    value = os.environ.get(LIMIT, "").strip()
    if value.lower() == "none":
        return None
    return int(value) if value.isdecimal() else NODE_LIMIT


def _count(root: Node) -> tuple[int, int]:
    """Count the nodes twice: with every alias expanded, and as written in the file."""
    # Maps from each node to its expanded size. An alias is the same object as its anchor, so an
    # alias costs one look-up.
    sizes: dict[int, int] = {}

    def size(node: Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = 0  # ends the recursion at an alias within its own anchor
            sizes[id(node)] = 1 + sum(map(size, _children(node)))
        return sizes[id(node)]

    try:
        return size(root), len(sizes)
    except RecursionError:
        return 0, 0  # loading the file will report that it is nested too deeply


def _children(node: Node) -> list[Node]:
    if isinstance(node, ScalarNode):
        return []
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value)
