"""Draft the search space: parse the parameters of the section ``space`` in every notation.

Before: ``space: {learning_rate: "loguniform(1e-4, 1e-1)", hidden: {type: int, low: 1, high: 8}}``.
After: the drafts of a `Real` and an `Integer`, with their paths in the configuration.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sweepwright.diagnostics import Code, Report

from ..error_recovery import INVALID, contains_invalid
from ..spans import KeyPath, dotted
from ..stages import Bound, Drafted, StartDraft
from .nni.dialect import TunerTraits, tuner_traits
from .nni.section import NNI, draft_batch, draft_nni_section, find_batch, is_nni_section
from .section import draft_section
from .syntax.call_form import looks_like_call
from .syntax.drafts import Drafts, Section
from .syntax.expression_text import expr_source_at

CONSTRAINTS = "constraints"
_ROOT: KeyPath = ("space",)


def draft_space(bound: Bound, report: Report) -> Drafted:
    """Draft every parameter of the section ``space``, and report every fault."""
    drafts = Drafts(bound.resolved.spans, report)
    tree = bound.resolved.tree.get("space")
    if tree is INVALID:
        drafts.complete = False
    elif not isinstance(tree, Mapping | None):
        drafts.report_not_a_domain("the space must be a mapping of names to domains", _ROOT)
    else:
        _draft(tree or {}, drafts, tuner_traits(bound))
    return Drafted(
        replace(bound, resolved=replace(bound.resolved, spans=drafts.spans)),
        tuple(drafts.parameters),
        tuple(drafts.derived),
        tuple(drafts.branches),
        tuple(drafts.constraints),
        tuple(drafts.start),
        drafts.nni_v0_format,
        drafts.complete,
        drafts.invalid_names,
    )


def _draft(tree: Mapping[str, Any], drafts: Drafts, traits: TunerTraits) -> None:
    """Draft the parameters, and then the keys that concern the whole space."""
    # Draft the parameters first, so that their order does not depend on the position of the other
    # keys in the file.
    rest = {key: value for key, value in tree.items() if not _is_special(key, value)}
    if traits.batch and (key := find_batch(rest)) is not None:
        draft_batch(rest[key]["_value"], (*_ROOT, key, "_value"), drafts)
    else:
        draft_section(drafts, rest, Section(_ROOT))
    for key, value in tree.items():
        if key not in rest:
            _draft_special(key, value, drafts, traits)
    # If a part of the space is missing, it may have contained all parameters.
    if drafts.complete and not drafts.parameters:
        span = drafts.spans.value(_ROOT)
        drafts.error(Code.EMPTY_SPACE, "the space has no parameters", span)


def _is_special(key: str, value: Any) -> bool:
    """Tell whether a key concerns the whole space and is not the name of a parameter.

    A parameter may also be named ``constraints``, ``start`` or ``nni``. The key names a parameter
    if its value is a domain.
    """
    # A text or a mapping is most likely a list without its brackets, unless it is a domain.
    match key, value:
        case "constraints" | "start", list():
            return True
        case "constraints", str():
            return looks_like_call(value) is None
        case "start", Mapping():
            return not {"type", "choice", "_type"} & {*value}
        case "nni", _:
            return is_nni_section(value)
    return False


def _draft_special(key: str, value: Any, drafts: Drafts, traits: TunerTraits) -> None:
    at = (*_ROOT, key)
    match value:
        case list():
            for index, item in enumerate(value):
                _draft_item(key, item, (*at, index), drafts)
        case Mapping() if key == NNI:
            _draft_nni(value, at, drafts, traits)
        case Mapping():
            drafts.report_not_a_domain(
                f"`{key}` must be a list of assignments", at, "write `[{…}]`"
            )
        case _:
            drafts.report_not_a_domain(
                f"`{key}` must be a list of expressions", at, f'write `["{value}"]`'
            )


def _draft_nni(value: Mapping[str, Any], at: KeyPath, drafts: Drafts, traits: TunerTraits) -> None:
    if contains_invalid(value):
        drafts.mark_names_unknown()
    else:
        draft_nni_section(value, at, drafts, traits)


def _draft_item(key: str, item: Any, at: KeyPath, drafts: Drafts) -> None:
    """Draft one constraint, or one assignment to try first."""
    if contains_invalid(item):
        drafts.complete = False
    elif key == CONSTRAINTS:
        constraint = expr_source_at(item, at, "", drafts)
        drafts.constraints += [constraint] if constraint else []
    elif isinstance(item, Mapping):
        drafts.start.append(StartDraft(item, at))
    else:
        drafts.report_not_a_domain(f"`{dotted(at[1:])}` must be a mapping of names to values", at)
