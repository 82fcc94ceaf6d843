"""The ladders of a sweep as text."""

from collections.abc import Iterator

from .climbs import RungCount, begun_anew, count_rungs
from .history import History
from .wording import number


def rung_table(history: History) -> list[tuple[str, ...]]:
    """List the rungs of each bracket, below a head; columns that hold nothing are left out."""
    counted = count_rungs(history)
    if not any(rung.begun for rungs in counted for rung in rungs):
        return []
    plan = history.plan
    unit = plan.budget.unit if plan.budget else "budget"
    head = ("bracket", unit, "trials", *_STATES, "best")
    rows = [
        (str(place) if rung is rungs[0] else "", *_cells(rung, history))
        for place, rungs in enumerate(counted)
        for rung in rungs
    ]
    columns = list(zip(head, *rows, strict=True))
    told = [column for column in columns if any(cell for cell in column[1:])]
    return list(zip(*told, strict=True))


_STATES = ("under way", "went on", "may go on", "stayed", "failed", "stopped")


def _cells(rung: RungCount, history: History) -> Iterator[str]:
    yield f"{rung.budget:g}"
    yield f"{rung.begun:,}"
    for state in _STATES:
        count: int = getattr(rung, state.replace(" ", "_"))
        yield f"{count:,}" if count else ""
    yield number(None if rung.best is None else history.plan.objective.minimised(rung.best))


def anew_line(history: History) -> list[str]:
    """Say what it cost that trials began anew; nothing where none did."""
    anew, budget = begun_anew(history), history.plan.budget
    if not (anew.trials and budget):
        return []
    which = f"{anew.trials} of {anew.of} that inherited a checkpoint began anew"
    return [f"{which}: {anew.budget:g} {budget.unit} were spent twice"]
