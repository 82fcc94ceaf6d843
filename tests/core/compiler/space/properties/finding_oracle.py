"""Check findings about conditions and constraints against rows that the oracle computed."""

import re
from collections.abc import Iterator, Mapping, Sequence

from sweepwright.diagnostics import Code, Diagnostic
from sweepwright.expressions import Expression
from tests.core.compiler.space.properties.model import Choice, Section, SpaceModel
from tests.core.compiler.space.properties.oracle import Row, violated_expressions
from tests.sweepwright.expressions.reference_evaluator import evaluate

Sources = Mapping[str, Sequence[tuple[Expression, Section]]]
"""Mapping from a source text to the expressions with this text, each with its section."""


def agrees(found: Diagnostic, space: SpaceModel, rows: Sequence[Row], sources: Sources) -> bool:
    """Tell whether no row contradicts a finding."""
    quoted = "".join(re.findall(r"`(.*)`", found.message))
    # Messages are joined to one line, even if they quote names with line breaks.
    candidates = [
        one for text, ones in sources.items() if on_one_line(text) == quoted for one in ones
    ]
    match found.code:
        case Code.NEVER_ACTIVE if found.message.endswith("is never active"):
            named = [slot.name for slot in space.order if on_one_line(slot.name) == quoted]
            return any(all(row.get(name) is None for row in rows) for name in named)
        case Code.NEVER_ACTIVE:
            branch, _, name = quoted.partition("` of `")
            taken = list(_conditions_of_branches(space, name, branch))
            return any(not any(evaluate(one, row) is True for row in rows) for one in taken)
        case Code.ALWAYS_ACTIVE:
            return any(all(_holds(each, row) for row in rows) for each in candidates)
        case Code.UNSATISFIABLE_CONSTRAINT if quoted:
            return any(all(evaluate(one, row) is False for row in rows) for one, _ in candidates)
        case Code.UNSATISFIABLE_CONSTRAINT:
            return all(violated_expressions(space, row) for row in rows)
        case Code.IDLE_CONSTRAINT:
            return any(
                all(evaluate(one, row) is not False for row in rows) for one, _ in candidates
            )
    return True


def on_one_line(text: str) -> str:
    """Join the lines of a text, as the report joins the lines of a message."""
    return " ".join(f"{text}|".splitlines()).removesuffix("|")


def _conditions_of_branches(space: SpaceModel, name: str, branch: str) -> Iterator[Expression]:
    for slot in space.order:
        for each in slot.entry.branches if isinstance(slot.entry, Choice) else ():
            if on_one_line(f"{each.name}` of `{slot.name}") == f"{branch}` of `{name}":
                assert each.condition
                yield each.condition


def _holds(located: tuple[Expression, Section], row: Row) -> bool:
    """Tell whether a condition is true, or its branch is not taken."""
    condition, section = located
    outside = section.parent is not None and row.get(section.parent) != section.branch
    return outside or evaluate(condition, row) is True
