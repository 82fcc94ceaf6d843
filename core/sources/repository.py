"""A repository of config files that survives broken and missing ones, and loads each once."""

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

from sweepwright.diagnostics import Code, Report, Span

from ..marks import Mark, Page, broken_at
from ..shown import shown
from .node_count import has_too_many_nodes

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
    mark: Mark | None = None


@dataclass(slots=True)
class Shelf:
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

    def __init__(self, inner: Any, shelf: Shelf) -> None:
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
            page = Page(_text(path), shown(path)) if path else None
            if page is None or not has_too_many_nodes(page, name, self._shelf.report):
                return self._kept(name, self._inner.load_config(config_path=name), page)
        except yaml.YAMLError as error:
            self._report_broken_yaml(name, error)
        except UNUSABLE as error:
            self._report_unusable(name, error)
        self._shelf.broken.add(name)
        return _empty()

    def _kept(
        self, name: str, loaded: ConfigResult | None, page: Page | None
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
