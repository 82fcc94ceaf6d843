"""Plan: all the parts, without any fault, become the one thing that the driver runs."""

from sweepwright.contracts import TrialCode

from ..ir import Plan, Selected
from ..secrecy import masked_override
from ..stages import Assembled, Bound
from .ask_ahead import Intent


def plan(assembled: Assembled, intent: Intent) -> Plan:
    """Freeze the plan of parts that no pass found fault with."""
    spaced = assembled.spaced
    bound = spaced.bound
    settings = bound.resolved.settings
    return Plan(
        space=spaced.space,
        objective=settings.objective,
        tuner=_selected(bound, "tuner"),
        platform=_selected(bound, "platform"),
        framework=_selected(bound, "framework"),
        code=_code(assembled),
        source_hash=assembled.source_hash,
        sampler=_selected(bound, "sampler") if "sampler" in bound.parts else None,
        assessor=_selected(bound, "assessor") if "assessor" in bound.parts else None,
        stopped_as=settings.stopped_as,
        budget=settings.budget,
        start=spaced.start,
        oldest=spaced.oldest,
        brackets=tuple(intent.brackets),
        ends_after=intent.ends_after,
        limits=settings.limits,
        seed=settings.seed,
        reproducible=settings.reproducible,
        store=settings.store.path,
        reports_kept=settings.reports_kept,
        overrides=tuple(map(masked_override, bound.resolved.overrides)),
    )


def _selected(bound: Bound, kind: str) -> Selected:
    return bound.parts[kind].selected


def _code(assembled: Assembled) -> TrialCode:
    assert assembled.code, "a trial without code is a finding"
    return assembled.code
