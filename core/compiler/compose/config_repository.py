"""A repository of configs that survives broken files, and loads each file once.

Hydra loads every config through one repository object, which raises at the first broken file.
`TolerantRepository` wraps it: a broken config is reported and then counts as empty, so that
composition goes on and finds the faults of other files. What it loads is kept in a `ConfigCache`,
along with the span of every value. `check_node_count` refuses a file that would fill the memory.
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
from ..yaml_spans import YamlDocument, YamlSpan, yaml_error_span
from .hydra_compat import LIMITS_ALIASES, NODE_LIMIT

CONFIG_FOLDER = Path(__file__).resolve().parents[3] / "conf"
"""The built-in configuration."""
CONFIG_NAME = "config"
"""Config path of the root of a configuration."""

UNUSABLE = (
    HydraException,
    OmegaConfBaseException,
    ValueError,
    TypeError,
    AssertionError,
    RecursionError,
    OSError,
)
"""What Hydra and OmegaConf raise for a file that is well-formed YAML but not a config."""


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A config as loaded, before composition."""

    config_path: str
    """Name in the repository, such as ``tuner/random``."""
    provider: str
    """Hydra's name of its source, such as ``main``, or the distribution of a plugin."""
    values: Any
    defaults: tuple[Any, ...] = ()
    """Its defaults list, parsed by Hydra."""
    file: str | None = None
    """Path as the user would type it; None for a config that a plugin offers in memory."""
    span: YamlSpan | None = None


@dataclass(slots=True)
class ConfigCache:
    """The configs loaded so far; all copies that Hydra makes of a repository share it.

    Invariant: loading puts a config path either into `configs` or into `broken`. Composition adds
    a loaded one to `broken` if its defaults list is invalid; from then on it counts as empty.
    """

    report: Report
    configs: dict[str, LoadedConfig] = field(default_factory=dict)
    results: dict[str, ConfigResult] = field(default_factory=dict)
    """What Hydra receives when it loads a config again."""
    broken: set[str] = field(default_factory=set)
    """Config paths that count as empty because a fault in them was reported."""

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
    """Wraps Hydra's repository: a broken config is reported once and counts as empty."""

    def __init__(self, inner: Any, cache: ConfigCache) -> None:
        self._inner = inner
        self._cache = cache

    def load_config(self, config_path: str) -> ConfigResult | None:
        """Load a config, or return what was loaded before; a broken one is empty."""
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
        """Delegate everything else to Hydra's repository."""
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
            # Before OmegaConf loads the file, since that is what would fill the memory.
            if document is None or check_node_count(document, name, self._cache.report):
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
        ours = result.provider != "hydra"  # Hydra's own configs set nothing of a sweep
        self._cache.configs[name] = LoadedConfig(
            name,
            result.provider,
            OmegaConf.to_container(result.config, resolve=False) if ours else {},
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
        # Bytes that are not UTF-8 are replaced: the text is only shown.
        span = yaml_error_span(_text(path, "replace"), display_path(path), error)
        message = f"broken YAML: {problem}"
        notes = (f"found {context}",) if context and not str(context).startswith("found") else ()
        self._cache.report.error(Code.BROKEN_YAML, message, span, notes=notes)

    def _report_unusable(self, name: str, error: Exception) -> None:
        path = self._path(name)
        readable = path and not isinstance(error, OSError)
        lines = (_text(path, "replace") if path and readable else "").splitlines() or [""]
        # Hydra's errors carry no position; most are about the defaults list.
        found = [n for n, line in enumerate(lines) if re.match(r"defaults\s*:", line)]
        number = found[0] if found else 0
        file = display_path(path) if path else None
        span = Span(file, number + 1, 1, max(1, len(lines[number])), lines[number], name)
        reason = str(getattr(error, "strerror", None) or error).splitlines()[0]
        message = f"`{name}` cannot be used: {reason}"
        self._cache.report.error(Code.NOT_COMPOSABLE, message, span)

    def _path(self, name: str) -> Traversable | None:
        """Return the file that Hydra loads under a name, None for a config without a file."""
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
    """Read a file, which may be in a package inside an archive."""
    return file.read_bytes().decode("utf-8", errors)


def _empty() -> ConfigResult:
    return ConfigResult("sweepwright", "", OmegaConf.create(), {"package": None}, [])


LIMIT = "OMEGACONF_MAX_YAML_EXPANDED_NODES"
"""Environment variable that sets the limit of OmegaConf 2.4; it also sets `NODE_LIMIT`."""

SMALL, RATIO = 1_000, 100
"""OmegaConf 2.4 refuses aliases that expand to over 1,000 nodes and over 100 for each written."""


def check_node_count(document: YamlDocument, config_path: str, report: Report) -> bool:
    """Tell whether a file has few enough YAML nodes; report it otherwise."""
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
    aliases = f"{written:,} are written; aliases repeat them"
    report.error(
        Code.TOO_MANY_NODES,
        message,
        root.value,
        notes=(aliases,) if expanded > written else (),
        help=_suggest_limit(expanded, written),
    )
    return False


def _suggest_limit(expanded: int, written: int) -> str:
    if expanded > written * RATIO:
        return f"if this is intended set `{LIMIT}=none` in the environment"
    return f"split it into several files, or set `{LIMIT}={expanded}` in the environment"


def _limit() -> int | None:
    """Return the limit on nodes, None if the environment lifts it."""
    value = os.environ.get(LIMIT, "").strip()
    if value.lower() == "none":
        return None
    return int(value) if value.isdecimal() else NODE_LIMIT


def _count(root: Node) -> tuple[int, int]:
    """Count the nodes with aliases expanded, and as written."""
    # Expanded sizes by node: an alias is the node of its anchor, so it costs one look-up.
    sizes: dict[int, int] = {}

    def size(node: Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = 0  # ends the recursion at an alias within its own anchor
            sizes[id(node)] = 1 + sum(map(size, _children(node)))
        return sizes[id(node)]

    try:
        return size(root), len(sizes)
    except RecursionError:
        return 0, 0  # too deeply nested; loading the file reports it


def _children(node: Node) -> list[Node]:
    if isinstance(node, ScalarNode):
        return []
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value)
