"""Draft a nested choice: named branches, each of which has its own parameters.

Before: ``{choice: {sgd: {momentum: "uniform(0, 1)"}, adam: {}}, weights: {sgd: 3}}``.
After: the draft of the choice, then the drafts of the parameters in its branches.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sweepwright.diagnostics import Code, did_you_mean
from sweepwright.space import Nested

from ...error_recovery import INVALID
from ...spans import KeyPath
from ...stages import BranchDraft
from .call_form import DOMAINS, looks_like_call
from .choices import format_choice, weight_fault, weight_faults
from .drafts import Drafts, ParameterSlot, Section
from .expression_text import expr_source_at
from .hydra_sweeps import CASTS, SWEEPS
from .nodes import format_value, node_at
from .parameters import read_default

CHOICE = "choice"
"""The key under which a nested choice contains its branches."""

WHEN = "when"
"""The key of the condition for an active choice or, inside a branch, for taking the branch."""

_KEYS = (CHOICE, "weights", "default", WHEN)

# `space.section` passes its own function, because it imports this module.
DraftSection: TypeAlias = Callable[[Mapping[str, Any], Section], None]


def draft_nested(
    value: Mapping[str, Any], slot: ParameterSlot, drafts: Drafts, draft_section: DraftSection
) -> None:
    """Draft a nested choice, and the parameters in its branches."""
    _report_unknown_keys(value, slot, drafts)
    at = (*slot.at, CHOICE)
    branches = value[CHOICE]
    if branches is INVALID or not _are_branches(branches, slot, at, drafts):
        drafts.complete = False
        return
    # The choice precedes the parameters in its branches, as `Drafts` promises. It keeps a branch
    # with an invalid name, since a branch is identified by its index.
    _add_choice(value, [format_value(branch) for branch in branches], slot, drafts)
    for index, (branch, tree) in enumerate(branches.items()):
        below = (*at, branch)
        if drafts.check_name(branch, below) and _is_branch(tree, slot, below, drafts):
            # YAML reads `adam:` without a value as null: a branch without parameters.
            rest = _without_condition(tree or {}, index, slot, below, drafts)
            draft_section(rest, slot.branch(index, branch, below))


def _add_choice(
    value: Mapping[str, Any], branches: list[str], slot: ParameterSlot, drafts: Drafts
) -> None:
    weights = _weights(value.get("weights"), branches, slot, drafts)
    domain = Nested(tuple(branches), weights)
    default = None
    if value.get("default") is not None:
        node = node_at(value["default"], (*slot.at, "default"), drafts.spans)
        default = read_default(node, domain, slot, drafts)
    condition = None
    if WHEN in value:
        condition = expr_source_at(value[WHEN], (*slot.at, WHEN), slot.scope, drafts)
    drafts.add(slot, domain, default, condition)


def _weights(
    weights: Any, branches: Sequence[str], slot: ParameterSlot, drafts: Drafts
) -> tuple[float, ...] | None:
    """Return the weight of each branch, which is 1 unless a mapping gives another weight."""
    if weights is None:
        return None
    at = (*slot.at, "weights")
    node = node_at(weights, at, drafts.spans)
    if not isinstance(weights, Mapping):
        faults = list(weight_faults(node, len(branches)))
    else:
        _report_unknown_branches(weights, branches, at, drafts)
        given = [node_at(value, (*at, key), drafts.spans) for key, value in weights.items()]
        faults = [fault for each in given for fault in weight_fault(each)]
    for fault in faults:
        drafts.report_fault(fault, slot)
    if faults:
        return None
    if isinstance(weights, Mapping):
        return tuple(float(weights.get(branch, 1)) for branch in branches)
    return tuple(map(float, weights))


def _report_unknown_branches(
    weights: Mapping[Any, Any], branches: Sequence[str], at: KeyPath, drafts: Drafts
) -> None:
    for key in weights:
        if key not in branches:
            message = f"no branch is called `{format_value(key)}`"
            suggestion = did_you_mean(format_value(key), list(branches))
            drafts.error(Code.BAD_WEIGHTS, message, drafts.spans.key((*at, key)), suggestion)


def _report_unknown_keys(value: Mapping[str, Any], slot: ParameterSlot, drafts: Drafts) -> None:
    for key in value:
        if key not in _KEYS:
            message = f"a nested choice has no key `{format_value(key)}`"
            suggestion = did_you_mean(format_value(key), list(_KEYS))
            span = drafts.spans.key((*slot.at, key))
            drafts.error(Code.BAD_ARGUMENTS, message, span, suggestion)


def _are_branches(branches: Any, slot: ParameterSlot, at: KeyPath, drafts: Drafts) -> bool:
    if isinstance(branches, Mapping):
        if not branches:
            span = drafts.spans.value(at)
            drafts.error(Code.EMPTY_DOMAIN, "the choice has no values", span)
        return bool(branches)
    if isinstance(branches, list) and any(isinstance(branch, Mapping) for branch in branches):
        message = f"the branches of `{slot.name}` are a list, so they have no names"
        suggestion = "name the branches: `choice: {first: {…}, second: {…}}`"
        drafts.error(Code.UNNAMED_BRANCH, message, drafts.spans.value(at), suggestion)
        return False
    message = f"the branches of `{slot.name}` must be a mapping of names to parameters"
    plain = branches if isinstance(branches, list) and branches else ["a", "b"]
    suggestion = f"for a choice without parameters write `{slot.path[-1]}: {format_choice(plain)}`"
    drafts.report_not_a_domain(message, at, suggestion)
    return False


def _is_branch(tree: Any, slot: ParameterSlot, at: KeyPath, drafts: Drafts) -> bool:
    if tree is None or isinstance(tree, Mapping):
        return True
    drafts.complete = False
    # The parameters that the branch should have are unknown. As an invalid name, the branch stands
    # for all of them.
    drafts.seen_names.add(f"{slot.name}.{at[-1]}")
    if tree is not INVALID:
        message = f"the branch `{at[-1]}` must be a mapping of names to domains"
        drafts.report_not_a_domain(message, at, f"write `{at[-1]}: {{}}`")
    return False


def _without_condition(
    tree: Mapping[str, Any], index: int, slot: ParameterSlot, at: KeyPath, drafts: Drafts
) -> Mapping[str, Any]:
    """Draft the condition of a branch, and return the branch without it.

    Names in the condition are resolved in the section that contains the choice.
    """
    # If the value under `when` is a domain, `when` is the name of a parameter of the branch.
    text = tree.get(WHEN)
    if not isinstance(text, str) or _is_domain(text):
        return tree
    if condition := expr_source_at(text, (*at, WHEN), slot.scope, drafts):
        drafts.branches.append(BranchDraft(slot.name, index, condition))
    return {key: value for key, value in tree.items() if key != WHEN}


def _is_domain(text: str) -> bool:
    # `when: uniform(0, 1)` is a parameter called `when`; `when: max(a, b) > 1` is a condition.
    call = looks_like_call(text)
    return call is not None and call[1] in (*DOMAINS, *SWEEPS, *CASTS)
