"""References to images, as container registries define them (distribution's ``reference``)."""

import re

_PART = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_HOST = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = rf"(?:{_HOST}(?:\.{_HOST})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_DOMAIN}/)?{_PART}(?:/{_PART})*)(?::[\w][\w.-]{{0,127}})?(?:@{_DIGEST})?",
    re.ASCII,
)
_LONGEST_NAME = 255
_LONGEST = 500
"""Maximum length of a reference in a TrainJob; other kinds have no such limit."""


def is_image(text: str) -> bool:
    """Tell whether a text is the reference of an image."""
    found = _REFERENCE.fullmatch(text) if len(text) <= _LONGEST else None
    return found is not None and len(found["name"]) <= _LONGEST_NAME
