"""A repository of config files that survives broken and missing ones, and remembers them all."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sweepwright.diagnostics import Code, Report, Span

from ..marks import Mark, broken_at, read_marks
from ..shown import shown

UNUSABLE = (
    HydraException,
    OmegaConfBaseException,
    ValueError,
    TypeError,
    AssertionError,
    RecursionError,
)
"""What Hydra and OmegaConf raise for a file that is well-formed YAML and yet no config."""


@dataclass(frozen=True, slots=True)
class Source:
    """One config as it was found: its values, and its text where it is a file."""

    config_path: str
    """Name in the repository, such as ``tuner/random``."""
    values: Any
    file: str | None = None
    """Path as the user would type it."""
    mark: Mark | None = None


@dataclass(slots=True)
class Shelf:
    """What was loaded so far, and what is at fault; shared by all copies of a repository."""

    report: Report
    sources: dict[str, Source] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    """Config paths that are taken as empty, since a fault in them was reported."""

    def asks(self, config_path: str) -> Iterator[Mark]:
        """Find who names a config in a defaults list, those that override first."""
        found = [
            (not words.startswith("override"), mark)
            for source in self.sources.values()
            for words, mark in _defaults(source)
            if _names(source, words, mark, config_path)
        ]
        yield from (mark for _, mark in sorted(found, key=lambda pair: pair[0]))

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
        """Load a config; one that is at fault is empty."""
        name = config_path.removesuffix(".yaml")
        if name in self._shelf.broken:
            return _empty()
        try:
            loaded = self._inner.load_config(config_path=config_path)
        except yaml.YAMLError as error:
            self._report_broken_yaml(name, error)
        except UNUSABLE as error:
            self._report_unusable(name, str(error))
        else:
            return self._kept(name, loaded)
        self._shelf.broken.add(name)
        return _empty()

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to Hydra."""
        return getattr(self._inner, name)

    def __deepcopy__(self, memo: dict[int, Any]) -> "TolerantRepository":
        """Copy the search path, as Hydra does before it extends it, but not the shelf."""
        return TolerantRepository(deepcopy(self._inner, memo), self._shelf)

    def _kept(self, name: str, loaded: ConfigResult | None) -> ConfigResult | None:
        if loaded is None or name in self._shelf.sources:
            return loaded
        path = self._path(name)
        if not isinstance(loaded.config, DictConfig):
            self._report_unusable(name, "it is no mapping")
            self._shelf.broken.add(name)
            return _empty()
        values = OmegaConf.to_container(loaded.config, resolve=False)
        mark = read_marks(path.read_text("utf-8"), shown(path)) if path else None
        file = shown(path) if path else None
        self._shelf.sources[name] = Source(name, values, file, mark)
        return loaded

    def _report_broken_yaml(self, name: str, error: yaml.YAMLError) -> None:
        path = self._path(name)
        assert path, "only a file has YAML in it"
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        context = getattr(error, "context", None)
        span = broken_at(path.read_text("utf-8", "replace"), shown(path), error)
        message = f"broken YAML: {problem}"
        notes = (f"found {context}",) if context and not str(context).startswith("found") else ()
        self._shelf.report.error(Code.BROKEN_YAML, message, span, notes=notes)

    def _report_unusable(self, name: str, why: str) -> None:
        path = self._path(name)
        text = path.read_text("utf-8", "replace") if path else ""
        file = shown(path) if path else None
        lines = text.splitlines() or [""]
        found = [n for n, line in enumerate(lines) if re.match(r"defaults\s*:", line)]
        number = found[0] if found else 0
        span = Span(file, number + 1, 1, max(1, len(lines[number])), lines[number], name)
        said = why.splitlines()[0]
        self._shelf.report.error(Code.NOT_COMPOSABLE, f"`{name}` cannot be used: {said}", span)

    def _path(self, name: str) -> Path | None:
        """Find the file that Hydra loads under a name, None for a config without one."""
        for source in self._inner.get_sources():
            if source.is_config(name):
                match source.scheme():
                    case "file":
                        return Path(source.path) / f"{name}.yaml"
                    case "pkg":
                        return Path(str(files(source.path).joinpath(f"{name}.yaml")))
                return None
        return None


def chosen(mark: Mark, config_path: str) -> Span:
    """Point at the word of a defaults list that chooses a config."""
    return replace(mark.value, key=config_path.rpartition("/")[0])


def _defaults(source: Source) -> Iterator[tuple[str, Mark]]:
    """Yield each entry of a defaults list: the words of its group, the mark of its choice."""
    entries = source.mark.child("defaults") if source.mark else None
    for entry in entries.children.values() if entries else ():
        if not entry.children:
            yield "", entry
        for words, choice in entry.children.items():
            yield from ((str(words), option) for option in choice.children.values() or [choice])


def _names(source: Source, words: str, mark: Mark, config_path: str) -> bool:
    """Tell whether an entry of a defaults list, in this source, chooses a config."""
    group = words.rpartition(" ")[2].partition("@")[0]
    named = "/".join(part for part in (group, mark.text.partition("@")[0]) if part)
    if named.startswith("/"):
        return named[1:] == config_path
    folder = source.config_path.rpartition("/")[0]
    return "/".join(part for part in (folder, named) if part) == config_path


def _empty() -> ConfigResult:
    return ConfigResult("sweepwright", "", OmegaConf.create(), {"package": None}, [])
