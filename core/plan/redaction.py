"""Secrets are masked wherever values are shown or recorded, and paths are shortened.

A value is masked if it stands under the name of a secret, or looks like one (`secret_names`), or
if this process has met it as the value of a secret before. What a trial receives is never masked.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sweepwright.events import Json
from sweepwright.secret_names import LOOKS_SECRET, is_secret_name, is_secret_variable, typed

from .environment import REFERENCE, referenced_variables

if TYPE_CHECKING:  # every command imports this module
    from importlib.resources.abc import Traversable

MASK = "***"
VARIABLES = "environment"
"""Name of mappings from environment variables to their values."""
METRICS = "metrics"
"""Name of mappings from metrics to their values, which are results whatever their names are."""
MIN_KNOWN_LENGTH = 6
"""Smallest length of a secret that is masked inside texts; words might contain a shorter one."""

Hide: TypeAlias = Callable[[Any], Json]

# A message may repeat a secret anywhere, and the code that writes the message does not know it.
# Masking therefore knows the secrets that this process has read.
_known: set[str] = set()


def mask_body(body: Json, name: str = "", *, in_variables: bool = False) -> Json:
    """Mask the secrets in a JSON value, which may stand under a name."""
    return _Walk(_mask, mask_text).visit(body, name, in_variables=in_variables)


def remember_secrets(body: Json) -> None:
    """Let `mask_text` mask the secrets in a JSON value, and those to which its texts refer."""
    _Walk(_remember_all, _remember_referenced).visit(body, "", in_variables=False)


def remember_secret(text: str) -> None:
    """Let `mask_text` mask a secret from now on."""
    if len(text) >= MIN_KNOWN_LENGTH and not REFERENCE.search(text):
        _known.add(text)


def remember_override(word: str) -> None:
    """Let `mask_text` mask the secrets in a word of the command line.

    An error may repeat the word, or a part of it, before anybody has parsed it.
    """
    key, _, value = word.partition("=")
    path = key.lstrip("+~-").split(".")
    secrets = [value] if _sets_secret(path, value) else _named_secrets(value, path)
    for secret in secrets:
        literal = _ANY_REFERENCE.sub(" ", secret)
        for part in (literal.strip().strip("\"'"), *_LITERAL.findall(literal)):
            remember_secret(part)


_ANY_REFERENCE = re.compile(r"\$\{[^}]*\}?")
_LITERAL = re.compile(r"(?<![^\s,:='\"()\[\]{}])[^\s,:='\"()\[\]{}]+(?![^\s,:='\")\]{}])")
"""A word in Hydra's grammar, apart from the name of a function."""


def remember_variables(variables: Mapping[str, str]) -> None:
    """Let `mask_text` mask the secrets to which environment variables of a trial refer."""
    for key, text in variables.items():
        for name in referenced_variables(text):
            if is_secret_variable(key) or is_secret_variable(name):
                remember_secret(os.environ.get(name, ""))


def forget_secrets() -> None:
    """Forget what `remember_secret` was told: another command begins."""
    _known.clear()


class _Walk:
    """Rebuilds a JSON value with one function for its secrets and another for its other texts."""

    def __init__(self, hide: Hide, show: Callable[[str], Json]) -> None:
        self._hide = hide
        self._show = show

    def visit(self, body: Json, name: str, *, in_variables: bool) -> Json:
        is_secret = is_secret_variable if in_variables else is_secret_name
        match body:
            # In a plan, the name of a parameter stands beside its domain and default, and not
            # above them.
            case {"name": str() as own, "domain": {"kind": kind, **domain}, **rest}:
                parts = {"domain": {"kind": kind, **self._inside(domain, own)}}
                default = {"default": self.visit(rest.get("default"), own, in_variables=False)}
                return {**body, **parts, **default}
            case Mapping() if name == METRICS:
                return {
                    key: self.visit(value, "", in_variables=False) for key, value in body.items()
                }
            case Mapping():
                in_variables = in_variables or name == VARIABLES
                # What stands under the name of a secret is one, whatever its own name is.
                outer = name if is_secret(name) else ""
                return self._inside(body, outer, in_variables=in_variables)
            case list() | tuple():
                pairs = zip(body, _names_of_arguments(body, name), strict=True)
                return [self.visit(item, of, in_variables=in_variables) for item, of in pairs]
            case str() if not is_secret(name, typed(body)):
                return self._show(body)
        # A password may be an integer.
        return self._hide(body) if is_secret(name, body) else body

    def _inside(
        self, body: Mapping[Any, Json], outer: str, *, in_variables: bool = False
    ) -> dict[Any, Json]:
        return {
            key: self.visit(value, outer or str(key), in_variables=in_variables)
            for key, value in body.items()
        }


def _names_of_arguments(items: Sequence[Json], name: str) -> Iterator[str]:
    """Yield the name of each item of a list; in ``["--token", "abc"]`` the flag names the text."""
    flag = ""
    for item in items:
        is_flag = isinstance(item, str) and item.startswith("-")
        yield name if is_flag or not flag else flag
        flag = item if is_flag and "=" not in item and is_secret_name(item) else ""


def _remember_referenced(text: str) -> Json:
    for name in referenced_variables(text):
        if is_secret_variable(name):
            remember_secret(os.environ.get(name, ""))
    return None


def _mask(secret: Any) -> Json:
    """Mask a secret. A reference to a variable shows none, apart from its default."""
    return mask_text(secret) if _is_reference(secret) else MASK


def _is_reference(secret: Any) -> bool:
    return isinstance(secret, str) and REFERENCE.fullmatch(secret) is not None


