"""Tells whether what the compiler claims of conditions and constraints is so in some rows."""

import re
from collections.abc import Iterator, Mapping, Sequence

from sweepwright.diagnostics import Code, Diagnostic
from sweepwright.expressions import Expression
from tests.core.compiler.space.properties.meant import Choice, Section, Space
from tests.core.compiler.space.properties.reference import Row, broken
from tests.sweepwright.expressions.trees import compute

Spoken = Mapping[str, Sequence[tuple[Expression, Section]]]
"""By text: the expressions that it may stand for, with the sections that they are in."""


def is_true(found: Diagnostic, space: Space, rows: Sequence[Row], spoken: Spoken) -> bool:
    """Tell whether a finding agrees with assignments that were drawn without the compiler."""
    quoted = "".join(re.findall(r"`(.*)`", found.message))
    # A message has one line, whatever names it quotes.
    said = [one for text, ones in spoken.items() if on_one_line(text) == quoted for one in ones]
    match found.code:
        case Code.NEVER_ACTIVE if found.message.endswith("is never active"):
            named = [seat.name for seat in space.order if on_one_line(seat.name) == quoted]
            return any(all(row.get(name) is None for row in rows) for name in named)
        case Code.NEVER_ACTIVE:
            branch, _, name = quoted.partition("` of `")
            taken = list(_conditions_of_branches(space, name, branch))
            return any(not any(compute(one, row) is True for row in rows) for one in taken)
        case Code.ALWAYS_ACTIVE:
            return any(all(_holds(each, row) for row in rows) for each in said)
        case Code.UNSATISFIABLE_CONSTRAINT if quoted:
            return any(all(compute(one, row) is False for row in rows) for one, _ in said)
        case Code.UNSATISFIABLE_CONSTRAINT:
            return all(broken(space, row) for row in rows)
        case Code.IDLE_CONSTRAINT:
            return any(all(compute(one, row) is not False for row in rows) for one, _ in said)
    return True


def on_one_line(text: str) -> str:
    """Join the lines of a text, as the report does."""
    return " ".join(f"{text}|".splitlines()).removesuffix("|")


def _conditions_of_branches(space: Space, name: str, branch: str) -> Iterator[Expression]:
    for seat in space.order:
        for each in seat.entry.branches if isinstance(seat.entry, Choice) else ():
            if on_one_line(f"{each.name}` of `{seat.name}") == f"{branch}` of `{name}":
                assert each.condition
                yield each.condition


def _holds(said: tuple[Expression, Section], row: Row) -> bool:
    """Tell whether a condition holds, or the branch that it is in is not taken."""
    condition, section = said
    outside = section.parent is not None and row.get(section.parent) != section.branch
    return outside or compute(condition, row) is True
