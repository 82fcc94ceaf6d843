"""Read the assignments to start with: defaults fill them up, and each must be of the space.

Before: ``start: [{lr: 0.01}]``, of a space whose ``momentum`` is 0.9 by default.
After: ``{lr: 0.01, momentum: 0.9}``, as a trial receives it.
"""

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from sweepwright.diagnostics import Code, Report
from sweepwright.events import Assignment
from sweepwright.space import NAME_KEY, Misfit, SearchSpace

from ..stages import Places, StartDraft


def read_start(
    drafts: Sequence[StartDraft], space: SearchSpace, places: Places, report: Report
) -> tuple[Assignment, ...]:
    """Complete every assignment, reporting each value that the space does not hold."""
    sound = []
    for draft in drafts:
        misfits = space.misfits(draft.values, complete=True)
        for misfit in misfits:
            _report(misfit, draft, space, places, report)
        if not misfits:
            sound.append(space.completed(draft.values))
    return tuple(sound)


def _report(
    misfit: Misfit, draft: StartDraft, space: SearchSpace, places: Places, report: Report
) -> None:
    what = f"`{'.'.join(misfit.path)}`" if misfit.path else "the assignment"
    at = (*draft.origin, *misfit.path)
    stranger = misfit.message.startswith("is no parameter")
    span = places.key(at) if stranger else places.value(at)
    way_out = None
    if stranger:
        way_out = _instead(misfit.path[-1], {p.path[-1] for p in space.parameters})
    elif misfit.message.startswith("is missing"):
        way_out = "give it a value here, or a default in the space"
    elif NAME_KEY in misfit.message:
        way_out = f"write `{{{NAME_KEY}: …}}`, with what the branch has beside it"
    report.error(Code.BAD_START, f"{what} {misfit.message}", span, help=way_out)


def _instead(key: str, known: Collection[str]) -> str:
    if key in known:
        return "leave it out, or choose what activates it"
    near = get_close_matches(key, known, n=1)
    return f"did you mean `{near[0]}`?" if near else "leave it out"
