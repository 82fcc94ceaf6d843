"""Tab completion: verbs, our flags and sweeps; Hydra completes groups and keys."""

import os
from collections.abc import Iterator
from pathlib import Path

from sweepwright.diagnostics import Report

from ..compiler.compose import compose
from ..compiler.compose.explain import keys
from ..compiler.editor_schema.config import GROUPS
from ..compiler.spans import dotted
from ..registry.registry import Registry
from ..store.catalog import Store
from ..views.output import echo
from .arguments import OURS, Arguments, UsageError, read_arguments, store_path
from .command_table import VERBS

LINE = "COMP_LINE"
"""Variable in which the shell passes the line typed so far."""


def complete(arguments: Arguments) -> bool:
    """Print our own completions; return whether Hydra has any to add.

    Leaves the line for Hydra without what only we understand.
    """
    line = os.environ.get(LINE)
    if line is None or not any(word.startswith("query=") for word in arguments.overrides):
        return True
    words = _words(line)
    typed, last = words[:-1], words[-1]
    if found := [word for word in _candidates(typed, last) if word.startswith(last)]:
        echo(" ".join(found))
    verb = next((VERBS[word] for word in typed if word in VERBS), None)
    overrides = [word for word in typed if "=" in word]
    os.environ[LINE] = " ".join(["python run.py", *overrides, last])
    wants_key = verb is not None and verb.key and not _has_key(typed)
    return not last.startswith("-") and not wants_key and (verb is None or verb.composes)


def _words(line: str) -> list[str]:
    """Split the line into words without the program's; the last is the one being typed."""
    words = [*line.split(), ""] if line[-1:].isspace() else line.split()
    skipped = 2 if words and Path(words[0]).name.startswith("python") else 1
    return words[skipped:] or [""]


def _has_key(typed: list[str]) -> bool:
    """Tell whether a word follows the verb, rather than a flag or an override."""
    words = [word for word in typed if word[:1] not in "-+~" and "=" not in word]
    return len(words) > 1


def _candidates(typed: list[str], last: str) -> Iterator[str]:
    explains = any(VERBS[word].key for word in typed if word in VERBS)
    if explains and not _has_key(typed) and not last.startswith("-"):
        yield from _keys([word for word in typed if "=" in word])
        return
    try:
        # Whoever asks for help need not have typed everything.
        words = [word for word in typed if not word.startswith("-")]
        arguments = read_arguments([*words, "--help"])
    except UsageError:
        return
    verb = arguments.verb
    if last.startswith("-"):
        yield from (flag for flag in (*OURS, "--multirun") if flag in _flags(arguments))
    elif not arguments.named:
        yield from VERBS
    elif verb.sweep and arguments.sweep is None:
        yield from _sweeps(arguments)
    elif verb.group and arguments.group is None:
        yield from GROUPS
    if not verb.composes:
        yield from (f"{key}=" for key in verb.keys or ("store.path",))


def _flags(arguments: Arguments) -> set[str]:
    verb = arguments.verb
    flags = {"--help", *verb.flags}
    flags |= {"--format"} if verb.formats else set()
    return flags | ({"--multirun"} if verb.composes else set())


def _keys(overrides: list[str]) -> list[str]:
    """List the keys that can be explained, sections among them."""
    composed = compose(overrides, Registry.load(), Report())
    paths = keys(composed.plain) if composed else ()
    return sorted({dotted(path[:depth]) for path in paths for depth in range(1, len(path) + 1)})


def _sweeps(arguments: Arguments) -> list[str]:
    try:
        return [folder.name for folder in Store(store_path(arguments)).sweeps()]
    except OSError:
        return []
