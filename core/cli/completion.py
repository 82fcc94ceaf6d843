"""Tab completion of commands, flags, sweeps and keys. Hydra completes config groups and values.

The shell calls the program with Hydra's flag ``-sc query=bash``. The environment variable `LINE`
holds the line typed so far. This module prints its completions first. Then Hydra may add its
own. Our commands and flags are removed from the line that Hydra sees, which knows neither.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from sweepwright.diagnostics import Report

from ..compiler.compose import compose
from ..compiler.compose.explain import leaf_paths
from ..compiler.editor_schema.config import GROUPS
from ..compiler.spans import dotted
from ..registry.registry import Registry
from ..store.catalog import Store
from ..store.store_errors import StoreError
from ..views.output import echo
from .arguments import Arguments, UsageError, parse_arguments, store_path
from .command_table import COMMANDS
from .flag_table import FLAGS

LINE = "COMP_LINE"
"""Name of the environment variable that holds the line typed so far."""


def complete(arguments: Arguments) -> bool:
    """Print our completions of the line; return whether Hydra should add completions.

    Removes our commands and flags from the line in the environment, for Hydra.
    """
    line = os.environ.get(LINE)
    if line is None or not any(word.startswith("query=") for word in arguments.overrides):
        return True
    *typed, last = _words(line)
    if found := [word for word in _candidates(typed, last) if word.startswith(last)]:
        echo(" ".join(found))
    overrides = [word for word in typed if "=" in word]
    os.environ[LINE] = " ".join(["python run.py", *overrides, last])
    command = next((COMMANDS[word] for word in typed if word in COMMANDS), None)
    return (
        not last.startswith("-")
        and not _awaits_key(typed)
        and (command is None or command.composes)
    )


def _words(line: str) -> list[str]:
    """Split a line into words, without the program's name; the last word is being typed."""
    words = [*line.split(), ""] if line[-1:].isspace() else line.split()
    skipped = 2 if words and Path(words[0]).name.startswith("python") else 1
    return words[skipped:] or [""]


def _awaits_key(typed: list[str]) -> bool:
    """Tell whether the next word is the key that the command needs."""
    needs_key = any(COMMANDS[word].positional == "KEY" for word in typed if word in COMMANDS)
    words = [word for word in typed if word[:1] not in "-+~" and "=" not in word]
    return needs_key and len(words) == 1


def _candidates(typed: list[str], last: str) -> Iterator[str]:
    if _awaits_key(typed) and not last.startswith("-"):
        yield from _keys([word for word in typed if "=" in word])
        return
    try:
        # With `--help` the parser accepts a line that lacks its key.
        words = [word for word in typed if not word.startswith("-")]
        arguments = parse_arguments([*words, "--help"])
    except UsageError:
        return
    command = arguments.command
    if last.startswith("-"):
        yield from (
            name
            for name, flag in FLAGS.items()
            if name in command.flags and flag.summary and not flag.hydra
        )
    elif not arguments.command_given:
        yield from COMMANDS
    elif _awaits_sweep(arguments):
        yield from _sweeps(arguments)
    elif command.positional == "GROUP" and arguments.group is None:
        yield from GROUPS
    if not command.composes:
        yield from (f"{key}=" for key in command.keys or ("store.path",))


def _awaits_sweep(arguments: Arguments) -> bool:
    """Tell whether the next word may be the name of a sweep."""
    positional = arguments.command.positional
    named_trial = positional == "TRIAL" and arguments.trial
    return arguments.sweep is None and bool(positional == "SWEEP" or named_trial)


def _keys(overrides: list[str]) -> list[str]:
    """List the keys that `explain` accepts, including the keys of sections."""
    composed = compose(overrides, Registry.load(), Report())
    paths = leaf_paths(composed.plain) if composed else ()
    return sorted({dotted(path[:depth]) for path in paths for depth in range(1, len(path) + 1)})


def _sweeps(arguments: Arguments) -> list[str]:
    try:
        return [folder.name for folder in Store(store_path(arguments)).sweeps()]
    except StoreError:
        return []