def _remember_all(secret: Any) -> Json:
    """Remember a secret, and each choice of a domain of secrets."""
    if isinstance(secret, str):
        remember_secret(secret)
        if choices := _CHOICES.match(secret):
            for choice in re.findall(r"[^\s,'\"]+", choices[1]):
                remember_secret(choice)
    return None


_CHOICES = re.compile(r"\s*(?:choice|ordinal)\(([^()]*)\)")


def mask_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Mask the secrets in a mapping of environment variables. Empty values stay empty."""
    masked: dict[str, str] = mask_body(variables, VARIABLES)
    return masked


def mask_text(text: str) -> str:
    """Mask the secrets in a text: those that are known, that look like one, or that follow a name.

    A name is followed by its value in connection strings, arguments of programs and JSON. The
    default of an interpolated secret, as in ``${oc.env:API_KEY,default}``, is masked as well.
    """
    text = LOOKS_SECRET.sub(_mask_shape, mask_known(text))
    text = REFERENCE.sub(_mask_default, text)
    return "".join(_mask_named_values(text))


def mask_known(text: str) -> str:
    """Mask only the secrets in a text that `remember_secret` was told."""
    # Longest first: if a secret contains another, masking the shorter one would leave the rest.
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def _mask_shape(found: re.Match[str]) -> str:
    if found["scheme"]:
        return f"{found['scheme']}{MASK}@"
    return f"{found['name'] or found['header'] or ''}{MASK}"


def _mask_default(found: re.Match[str]) -> str:
    if not (found["default"] and is_secret_variable(found["name"])):
        return found[0]
    before, _, _ = found[0].partition(",")
    return f"{before},{MASK}}}"


# A name before its value as in `token=abc`, `"token": "abc"` and `token="a b"`, but neither as in
# `token == abc` nor as in the text `token: abc`, since a colon is common in messages.
_NAME = re.compile(r"(?<![\w.-])(?P<name>[\w.-]+)(?:=(?!=)|[\"']\s?:\s?)")
_VALUE = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\$\{[^}]*\}|[^\s;&\"'…]+")
_VARIABLE = re.compile(r"([\"']?)\$\{[^}]*\}\1")
"""A reference of ours or of a shell, which has no secret in it."""


def _mask_named_values(text: str) -> Iterator[str]:
    """Yield the parts of a text, with each value masked that stands after the name of a secret."""
    done = 0
    while found := _NAME.search(text, done):
        yield text[done : found.end()]
        done = found.end()
        # Any other value may have names inside, as the address in `--url=http://h/?token=…` has.
        if _predicate(found["name"])(found["name"]) and (value := _VALUE.match(text, done)):
            inside = value[0].strip("\"'")
            shows_none = _VARIABLE.fullmatch(value[0]) or value[0][0] in "{["  # parts have names
            secret = not shows_none and _predicate(found["name"])(found["name"], typed(inside))
            yield value[0].replace(inside, MASK) if secret else value[0]
            done = value.end()
    yield text[done:]


def _predicate(name: str, *, in_variables: bool = False) -> Callable[..., bool]:
    """Return the rule for a name in a text; capitals are those of an environment variable."""
    return is_secret_variable if in_variables or name.isupper() else is_secret_name


def mask_value(path: Sequence[str | int], value: Any) -> Any:
    """Mask the secrets in the value of a configuration key."""
    name = next((part for part in path if is_secret_path([part])), path[-1])
    in_variables = VARIABLES in path[:-1]
    return mask_body(value, str(path[-1] if in_variables else name), in_variables=in_variables)


def is_secret_path(path: Sequence[str | int]) -> bool:
    """Tell whether a configuration key, or a section around it, has the name of a secret."""
    variables = path[path.index(VARIABLES) + 1 :] if VARIABLES in path else ()
    return any(is_secret_name(str(part)) for part in path) or any(
        is_secret_variable(str(part)) for part in variables
    )


def mask_override(override: str) -> str:
    """Mask the value of an override that sets a secret, in every syntax that overrides have."""
    key, _, value = override.partition("=")
    path = key.lstrip("+").split(".")
    if not value or _is_reference(value):
        return override
    # `trial={token: abc}` sets a secret inside its value.
    if _sets_secret(path, value) or _named_secrets(value, path):
        return f"{key}={MASK}"
    return mask_text(override)


def _sets_secret(path: Sequence[str], value: str) -> bool:
    # The type of the value matters: `model.token_dropout=0.1` sets no secret.
    return is_secret_path(path) and mask_value(path, typed(value)) != typed(value)


def mask_line(path: Sequence[str | int], line: str) -> str:
    """Mask the secrets in the source line of a configuration key.

    A line may set several keys, and its syntax is not parsed here. If the line may contain a
    secret, the result is an empty line.
    """
    return "" if is_secret_path(path) or _named_secrets(line, path) else mask_text(line)


def _named_secrets(text: str, path: Sequence[str | int]) -> list[str]:
    """Return the values in a text in YAML or in Hydra's grammar whose keys have secrets' names."""
    inside = VARIABLES in path or re.search(rf"\b{VARIABLES}\b", text) is not None
    values = [(name, value.strip("\"'")) for name, value in _KEY_AND_VALUE.findall(text)]
    return [
        of
        for name, of in values
        if _predicate(name, in_variables=inside)(name, typed(of)) and not _is_reference(of)
    ]


# The value is in a lookahead, so that the search goes on inside it: `{a: {token: abc}}`.
_KEY_AND_VALUE = re.compile(
    r"(?<![\w.-])([\w.-]+)[\"']?\s?[:=]\s*(?=(\$\{[^}]{0,200}\}|[^\s,}\]]{0,200}))"
)


def display_path(file: "Traversable") -> str:
    """Shorten a path: return it relative to the current folder if it is below that folder."""
    path, here = Path(str(file)).resolve(), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
