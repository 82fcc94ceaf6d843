"""Check that the parameters on which checkpoints depend are written as the space has them."""

from difflib import get_close_matches

from sweepwright.diagnostics import Code, Report

from ..stages import Assembled


def check_structure(assembled: Assembled, report: Report) -> None:
    """Warn of a name that is nearly a parameter's; others may be for other spaces."""
    spaced = assembled.spaced
    if assembled.code is None or not spaced.whole:
        return
    known = [parameter.name for parameter in spaced.space.parameters]
    for place, name in enumerate(assembled.code.structure):
        near = get_close_matches(name, known, n=1)
        if name not in known and near and near[0] not in assembled.code.structure:
            span = spaced.bound.resolved.places.value(("trial", "structure", place))
            message = f"no parameter is called `{name}`"
            note = "checkpoints depend on it, as `trial.structure` has it"
            way_out = f"did you mean `{near[0]}`?"
            report.warn(Code.UNKNOWN_STRUCTURE, message, span, notes=(note,), help=way_out)
