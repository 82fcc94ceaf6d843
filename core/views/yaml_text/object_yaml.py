"""Writes JSON objects, such as the manifests of a cluster, as YAML that every parser reads alike.

Parsers disagree about words without quotes: to some of them ``y`` is true, ``1e3`` a number and
``12:30`` a time. Text is quoted unless it consists of letters and is none of these words.
"""

import re
from math import inf

import yaml

from sweepwright.events import Json

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*")
_RESERVED = re.compile(r"true|false|yes|no|on|off|y|n|null|nan|inf", re.IGNORECASE)
_BREAKS = re.compile("[\x85\u2028\u2029]")
"""Characters that end a line of a block in YAML 1.1, and not in YAML 1.2."""


class _Dumper(yaml.SafeDumper):
    """Writes text with quotes wherever a parser might take it for something else."""

    def ignore_aliases(self, _data: Json) -> bool:
        """Write equal objects in full instead of as references to one another."""
        return True


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style: str | None
    if "\n" in text and not _BREAKS.search(text):
        style = "|"  # PyYAML falls back to quotes if the text cannot be written as a block
    else:
        is_plain = _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text)
        style = None if is_plain else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def object_yaml(body: Json) -> str:
    """Write an object as one YAML document, with its keys in their order."""
    return yaml.dump(body, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=inf)
