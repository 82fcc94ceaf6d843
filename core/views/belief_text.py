"""Text about what a tuner believes: the assignment that it predicts to be best, and importance."""

from collections.abc import Iterator, Mapping

from sweepwright.contracts import Belief, Prediction
from sweepwright.events import Json

from ..plan.plan import Objective
from ..plan.redaction import mask_body
from ..store.history import History
from .formatting import flatten, format_metric_name, format_number, format_table
from .output import escape_controls

BAR_WIDTH = 30
"""Number of characters of a bar that stands for all of the objective's variance."""
MOST_IMPORTANT = 10
"""Largest number of parameters whose importance is listed."""


def describe_belief(belief: Belief | None, history: History) -> list[list[str]]:
    """Describe what a tuner believes, in sections of lines without an indent."""
    plan, sections = history.plan, list[list[str]]()
    if belief is None:
        # The tuner was asked when the session ended, and could not answer.
        nothing = f"{plan.tuner.name} predicts nothing yet: it has too few results"
        return [[nothing]] if history.stated else []
    if belief.best:
        title = f"best assignment as {plan.tuner.name} predicts it:"
        lines = prediction_lines(belief.best, plan.objective)
        sections.append([title, *lines])
    if any(belief.importance.values()):
        title = f"importance of parameters in the whole space as {plan.tuner.name} sees it:"
        sections.append([title, *_importance_lines(belief.importance)])
    return sections


def prediction_lines(prediction: Prediction, objective: Objective) -> list[str]:
    """List the predicted value and the parameters of an assignment, one per line."""
    mean = format_number(objective.minimised(prediction.mean))
    deviation = format_number(prediction.deviation)
    value = f"predicted mean {mean}, standard deviation {deviation}"
    parameters = [(n, str(v)) for n, v in flatten(mask_body(prediction.assignment))]
    name = format_metric_name(objective)
    width = max(len(escape_controls(n)) for n, _ in [(name, value), *parameters])

    def row(name: str, value: str) -> str:
        return f"  {escape_controls(name):<{width}}  {escape_controls(value)}"

    return [row(name, value), "with parameters", *(row(*each) for each in parameters)]


def prediction_body(belief: Belief, objective: Objective) -> dict[str, Json]:
    """Return as JSON what a tuner believes: the predicted best assignment, and the importance."""
    best = belief.best
    return {
        "value": best and objective.minimised(best.mean),
        "deviation": best and best.deviation,
        "assignment": best and dict(best.assignment),
        "importance": dict(belief.importance),
    }


def _importance_lines(importance: Mapping[str, float]) -> Iterator[str]:
    """Yield a line for each of the most important parameters, with a bar for its share."""
    ranked = sorted(importance.items(), key=lambda item: -item[1])
    shown = [(name, share) for name, share in ranked[:MOST_IMPORTANT] if share > 0]
    rows = [(name, f"{share:.0%}", "█" * round(share * BAR_WIDTH)) for name, share in shown]
    yield from (f"  {line}" for line in format_table(("", "", ""), rows)[1:])
    if (more := len(ranked) - len(shown)) > 0:
        yield f"  and {more:,} less important"
