"""Report that what some names depend on depends on them in turn."""

from collections.abc import Mapping, Sequence

from sweepwright.diagnostics import Code, Report

from .resolve_names import Named


def report_circle(circle: Sequence[str], said: Mapping[str, Named], report: Report) -> None:
    """Report a circle at the first of its members of which something was said."""
    named = next(said[name] for name in circle if name in said)
    named_ones = [f"`{name}`" for name in (*circle, circle[0])]
    message = f"{named_ones[0]} depends on {', which depends on '.join(named_ones[1:])}"
    if len(circle) == 1:
        message = f"{named_ones[0]} depends on itself"
    span = named.written.at(0, len(named.written.text))
    report.error(Code.CYCLE, message, span, help="let one of them depend on nothing else")
