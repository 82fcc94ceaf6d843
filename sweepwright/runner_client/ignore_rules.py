"""Which files of a folder are left out: by ``.gitignore``, ``.sweepignore`` and built-in rules.

The rules of a path are tried in this order, and the first that matches it decides:

1. a line of a ``.sweepignore`` that begins with ``!`` and names the path without wildcards;
2. `BUILT_IN`: version control, caches and environments;
3. the other lines of ``.sweepignore`` files, that of the deepest folder first;
4. the ``.gitignore`` files, that of the deepest folder first, up to the top of the repository;
5. ``.git/info/exclude``.

Within a file the last matching line decides. As in git, nothing in a folder that is left out can
be included again. A line with a wildcard includes nothing that `BUILT_IN` leaves out, because the
usual ``*``, ``!*/``, ``!*.py`` is not meant to send ``.git``.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .gitignore_patterns import IgnorePattern, parse_patterns

SWEEPIGNORE = ".sweepignore"
GITIGNORE = ".gitignore"

BUILT_IN = b"""
.git
.hg
.svn
.bzr
.jj
__pycache__/
*.pyc
*.pyo
node_modules/
.ipynb_checkpoints/
.cache/
.mypy_cache/
.pytest_cache/
.ruff_cache/
.hypothesis/
.tox/
.nox/
.eggs/
*.egg-info/
.idea/
.vscode/
.sweepwright/
.DS_Store
"""
"""Patterns that always apply. `MARKERS` recognises other environments and caches."""

JOURNAL = "journal.sqlite"
MARKERS = {
    "pyvenv.cfg": "is a virtual environment",
    "conda-meta": "is a conda environment",
    "CACHEDIR.TAG": "is a cache, as its `CACHEDIR.TAG` says",
    JOURNAL: "is a sweep in a store",
}
"""Files by which a folder that is left out is recognised, with what such a folder is."""


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """A pattern and the file that contains it."""

    pattern: IgnorePattern
    source: str
    """The file, relative to the folder that is scanned; empty for the built-in rules."""

    def __str__(self) -> str:
        """Say where the rule is: ``line 3 of `.gitignore`, `*.csv` ``."""
        where = (
            f"line {self.pattern.line} of `{self.source}`" if self.source else "a built-in rule"
        )
        return f"{where}, `{self.pattern.text}`"


@dataclass(frozen=True, slots=True)
class _RuleFile:
    base: bytes
    """Path of the file's folder from the top of the repository: empty, or ending in a slash."""
    rules: tuple[IgnoreRule, ...]

    def find(self, path: bytes, *, is_folder: bool) -> IgnoreRule | None:
        below = path[len(self.base) :]
        matching = (r for r in self.rules if r.pattern.matches(below, is_folder=is_folder))
        return next(matching, None)


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The rules that hold in one folder; `inside` returns those of a folder in it."""

    prefix: bytes
    """Path of this folder from the top of the repository: empty, or ending in a slash."""
    path: str = ""
    """Path of this folder from the folder that is scanned: empty, or ending in a slash."""
    sweepignore: tuple[_RuleFile, ...] = ()
    gitignore: tuple[_RuleFile, ...] = ()

    @classmethod
    def of_folder(cls, folder: Path) -> "IgnoreRules":
        """Read the rules of a folder, and those above it in its repository."""
        top = _repository_top(folder)
        if top is None:
            return cls(b"").with_files_of(folder, "")
        rules = cls(b"", gitignore=_read(_exclude_file(top / ".git"), b"", ".git/info/exclude"))
        above = os.path.relpath(top, folder)
        for part in folder.relative_to(top).parts:
            outer = rules.with_files_of(top, f"{above}/")
            rules = replace(outer, prefix=outer.prefix + os.fsencode(part) + b"/")
            top, above = top / part, above.removeprefix("../")
        return rules.with_files_of(folder, "")

    def inside(self, name: str, folder: Path) -> "IgnoreRules":
        """Return the rules of the folder `name` in this one, whose files lie in `folder`."""
        prefix = self.prefix + os.fsencode(name) + b"/"
        path = f"{self.path}{name}/"
        return replace(self, prefix=prefix, path=path).with_files_of(folder, path)

    def left_out_by(self, name: str, *, is_folder: bool) -> IgnoreRule | None:
        """Return the rule that leaves out an entry of this folder, or None if none does."""
        path = self.prefix + os.fsencode(name)
        chosen = _find(self.sweepignore, path, is_folder=is_folder)
        if chosen is None or not _is_explicit(chosen):
            rule = _BUILT_IN.find(path, is_folder=is_folder)
            chosen = rule or chosen or _find(self.gitignore, path, is_folder=is_folder)
        return None if chosen is None or chosen.pattern.negated else chosen

    def includes_explicitly(self, name: str, *, is_folder: bool) -> bool:
        """Tell whether a ``.sweepignore`` includes an entry of this folder without wildcards."""
        path = self.prefix + os.fsencode(name)
        rule = _find(self.sweepignore, path, is_folder=is_folder)
        return rule is not None and _is_explicit(rule)

    def with_files_of(self, folder: Path, shown: str) -> "IgnoreRules":
        """Add the rules in a folder's files; `shown` is the folder's path in messages."""
        sweepignore = _read(folder / SWEEPIGNORE, self.prefix, shown + SWEEPIGNORE)
        gitignore = _read(folder / GITIGNORE, self.prefix, shown + GITIGNORE)
        return replace(
            self,
            sweepignore=sweepignore + self.sweepignore,
            gitignore=gitignore + self.gitignore,
        )


def _find(files: Sequence[_RuleFile], path: bytes, *, is_folder: bool) -> IgnoreRule | None:
    found = (file.find(path, is_folder=is_folder) for file in files)
    return next(filter(None, found), None)


def _is_explicit(rule: IgnoreRule) -> bool:
    return rule.pattern.negated and rule.pattern.literal


def _parsed(text: bytes, base: bytes, source: str) -> _RuleFile:
    # The last matching line decides, so the lines are tried from the last to the first.
    rules = [IgnoreRule(pattern, source) for pattern in parse_patterns(text)]
    return _RuleFile(base, tuple(reversed(rules)))


_BUILT_IN = _parsed(BUILT_IN, b"", "")


def _read(path: Path | None, base: bytes, source: str) -> tuple[_RuleFile, ...]:
    """Read a file of rules, if there is one. As git does, do not follow a link."""
    if path is None or not path.is_file() or path.is_symlink():
        return ()
    return (_parsed(path.read_bytes(), base, source),)


def _repository_top(folder: Path) -> Path | None:
    # Unlike `Path.exists`, this is false where a folder above may not be searched.
    around = (path for path in (folder, *folder.parents) if os.path.exists(path / ".git"))  # noqa: PTH110
    return next(around, None)


def _exclude_file(git: Path) -> Path | None:
    """Find ``info/exclude``. In a worktree or a submodule, `.git` is a file that leads there."""
    return next(
        (
            path
            for path in (home / "info" / "exclude" for home in _git_folders(git))
            if path.is_file()
        ),
        None,
    )


def _git_folders(git: Path) -> Iterator[Path]:
    if git.is_dir():
        yield git
        return
    text = git.read_text(errors="surrogateescape")
    home = git.parent / text.removeprefix("gitdir:").strip()
    yield home
    common = home / "commondir"  # of a worktree: the folder that all worktrees share
    if common.is_file():
        yield home / common.read_text(errors="surrogateescape").strip()
