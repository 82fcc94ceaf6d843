"""NNI's form of a batch: one choice among plain assignments.

Before: ``{combined: {_type: choice, _value: [{lr: 0.1, size: 16}, {lr: 0.01, size: 16}]}}``.
After: a choice for each key, here ``lr`` and ``size``, and the assignments to start with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sweepwright.space import NAME_KEY

from ...stages import KeyPath, StartDraft
from .drafts import Drafts, Section
from .enter import enter
from .make_choice import distinct
from .nni_reading import is_spec, refuse
from .pieces import Call, Form, Phrase, piece_at


def find_batch(tree: Mapping[str, Any]) -> str | None:
    """Return the one key of a space that is a batch, None for any other space."""
    match list(tree.items()):
        case [(str(key), {"_type": "choice", "_value": [*entries]})] if entries:
            return key if all(map(_is_assignment, entries)) else None
    return None


def _is_assignment(entry: Any) -> bool:
    plain = isinstance(entry, Mapping) and NAME_KEY not in entry and not is_spec(entry)
    return plain and not any(map(is_spec, entry.values()))


def draft_batch(entries: Sequence[Mapping[str, Any]], at: KeyPath, drafts: Drafts) -> None:
    """Draft a choice for each key of the assignments, and the assignments themselves."""
    if not _are_alike(entries, at, drafts):
        drafts.lose_all()
        return
    for key in entries[0]:
        if drafts.named_well(key, (*at, 0, key)):
            seat = replace(Section(()).seat(key), at=(*at, 0, key))
            name = piece_at("choice", at, drafts.places)
            values = (
                piece_at(entry[key], (*at, index, key), drafts.places)
                for index, entry in enumerate(entries)
            )
            enter(Phrase(Call(name, distinct(values), {}, Form.NNI)), seat, drafts)
    drafts.start += [StartDraft(dict(entry), (*at, i)) for i, entry in enumerate(entries)]


def _are_alike(entries: Sequence[Mapping[str, Any]], at: KeyPath, drafts: Drafts) -> bool:
    """Tell whether all assignments have the keys of the first, and report those that do not."""
    alike = True
    for index, entry in enumerate(entries):
        odd = [key for key in entries[0] if key not in entry]
        more = [key for key in entry if key not in entries[0]]
        if odd or more:
            alike = False
            said = f"lacks `{odd[0]}`" if odd else f"has `{more[0]}` as well"
            message = f"this assignment {said}, unlike the first"
            refuse(drafts, message, drafts.places.value((*at, index)))
    return alike
