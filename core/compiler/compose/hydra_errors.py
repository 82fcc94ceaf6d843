"""Read Hydra's error messages: find the faulty config and the reason, and suggest a way out.

Hydra's exceptions contain no data about the config or the position of a fault, so this module
matches the text of the message. If no pattern matches, for example with another version of Hydra,
Hydra's message is used unchanged.
"""

import re
from collections.abc import Iterator, Sequence

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from ..settings import SECTIONS
from .config_repository import CONFIG_NAME

REFUSALS = (
    HydraException,
    OmegaConfBaseException,
    ValueError,
    TypeError,
    AssertionError,
    OSError,  # a choice whose name is too long for a file
)
"""Exceptions that Hydra raises for an invalid configuration. Some are not Hydra's own classes."""


def conflict(error: Exception) -> tuple[str, str]:
    """Return the config that does not merge with the earlier configs, and the error message."""
    lines = [line for line in str(error.__cause__ or error).splitlines() if line.strip()]
    # For example "In 'space/mine': ConfigTypeError raised while composing config:", followed by a
    # line with the reason.
    named = re.search(r"In '([\w/]+)'", str(error))
    path = named[1] if named else CONFIG_NAME
    reason = lines[1] if len(lines) > 1 and named else lines[0]
    return path, f"`{path}` does not merge with the configs before it: {reason}"


def named_config(error: Exception) -> tuple[str, str]:
    """Return the config that an error names, or the root config, and the error's message."""
    # For example "In space/mine: Override 'tuner : grid' is defined before 'space: other'."
    named = re.search(r"In '?([\w/]+)'?: ?(.*)", str(error))
    return (named[1], named[2].rstrip(".")) if named else (CONFIG_NAME, first_line(error))


def suggest_override(text: str, message: str) -> str | None:
    """Suggest another way to write an override that Hydra does not accept."""
    if "No match in the defaults list" in message:
        return f"write `+{text}` to add it to the defaults list"
    if "must be a string" in message or "is not iterable" in message:
        key, _, value = text.partition("=")
        if value == "null":
            return f"to leave the group empty write `~{key}`"
        quoted = re.sub(r"[^\[\],\s]+", r'"\g<0>"', value)
        return f"put a name that reads as a number in quotes: `'{key}={quoted}'`"
    if near := re.search(r"Did you mean to override (\S+)\?", message):
        return f"did you mean `{near[1]}`?"
    return f"write `{text.lstrip('+')}`" if text.startswith("+") else None


def suggest_package(path: str, reason: str) -> str | None:
    """Suggest how a config inside a section can override a top-level group.

    Hydra looks for a group relative to the package of the config that names the group.
    """
    # For example "Could not override 'framework@trial.framework'".
    named = re.search(r"override '/?(\w+)(?:@\w+\.|: )\w+'", reason)
    if named is None:
        return None
    if path.partition("/")[0] in SECTIONS:
        return f"write `override /{named[1]}@_global_.{named[1]}`"
    return "begin the file with `# @package _global_`"


def first_line(error: Exception) -> str:
    """Return the first line of an error's message."""
    if isinstance(error, TypeError) and "is not iterable" in str(error):
        return "the name of a config must be text"  # Hydra does not check a list of names
    return str(error).strip().splitlines()[0].rstrip(".")


def missing_folders(messages: Sequence[str]) -> Iterator[str]:
    """Yield the folders of the search path that do not exist, as named by Hydra's warnings."""
    for message in messages:
        if found := re.search(r"path=(.*) is not available", message, re.DOTALL):
            yield " ".join(found[1].split())
