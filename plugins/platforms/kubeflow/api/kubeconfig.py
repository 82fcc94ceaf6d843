"""Reads kubeconfig files by the rules of kubectl, and says at which place one is wrong.

The official client reads the files once more. It merges them by the same rules, except that it
takes `current-context` from the last file and not from the first; so the context is chosen here.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from .errors import NoClusterError

_MOST_NAMES = 8
"""Contexts that a message names."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A named cluster, user or context, and the file that defines it."""

    name: str
    value: dict[str, Any] = field(repr=False)
    file: Path


@dataclass(frozen=True, slots=True)
class Context:
    """A context with the cluster and the user that it names."""

    name: str
    files: Sequence[Path]
    """All files that were read, in order."""
    cluster: Entry
    user: Entry | None
    namespace: str | None

    @property
    def where(self) -> str:
        """Name the context and its files, for messages."""
        return f"context `{self.name}` of {', '.join(shown(file) for file in self.files)}"


def read_context(files: Sequence[Path], name: str | None) -> Context:
    """Choose the context of a name, or the current one; raise `NoClusterError`."""
    documents = [(file, document) for file in files if (document := _read(file)) is not None]
    if not documents:
        raise NoClusterError(f"{_all_shown(files)}: the file is empty")
    contexts = _entries(documents, "contexts", "context")
    if name is None:
        context = _find(contexts, _current(documents, contexts), files, chosen=False)
    else:
        context = _find(contexts, name, files, chosen=True)
    clusters = _entries(documents, "clusters", "cluster")
    users = _entries(documents, "users", "user")
    return Context(
        context.name,
        [file for file, _ in documents],
        _named(context, "cluster", clusters),
        _named(context, "user", users) if context.value.get("user") else None,
        context.value.get("namespace") or None,
    )


def shown(file: Path) -> str:
    """Return the path of a file with ``~`` for the home folder."""
    home = Path.home()
    return f"~/{file.relative_to(home)}" if file.is_relative_to(home) else str(file)


def _all_shown(files: Sequence[Path]) -> str:
    return os.pathsep.join(shown(file) for file in files)


def _read(file: Path) -> dict[str, Any] | None:
    """Read one file; return None if it is empty, as kubectl creates some."""
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NoClusterError(f"{shown(file)} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NoClusterError(f"{shown(file)} is no text in UTF-8") from error
    except yaml.MarkedYAMLError as error:
        # The context of the error may quote the file, and so a token.
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        problem = (error.problem or "syntax error").split(",")[0]
        raise NoClusterError(f"{shown(file)}{place} is not valid YAML: {problem}") from None
    except yaml.YAMLError:
        raise NoClusterError(f"{shown(file)} is not valid YAML") from None
    if document is not None and not isinstance(document, dict):
        raise NoClusterError(f"{shown(file)} is no kubeconfig: it holds no mapping")
    return document


def _entries(
    documents: Sequence[tuple[Path, dict[str, Any]]], key: str, inner: str
) -> dict[str, Entry]:
    """Merge a list of all files by name; of two entries of a name the first counts."""
    found: dict[str, Entry] = {}
    for file, document in documents:
        values = document.get(key) or []
        if not isinstance(values, list):
            raise NoClusterError(f"{shown(file)} is no kubeconfig: `{key}` is no list")
        for index, value in enumerate(values):
            if not isinstance(value, dict) or not isinstance(value.get("name"), str):
                raise NoClusterError(f"{shown(file)}: `{key}[{index}]` has no name")
            content = value.get(inner) or {}
            if not isinstance(content, dict):
                raise NoClusterError(f"{shown(file)}: `{key}[{index}].{inner}` is no mapping")
            found.setdefault(value["name"], Entry(value["name"], content, file))
    return found


def _current(documents: Sequence[tuple[Path, dict[str, Any]]], contexts: dict[str, Entry]) -> str:
    for _, document in documents:
        if current := document.get("current-context"):
            return str(current)
    files = _all_shown([file for file, _ in documents])
    if not contexts:
        raise NoClusterError(f"{files} defines no context")
    raise NoClusterError(
        f"{files} has no `current-context`; choose one of {_names(contexts)}", option="context"
    )


def _find(contexts: dict[str, Entry], name: str, files: Sequence[Path], *, chosen: bool) -> Entry:
    if name in contexts:
        return contexts[name]
    what = f"the context `{name}`" if chosen else f"its current context `{name}`"
    near = get_close_matches(name, contexts, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    known = f"; it defines {_names(contexts)}" if contexts else ""
    raise NoClusterError(
        f"{_all_shown(files)} does not define {what}{hint or known}", option="context"
    )


def _named(context: Entry, key: str, entries: dict[str, Entry]) -> Entry:
    name = context.value.get(key)
    if not name:
        raise NoClusterError(f"{shown(context.file)}: context `{context.name}` names no {key}")
    if str(name) not in entries:
        raise NoClusterError(
            f"{shown(context.file)}: context `{context.name}` names the {key} `{name}`, "
            "which is not defined"
        )
    return entries[str(name)]


def _names(contexts: dict[str, Entry]) -> str:
    names = [f"`{name}`" for name in contexts]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
