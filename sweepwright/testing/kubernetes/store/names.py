"""Names that the server makes up."""

import random

# No vowels and nothing that is easily misread, as a real server does.
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_LONGEST_PREFIX = 58


def generated_name(prefix: str) -> str:
    """Return a prefix with five random characters after it."""
    suffix = "".join(random.choices(_ALPHABET, k=5))  # noqa: S311 - a name is no secret
    return prefix[:_LONGEST_PREFIX] + suffix
