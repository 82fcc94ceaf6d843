"""The key ``nni`` of a space, which takes in a whole search space of NNI's.

Before: ``nni: {file: search_space.json, version: v0, names: {Conv: kernel_size}}``.
After: the drafts of all that the file holds.

NNI's form of a batch: one choice among plain assignments.

Before: ``{combined: {_type: choice, _value: [{lr: 0.1, size: 16}, {lr: 0.01, size: 16}]}}``.
After: a choice for each key, here ``lr`` and ``size``, and the assignments to start with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sweepwright.diagnostics import did_you_mean
from sweepwright.space import NAME_KEY

from ...stages import KeyPath, StartDraft
from ..syntax.choices import distinct
from ..syntax.drafts import Drafts, Section
from ..syntax.enter import enter
from ..syntax.nodes import Call, Form, ParameterExpr, piece_at, shown
from .dialect import Reading, Tuning, is_spec, refuse
from .file import NniFile, UnreadableFileError, read_nni_file
from .spec import draft_specs

NNI = "nni"
"""The key in a space."""

_KEYS = ("file", "space", "version", "names")
_VERSIONS = ("v0", "v1")
_COMMAND_LINE = "<command line>"


def is_nni_section(value: Any) -> bool:
    """Tell whether the value of `nni` takes in a space, rather than being a parameter's."""
    return isinstance(value, Mapping) and not is_spec(value) and bool({"file", "space"} & {*value})


def draft_nni_section(
    value: Mapping[str, Any], at: KeyPath, drafts: Drafts, tuning: Tuning
) -> None:
    """Draft a search space of NNI's, with its single choice as a batch if the tuner wants one."""
    for key in value:
        if key not in _KEYS:
            way_out = did_you_mean(shown(key), list(_KEYS))
            span = drafts.places.key((*at, key))
            refuse(drafts, f"`{NNI}` has no key `{shown(key)}`", span, way_out)
    reading = _reading(value, at, drafts, tuning)
    drafts.nni_v0_format |= reading.nni_v0_format
    if "file" in value and "space" in value:
        span = drafts.places.key((*at, "space"))
        drafts.lose_all()
        refuse(drafts, "the `space` is given as well as a `file`", span, "keep one of the two")
    elif "file" in value:
        _draft_file(value["file"], (*at, "file"), drafts, reading, batch=tuning.batch)
    else:
        _draft(value["space"], (*at, "space"), drafts, reading, batch=tuning.batch)
    _check_names(value.get("names"), (*at, "names"), drafts, reading)


def _reading(value: Mapping[str, Any], at: KeyPath, drafts: Drafts, tuning: Tuning) -> Reading:
    version = value.get("version", "v1")
    if version not in _VERSIONS:
        way_out = "write `v1`, or `v0` for NNI before 0.8"
        span = drafts.places.value((*at, "version"))
        refuse(drafts, f"`version` is `{shown(version)}`, neither `v0` nor `v1`", span, way_out)
    names = value.get("names") or {}
    if not isinstance(names, Mapping):
        span = drafts.places.value((*at, "names"))
        refuse(drafts, "`names` is no mapping", span, "write `names: {Conv: kernel_size}`")
        names = {}
    listed = {key: tuple(n) if isinstance(n, list) else (n,) for key, n in names.items()}
    return Reading(version == "v0", tuning.counts, listed)


def _draft_file(given: Any, at: KeyPath, drafts: Drafts, reading: Reading, *, batch: bool) -> None:
    span = drafts.places.value(at)
    if not isinstance(given, str):
        drafts.lose_all()
        refuse(drafts, f"`file` is `{shown(given)}`, not a path", span)
        return
    try:
        found = read_nni_file(given, None if span.file == _COMMAND_LINE else span.file)
    except UnreadableFileError as error:
        drafts.lose_all()
        way_out = None if error.span else _LOOKED_FOR
        drafts.error(error.code, str(error), error.span or span, way_out)
        return
    _enter_file(found, at, drafts)
    _draft(found.values, at, drafts, reading, batch=batch)


_LOOKED_FOR = "it is looked for beside the file that names it, then where the sweep is started"


def _enter_file(found: NniFile, at: KeyPath, drafts: Drafts) -> None:
    """Learn where all that the file holds is written."""
    drafts.extend_places(dict(found.places(at)))
    for key, span in found.twice:
        refuse(drafts, f"`{key}` is given twice", span)


def _draft(tree: Any, at: KeyPath, drafts: Drafts, reading: Reading, *, batch: bool) -> None:
    if not isinstance(tree, Mapping):
        drafts.lose_all()
        refuse(drafts, "NNI's search space is no mapping of names", drafts.places.value(at))
    elif batch and (key := find_batch(tree)) is not None:
        draft_batch(tree[key]["_value"], (*at, key, "_value"), drafts)
    else:
        draft_specs(tree, Section(at), drafts, reading)


def _check_names(names: Any, at: KeyPath, drafts: Drafts, reading: Reading) -> None:
    """Find the names that no branch has use for."""
    for branch in names if isinstance(names, Mapping) else ():
        count = reading.branches.get(branch)
        if count is None:
            message = f"no branch is written as a list that begins with `{shown(branch)}`"
            way_out = did_you_mean(shown(branch), list(reading.branches))
            refuse(drafts, message, drafts.places.key((*at, branch)), way_out)
        elif count != len(reading.names[branch]):
            given = len(reading.names[branch])
            message = f"`{branch}` is given {given} names for parameters, of which it has {count}"
            refuse(drafts, message, drafts.places.value((*at, branch)))


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
            enter(ParameterExpr(Call(name, distinct(values), {}, Form.NNI)), seat, drafts)
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
