"""Secrets are masked wherever values are displayed or recorded, and paths are shortened.

A secret is the value of an environment variable whose name contains a word such as ``KEY`` or
``TOKEN``. Only whole words count: the value of ``API_TOKEN`` is a secret, the value of
``TOKENIZERS_PARALLELISM`` is not.
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


def is_secret_name(name: str) -> bool:
    """Tell whether an environment variable is named like a secret."""
    return not _WORDS.isdisjoint(re.split(r"[^A-Z]+", name.upper()))


def is_secret_path(path: Sequence[str | int]) -> bool:
    """Tell whether a configuration key sets an environment variable with a secret's name."""
    return "environment" in path[:-1] and is_secret_name(str(path[-1]))


def mask_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Mask the secrets in a mapping of environment variables. Empty values stay empty."""
    hidden = filter(is_secret_name, variables)
    return {**variables, **{name: MASK for name in hidden if variables[name]}}


def mask_body(body: Json) -> Json:
    """Mask the secrets in every ``environment`` mapping inside a JSON value."""
    if isinstance(body, list):
        return [mask_body(item) for item in body]
    if not isinstance(body, dict):
        return body
    return {
        key: mask_variables(value)
        if key == "environment" and isinstance(value, dict)
        else mask_body(value)
        for key, value in body.items()
    }


def mask_override(override: str) -> str:
    """Mask the value of an override that sets a secret, in every syntax that overrides have."""
    key, _, value = override.partition("=")
    sets_variables = re.search(r"\benvironment[.=:]", override) and value
    if sets_variables and any(map(is_secret_name, re.split(r"\W+", override))):
        return f"{key}={MASK}"
    return override


def mask_value(path: Sequence[str | int], value: Any) -> Any:
    """Mask the secrets in the value of a configuration key."""
    if is_secret_path(path):
        return MASK if value else value
    masked = mask_body({str(path[-1]): value})[str(path[-1])]
    return mask_text(masked) if isinstance(masked, str) else masked


def mask_line(path: Sequence[str | int], line: str) -> str:
    """Mask the secrets in the source line of a configuration key.

    A line may set several variables, and its syntax is not parsed here. If the line may contain a
    secret, the result is an empty line.
    """
    named = any(map(is_secret_name, re.split(r"\W+", line)))
    if named and ("environment" in path or mask_override(line) != line):
        return ""
    return mask_text(line)


def mask_text(text: str) -> str:
    """Mask the default values of interpolated secrets, as in ``${oc.env:API_KEY,default}``."""
    return re.sub(
        r"(\$\{oc\.env: *(\w+) *, *)[^}]*",
        lambda found: f"{found[1]}{MASK}" if is_secret_name(found[2]) else found[0],
        text,
    )


def display_path(file: Traversable) -> str:
    """Shorten a path: return it relative to the current folder if it is below that folder."""
    path, here = Path(str(file)).resolve(), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
