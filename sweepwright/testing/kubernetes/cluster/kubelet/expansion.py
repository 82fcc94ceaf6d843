"""Variables in commands and values: ``$(NAME)`` as Kubernetes expands it, ``$$`` for a dollar.

A reference to an unknown variable stays as it is, as does anything else after a dollar.
"""

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(\$|\(([^)]*)\))")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace the references to variables in a text."""

    def value(match: re.Match[str]) -> str:
        if match[1] == "$":
            return "$"
        return variables.get(match[2], match[0])

    return _REFERENCE.sub(value, text)
