"""Expressions that stand under a key of their own, such as ``when:``."""

from typing import Any

from sweepwright.diagnostics import Code

from ...stages import KeyPath, Written, dotted
from .drafts import Drafts
from .pieces import shown


def written_at(value: Any, at: KeyPath, scope: str, drafts: Drafts) -> Written | None:
    """Take a value as the text of an expression; report one that is no text."""
    if isinstance(value, str) and value.strip():
        return Written(value.strip(), drafts.places.value(at), scope)
    message = f"`{dotted(at[1:])}` is `{shown(value)}`, not the text of an expression"
    drafts.error(Code.BAD_ARGUMENTS, message, drafts.places.value(at))
    return None
