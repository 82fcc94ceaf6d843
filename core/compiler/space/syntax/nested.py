"""A nested choice: named branches, each with parameters of its own.

Before: ``{choice: {sgd: {momentum: "uniform(0, 1)"}, adam: {}}, weights: {sgd: 3}}``.
After: the draft of the choice, then the drafts of what is in its branches.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sweepwright.diagnostics import Code, did_you_mean
from sweepwright.space import Nested

from ...stages import HOLE, BranchDraft, KeyPath
from .call_form import DOMAINS, looks_like_call
from .choices import weight_fault, weight_faults, written_choice
from .drafts import Drafts, ParameterSlot, Section
from .enter import enter_default
from .expression_text import written_at
from .hydra_sweeps import CASTS, SWEEPS
from .nodes import piece_at, shown

CHOICE = "choice"
"""The key of the branches."""

WHEN = "when"
"""The key of a condition: of the choice, or in a branch of taking it."""

_KEYS = (CHOICE, "weights", "default", WHEN)

DraftSection: TypeAlias = Callable[[Mapping[str, Any], Section], None]


def draft_nested(
    value: Mapping[str, Any], seat: ParameterSlot, drafts: Drafts, draft_section: DraftSection
) -> None:
    """Draft the choice with all that is in its branches."""
    _report_strangers(value, seat, drafts)
    at = (*seat.at, CHOICE)
    branches = value[CHOICE]
    if branches is HOLE or not _are_branches(branches, seat, at, drafts):
        drafts.whole = False
        return
    _enter(value, [shown(branch) for branch in branches], seat, drafts)
    for index, (branch, tree) in enumerate(branches.items()):
        below = (*at, branch)
        if drafts.named_well(branch, below) and _is_branch(tree, seat, below, drafts):
            rest = _without_condition(tree or {}, index, seat, below, drafts)
            draft_section(rest, seat.branch(index, branch, below))


def _enter(
    value: Mapping[str, Any], branches: list[str], seat: ParameterSlot, drafts: Drafts
) -> None:
    weights = _weights(value.get("weights"), branches, seat, drafts)
    domain = Nested(tuple(branches), weights)
    default = None
    if value.get("default") is not None:
        piece = piece_at(value["default"], (*seat.at, "default"), drafts.places)
        default = enter_default(piece, domain, seat, drafts)
    condition = None
    if WHEN in value:
        condition = written_at(value[WHEN], (*seat.at, WHEN), seat.scope, drafts)
    drafts.add(seat, domain, default, condition)


def _weights(
    weights: Any, branches: Sequence[str], seat: ParameterSlot, drafts: Drafts
) -> tuple[float, ...] | None:
    """Read the weights of branches; one that a mapping leaves out is 1."""
    if weights is None:
        return None
    at = (*seat.at, "weights")
    piece = piece_at(weights, at, drafts.places)
    if not isinstance(weights, Mapping):
        faults = list(weight_faults(piece, len(branches)))
    else:
        _report_unknown_branches(weights, branches, at, drafts)
        given = [piece_at(value, (*at, key), drafts.places) for key, value in weights.items()]
        faults = [fault for each in given for fault in weight_fault(each)]
    for fault in faults:
        drafts.tell(fault, seat)
    if faults:
        return None
    named = weights if isinstance(weights, Mapping) else dict(zip(branches, weights, strict=True))
    return tuple(float(named.get(branch, 1)) for branch in branches)


def _report_unknown_branches(
    weights: Mapping[Any, Any], branches: Sequence[str], at: KeyPath, drafts: Drafts
) -> None:
    for key in weights:
        if key not in branches:
            message = f"no branch is called `{shown(key)}`"
            way_out = did_you_mean(shown(key), list(branches))
            drafts.error(Code.BAD_WEIGHTS, message, drafts.places.key((*at, key)), way_out)


def _report_strangers(value: Mapping[str, Any], seat: ParameterSlot, drafts: Drafts) -> None:
    for key in value:
        if key not in _KEYS:
            message = f"a nested choice takes no `{shown(key)}`"
            way_out = did_you_mean(shown(key), list(_KEYS))
            span = drafts.places.key((*seat.at, key))
            drafts.error(Code.BAD_ARGUMENTS, message, span, way_out)


def _are_branches(branches: Any, seat: ParameterSlot, at: KeyPath, drafts: Drafts) -> bool:
    if isinstance(branches, Mapping):
        if not branches:
            span = drafts.places.value(at)
            drafts.error(Code.EMPTY_DOMAIN, "the choice is among nothing", span)
        return bool(branches)
    if isinstance(branches, list) and any(isinstance(branch, Mapping) for branch in branches):
        message = f"the branches of `{seat.name}` are a list, and have no names"
        way_out = "name them: `choice: {first: {…}, second: {…}}`"
        drafts.error(Code.UNNAMED_BRANCH, message, drafts.places.value(at), way_out)
        return False
    message = f"the branches of `{seat.name}` are no mapping of names to parameters"
    plain = branches if isinstance(branches, list) and branches else ["a", "b"]
    way_out = f"for plain values write `{seat.path[-1]}: {written_choice(plain)}`"
    drafts.misread(message, at, way_out)
    return False


def _is_branch(tree: Any, seat: ParameterSlot, at: KeyPath, drafts: Drafts) -> bool:
    if tree is None or isinstance(tree, Mapping):
        return True
    drafts.whole = False
    drafts.named.add(f"{seat.name}.{at[-1]}")
    if tree is not HOLE:
        message = f"the branch `{at[-1]}` is no mapping of names to domains"
        drafts.misread(message, at, f"write `{at[-1]}: {{}}`")
    return False


def _without_condition(
    tree: Mapping[str, Any], index: int, seat: ParameterSlot, at: KeyPath, drafts: Drafts
) -> Mapping[str, Any]:
    """Take out the condition of a branch, whose names are looked up where the choice stands."""
    text = tree.get(WHEN)
    if not isinstance(text, str) or _is_domain(text):
        return tree
    if condition := written_at(text, (*at, WHEN), seat.scope, drafts):
        drafts.branches.append(BranchDraft(seat.name, index, condition))
    return {key: value for key, value in tree.items() if key != WHEN}


def _is_domain(text: str) -> bool:
    call = looks_like_call(text)
    return call is not None and call[1] in (*DOMAINS, *SWEEPS, *CASTS)
