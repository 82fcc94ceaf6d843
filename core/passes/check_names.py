"""Check the names of parameters against one another, in branches beside and around them."""

from collections.abc import Collection, Iterator

from sweepwright.diagnostics import Code, Report
from sweepwright.space import Parameter

from ..stages import Draft, Drafted
from .resolve_names import scopes


def check_names(drafted: Drafted, report: Report) -> None:
    """Warn of names that are one for the reader of a trial, and several for the tuner."""
    places = drafted.bound.resolved.places
    by_path: dict[tuple[str, ...], Draft] = {}
    names = {draft.parameter.name for draft in drafted.parameters}
    for draft in drafted.parameters:
        parameter = draft.parameter
        other = by_path.setdefault(parameter.path, draft).parameter
        span = places.key(draft.origin)
        if type(other.domain) is not type(parameter.domain):
            message = (
                f"trials find `{parameter.name}` where they find `{other.name}`, "
                "which is of another kind"
            )
            report.warn(Code.COLLIDING_NAMES, message, span, help="give one of them another name")
        for outer in _shadowed(parameter, names):
            message = f"`{parameter.name}` has the name of `{outer}`, which expressions here miss"
            report.warn(Code.SHADOWED_NAME, message, span, help="give one of them another name")


def _shadowed(parameter: Parameter, names: Collection[str]) -> Iterator[str]:
    prefix, dot, key = parameter.name.rpartition(".")
    around = list(scopes(f"{prefix}{dot}"))[1:] if prefix else []
    yield from (f"{scope}{key}" for scope in around if f"{scope}{key}" in names)
