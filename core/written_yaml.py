"""YAML by hand: keys and values on one line each, which OmegaConf reads as they are."""

import json
import re
from collections.abc import Mapping
from typing import Any


def scalar(text: str) -> str:
    """Write a text of the call form or of an expression."""
    if _UNPRINTABLE.search(text) or ("${" in text and "`" in text):
        return flow(text)  # in backticks nothing can be escaped
    # OmegaConf would resolve an interpolation, even one in quotes.
    escaped = text.replace("${", r"\u0024{")
    if _PLAIN_TEXT.match(escaped) and not re.search(r":(\s|$)|\s#", escaped):
        return escaped
    return "'" + escaped.replace("'", "''") + "'"


_PLAIN_TEXT = re.compile(r"\(|-?[0-9]|[A-Za-z_]\w*[^\w:]|(?:true|false)$")
"""How a text begins that YAML needs no quotes for."""


def key(name: str) -> str:
    """Write a name as a key, in quotes where it would be read as something else."""
    return name if _is_plain(name) else _escaped(json.dumps(name, ensure_ascii=False))


def word(name: str) -> str:
    """Write a name as a value, in which OmegaConf would resolve interpolations."""
    return name if _is_plain(name) else flow(name)


def flow(value: Any) -> str:
    """Write plain values as JSON, in which OmegaConf resolves nothing."""
    return _escaped(json.dumps(_uninterpolated(value), ensure_ascii=False))


def _is_plain(name: str) -> bool:
    """Tell whether YAML reads a name as it is."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name)
    return plain is not None and name.lower() not in _YAML_WORDS


_YAML_WORDS = ("true", "false", "yes", "no", "on", "off", "y", "n", "null")


def _uninterpolated(value: Any) -> Any:
    match value:
        case str():
            return re.sub(r"(\\*)\$\{", r"\1\1\\${", value)
        case Mapping():
            return {name: _uninterpolated(inner) for name, inner in value.items()}
        case list():
            return list(map(_uninterpolated, value))
    return value


def _escaped(text: str) -> str:
    """Escape what YAML takes for a line break or refuses; it stands inside JSON's quotes."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
