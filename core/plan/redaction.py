"""Environment variables that are named as secrets are, whose values are shown to nobody.

How paths are shown.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from sweepwright.events import Json

MASK = "***"
_WORDS = frozenset(
    {"TOKEN", "KEY", "APIKEY", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIALS"}
)


def is_secret(name: str) -> bool:
    """Tell whether one of the words of a variable's name is one for a secret."""
    return not _WORDS.isdisjoint(re.split(r"[^A-Z]+", name.upper()))


def masked(variables: Mapping[str, str]) -> dict[str, str]:
    """Write variables without the values of secrets."""
    hidden = filter(is_secret, variables)
    return {**variables, **{name: MASK for name in hidden if variables[name]}}


def masked_body(body: Json) -> Json:
    """Write JSON without the secrets of any ``environment`` in it."""
    if isinstance(body, list):
        return [masked_body(item) for item in body]
    if not isinstance(body, dict):
        return body
    return {
        key: masked(value) if _holds_variables(key, value) else masked_body(value)
        for key, value in body.items()
    }


def masked_override(override: str) -> str:
    """Write an override without the value of a secret."""
    key, _, value = override.partition("=")
    sets = re.search(r"\benvironment[.=:]", override) and value
    return (
        f"{key}={MASK}" if sets and any(map(is_secret, re.split(r"\W+", override))) else override
    )


def is_secret_at(path: Sequence[str | int]) -> bool:
    """Tell whether a key of the configuration holds a variable that is a secret."""
    return "environment" in path[:-1] and is_secret(str(path[-1]))


def masked_at(path: Sequence[str | int], value: Any) -> Any:
    """Write what a key of the configuration holds without secrets."""
    if is_secret_at(path):
        return MASK if value else value
    held = masked_body({str(path[-1]): value})[str(path[-1])]
    return masked_text(held) if isinstance(held, str) else held


def masked_line(path: Sequence[str | int], line: str) -> str:
    """Write the line that holds a key without secrets, which it may hold more of."""
    named = any(map(is_secret, re.split(r"\W+", line)))
    if named and ("environment" in path or masked_override(line) != line):
        return ""
    return masked_text(line)


def masked_text(text: str) -> str:
    """Write a text without what it takes for a secret when the environment lacks it."""
    return re.sub(
        r"(\$\{oc\.env: *(\w+) *, *)[^}]*",
        lambda found: f"{found[1]}{MASK}" if is_secret(found[2]) else found[0],
        text,
    )


def _holds_variables(key: str, value: Json) -> bool:
    return key == "environment" and isinstance(value, dict)


def shown(file: Traversable) -> str:
    """Write a path as the user would type it: relative where it is below the current folder."""
    path, here = Path(str(file)).resolve(), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
