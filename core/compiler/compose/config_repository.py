"""A repository of config files that survives broken and missing ones, and loads each once.

Node count: how many YAML nodes a file has, of which only so many are read.
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

from ...plan.redaction import shown
from ..yaml_spans import YamlDocument, YamlSpan, broken_at
from .hydra_compat import LIMITS_ALIASES, NODE_LIMIT

UNUSABLE = (
    HydraException,
    OmegaConfBaseException,
    ValueError,
    TypeError,
    AssertionError,
    RecursionError,
    OSError,
)
"""What Hydra and OmegaConf raise for a file that is well-formed YAML and yet no config."""


@dataclass(frozen=True, slots=True)
class Source:
    """One config as it was found: its values, and its text where it is a file."""

    config_path: str
    """Name in the repository, such as ``tuner/random``."""
    provider: str
    """Who offers it."""
    values: Any
    entries: tuple[Any, ...] = ()
    """Its defaults list, as Hydra reads it."""
    file: str | None = None
    """Path as the user would type it."""
    mark: YamlSpan | None = None


@dataclass(slots=True)
class ConfigCache:
    """What was loaded so far, and what is at fault; shared by all copies of a repository."""

    report: Report
    sources: dict[str, Source] = field(default_factory=dict)
    loaded: dict[str, ConfigResult] = field(default_factory=dict)
    """What Hydra is given when it asks for a config again."""
    broken: set[str] = field(default_factory=set)
    """Config paths that are taken as empty, since a fault in them was reported."""

    def start_of(self, config_path: str) -> Span:
        """Point at where a config begins."""
        mark = self.sources[config_path].mark if config_path in self.sources else None
        return mark.value if mark else Span(None, key=config_path)

    def defaults_of(self, config_path: str) -> Span:
        """Point at a config's defaults list."""
        mark = self.sources[config_path].mark if config_path in self.sources else None
        entries = mark.child("defaults") if mark else None
        return entries.key if entries else self.start_of(config_path)


class TolerantRepository:
    """Wraps Hydra's repository: reports a broken config once, and goes on without it."""

    def __init__(self, inner: Any, shelf: ConfigCache) -> None:
        self._inner = inner
        self._shelf = shelf

    def load_config(self, config_path: str) -> ConfigResult | None:
        """Load a config, or return it as it was loaded; one that is at fault is empty."""
        name = config_path.removesuffix(".yaml")
        if name in self._shelf.broken:
            return _empty()
        if name not in self._shelf.loaded:
            loaded = self._loaded(name)
            if loaded is None:
                return None
            self._shelf.loaded[name] = loaded
        return self._shelf.loaded[name]

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to Hydra."""
        return getattr(self._inner, name)

    def __deepcopy__(self, _: dict[int, Any]) -> "TolerantRepository":
        """Copy the list of sources, which Hydra does before it makes a longer one."""
        return TolerantRepository(copy(self._inner), self._shelf)

    def _loaded(self, name: str) -> ConfigResult | None:
        try:
            path = self._path(name)
            page = YamlDocument(_text(path), shown(path)) if path else None
            if page is None or not has_too_many_nodes(page, name, self._shelf.report):
                return self._kept(name, self._inner.load_config(config_path=name), page)
        except yaml.YAMLError as error:
            self._report_broken_yaml(name, error)
        except UNUSABLE as error:
            self._report_unusable(name, error)
        self._shelf.broken.add(name)
        return _empty()

    def _kept(
        self, name: str, loaded: ConfigResult | None, page: YamlDocument | None
    ) -> ConfigResult | None:
        if loaded is None:
            return None
        if not isinstance(loaded.config, DictConfig):
            raise TypeError("it is no mapping")
        ours = loaded.provider != "hydra"  # what Hydra brings is no part of a sweep
        self._shelf.sources[name] = Source(
            name,
            loaded.provider,
            OmegaConf.to_container(loaded.config, resolve=False) if ours else {},
            tuple(loaded.defaults_list or ()),
            page.file if page else None,
            page.mark if page else None,
        )
        return loaded

    def _report_broken_yaml(self, name: str, error: yaml.YAMLError) -> None:
        path = self._path(name)
        assert path, "only a file has YAML in it"
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        context = getattr(error, "context", None)
        span = broken_at(_text(path, "replace"), shown(path), error)
        message = f"broken YAML: {problem}"
        notes = (f"found {context}",) if context and not str(context).startswith("found") else ()
        self._shelf.report.error(Code.BROKEN_YAML, message, span, notes=notes)

    def _report_unusable(self, name: str, error: Exception) -> None:
        path = self._path(name)
        readable = path and not isinstance(error, OSError)
        lines = (_text(path, "replace") if path and readable else "").splitlines() or [""]
        found = [n for n, line in enumerate(lines) if re.match(r"defaults\s*:", line)]
        number = found[0] if found else 0
        file = shown(path) if path else None
        span = Span(file, number + 1, 1, max(1, len(lines[number])), lines[number], name)
        said = str(getattr(error, "strerror", None) or error).splitlines()[0]
        self._shelf.report.error(Code.NOT_COMPOSABLE, f"`{name}` cannot be used: {said}", span)

    def _path(self, name: str) -> Traversable | None:
        """Find the file that Hydra loads under a name, None for a config without one."""
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
    """Read a file, which may be in a package that lies in an archive."""
    return file.read_bytes().decode("utf-8", errors)


def _empty() -> ConfigResult:
    return ConfigResult("sweepwright", "", OmegaConf.create(), {"package": None}, [])


LIMIT = "OMEGACONF_MAX_YAML_EXPANDED_NODES"
"""Environment variable with which OmegaConf 2.4 lets its limit be set, and we ours."""

SMALL, RATIO = 1_000, 100
"""How many nodes, and how many for each that is written, OmegaConf 2.4 allows aliases to make."""


def has_too_many_nodes(page: YamlDocument, config_path: str, report: Report) -> bool:
    """Tell whether a file has more nodes than are read, and report it if so."""
    mark, limit = page.mark, _limit()
    if mark is None or limit is None:
        return False
    nodes, written = _count(mark.node)
    repeated = LIMITS_ALIASES and nodes > SMALL and nodes > written * RATIO
    if nodes <= limit and not repeated:
        return False
    message = f"`{config_path}` has {nodes:,} YAML nodes, more than are read"
    notes = (f"{written:,} are written, and aliases repeat them",) if nodes > written else ()
    way_out = _way_out(nodes, written)
    report.error(Code.TOO_MANY_NODES, message, mark.value, notes=notes, help=way_out)
    return True


def _way_out(nodes: int, written: int) -> str:
    if nodes > written * RATIO:
        return f"if that is meant set `{LIMIT}=none` in the environment"
    return f"spread it over several files, or set `{LIMIT}={nodes}` in the environment"


def _limit() -> int | None:
    given = os.environ.get(LIMIT, "").strip()
    if given.lower() == "none":
        return None
    return int(given) if given.isdecimal() else NODE_LIMIT


def _count(root: Node) -> tuple[int, int]:
    """Count the nodes with aliases written out, and as they are written."""
    sizes: dict[int, int] = {}

    def size(node: Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = 0  # an alias inside of its own anchor, which nobody can read
            sizes[id(node)] = 1 + sum(map(size, _inside(node)))
        return sizes[id(node)]

    try:
        return size(root), len(sizes)
    except RecursionError:
        return 0, 0  # nested too deeply to be read at all


def _inside(node: Node) -> list[Node]:
    if isinstance(node, ScalarNode):
        return []
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value)
