"""Draft the key ``nni`` of a space, which includes an NNI search space.

Before: ``nni: {file: search_space.json, version: v0, names: {Conv: kernel_size}}``.
After: the drafts of every parameter in the file.

A batch is an NNI space that consists of a single choice among assignments. It is meant for a tuner
that tries given assignments.

Before: ``{combined: {_type: choice, _value: [{lr: 0.1, size: 16}, {lr: 0.01, size: 16}]}}``.
After: a choice for each of the keys ``lr`` and ``size``, and the assignments to try first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sweepwright.diagnostics import did_you_mean
from sweepwright.space import NAME_KEY

from ...spans import COMMAND_LINE, KeyPath
from ...stages import StartDraft
from ..syntax.choices import distinct
from ..syntax.drafts import Drafts, Section
from ..syntax.nodes import Call, Form, ParameterExpr, format_value, node_at
from ..syntax.parameters import add_parameter
from .dialect import NniDialect, TunerTraits, is_spec, report_nni_error
from .file import NniFile, UnreadableFileError, read_nni_file
from .spec import draft_specs

NNI = "nni"
"""The key of an NNI space in the section ``space``."""

_KEYS = ("file", "space", "version", "names")
_VERSIONS = ("v0", "v1")


def is_nni_section(value: Any) -> bool:
    """Tell whether the value under the key `nni` is an NNI space, and not a parameter."""
    return isinstance(value, Mapping) and not is_spec(value) and bool({"file", "space"} & {*value})


def draft_nni_section(
    value: Mapping[str, Any], at: KeyPath, drafts: Drafts, traits: TunerTraits
) -> None:
    """Draft an NNI search space, which is a batch for a tuner that tries given assignments."""
    for key in value:
        if key not in _KEYS:
            suggestion = did_you_mean(format_value(key), list(_KEYS))
            span = drafts.spans.key((*at, key))
            report_nni_error(drafts, f"`{NNI}` has no key `{format_value(key)}`", span, suggestion)
    dialect = _read_dialect(value, at, drafts, traits)
    drafts.nni_v0_format |= dialect.v0
    if "file" in value and "space" in value:
        span = drafts.spans.key((*at, "space"))
        drafts.mark_names_unknown()
        report_nni_error(
            drafts, "`space` and `file` are both given", span, "remove one of the keys"
        )
    elif "file" in value:
        _draft_file(value["file"], (*at, "file"), drafts, dialect, batch=traits.batch)
    else:
        _draft(value["space"], (*at, "space"), drafts, dialect, batch=traits.batch)
    # Drafting has recorded the list branches in `dialect.branches`, so this comes last.
    _check_names(value.get("names"), (*at, "names"), drafts, dialect)


def _read_dialect(
    value: Mapping[str, Any], at: KeyPath, drafts: Drafts, traits: TunerTraits
) -> NniDialect:
    version = value.get("version", "v1")
    if version not in _VERSIONS:
        suggestion = "write `v1`, or `v0` for NNI before 0.8"
        span = drafts.spans.value((*at, "version"))
        report_nni_error(
            drafts,
            f"`version` must be `v0` or `v1`, not `{format_value(version)}`",
            span,
            suggestion,
        )
    names = value.get("names") or {}
    if not isinstance(names, Mapping):
        span = drafts.spans.value((*at, "names"))
        report_nni_error(
            drafts, "`names` must be a mapping", span, "write `names: {Conv: kernel_size}`"
        )
        names = {}
    # `Conv: kernel_size` is short for `Conv: [kernel_size]`.
    listed = {key: tuple(n) if isinstance(n, list) else (n,) for key, n in names.items()}
    return NniDialect(version == "v0", traits.q_is_count, listed)


def _draft_file(
    given: Any, at: KeyPath, drafts: Drafts, dialect: NniDialect, *, batch: bool
) -> None:
    span = drafts.spans.value(at)
    if not isinstance(given, str):
        drafts.mark_names_unknown()
        report_nni_error(drafts, f"`file` is `{format_value(given)}`, not a path", span)
        return
    try:
        # A path on the command line is relative to the working directory alone.
        found = read_nni_file(given, None if span.file == COMMAND_LINE else span.file)
    except UnreadableFileError as error:
        drafts.mark_names_unknown()
        suggestion = None if error.span else _SEARCHED
        drafts.error(error.code, str(error), error.span or span, suggestion)
        return
    _record_spans(found, at, drafts)
    _draft(found.values, at, drafts, dialect, batch=batch)


_SEARCHED = "the path is relative to the configuration file, or else to the working directory"


def _record_spans(found: NniFile, at: KeyPath, drafts: Drafts) -> None:
    """Record the position of each value in the file, and report keys that occur twice."""
    drafts.extend_spans(dict(found.spans(at)))
    for key, span in found.twice:
        report_nni_error(drafts, f"`{key}` is given twice", span)


def _draft(tree: Any, at: KeyPath, drafts: Drafts, dialect: NniDialect, *, batch: bool) -> None:
    if not isinstance(tree, Mapping):
        drafts.mark_names_unknown()
        report_nni_error(
            drafts, "an NNI search space must be a mapping of names", drafts.spans.value(at)
        )
    elif batch and (key := find_batch(tree)) is not None:
        draft_batch(tree[key]["_value"], (*at, key, "_value"), drafts)
    else:
        draft_specs(tree, Section(at), drafts, dialect)


def _check_names(names: Any, at: KeyPath, drafts: Drafts, dialect: NniDialect) -> None:
    """Report names for a branch that does not exist, or that has another number of parameters."""
    for branch in names if isinstance(names, Mapping) else ():
        count = dialect.branches.get(branch)
        if count is None:
            message = f"no branch that is written as a list is called `{format_value(branch)}`"
            suggestion = did_you_mean(format_value(branch), list(dialect.branches))
            report_nni_error(drafts, message, drafts.spans.key((*at, branch)), suggestion)
        elif count != len(dialect.names[branch]):
            given = len(dialect.names[branch])
            message = (
                f"`names` has {given} names for `{branch}`, whose number of parameters is {count}"
            )
            report_nni_error(drafts, message, drafts.spans.value((*at, branch)))


def find_batch(tree: Mapping[str, Any]) -> str | None:
    """Return the single key of a space that is a batch, or None if the space is not a batch."""
    match list(tree.items()):
        case [(str(key), {"_type": "choice", "_value": [*entries]})] if entries:
            return key if all(map(_is_assignment, entries)) else None
    return None


def _is_assignment(entry: Any) -> bool:
    plain = isinstance(entry, Mapping) and NAME_KEY not in entry and not is_spec(entry)
    return plain and not any(map(is_spec, entry.values()))


def draft_batch(entries: Sequence[Mapping[str, Any]], at: KeyPath, drafts: Drafts) -> None:
    """Draft a choice for each key of the assignments, and draft the assignments to try first."""
    if not _have_same_keys(entries, at, drafts):
        drafts.mark_names_unknown()
        return
    # The tuner tries the assignments themselves. The choices only describe which values occur in
    # them.
    for key in entries[0]:
        if drafts.check_name(key, (*at, 0, key)):
            slot = replace(Section(()).slot(key), at=(*at, 0, key))
            name = node_at("choice", at, drafts.spans)
            values = (
                node_at(entry[key], (*at, index, key), drafts.spans)
                for index, entry in enumerate(entries)
            )
            add_parameter(ParameterExpr(Call(name, distinct(values), {}, Form.NNI)), slot, drafts)
    drafts.start += [StartDraft(dict(entry), (*at, i)) for i, entry in enumerate(entries)]


def _have_same_keys(entries: Sequence[Mapping[str, Any]], at: KeyPath, drafts: Drafts) -> bool:
    """Tell whether all assignments have the keys of the first, and report those that do not."""
    same = True
    for index, entry in enumerate(entries):
        missing = [key for key in entries[0] if key not in entry]
        extra = [key for key in entry if key not in entries[0]]
        if missing or extra:
            same = False
            difference = f"lacks `{missing[0]}`" if missing else f"has `{extra[0]}`"
            message = f"unlike the first assignment, this assignment {difference}"
            report_nni_error(drafts, message, drafts.spans.value((*at, index)))
    return same
