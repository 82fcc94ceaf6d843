"""Write a search space as YAML in the call form, however it was spelt before."""

from collections.abc import Iterator, Sequence

from sweepwright._call_form import literal
from sweepwright.events import Assignment
from sweepwright.space import Categorical, Derived, Nested, Parameter, SearchSpace

from .passes.spellings.formulas import is_formula
from .writing_order import Branch, writing_order
from .written_yaml import flow, key, scalar, word


def write_space(
    space: SearchSpace, start: Sequence[Assignment] = (), *, oldest: bool = False
) -> str:
    """Write a space as a file of the group ``space``, which compiles to an equal one.

    Parameters
    ----------
    start
        Assignments that are tried first.
    oldest
        Whether trials receive assignments in the form that NNI had before its version 0.8.
    """
    lines = [
        *_Writer(space).section(None, ""),
        *_listed("constraints", [scalar(str(constraint)) for constraint in space.constraints]),
        *_listed("start", [flow(assignment) for assignment in start]),
        *(["nni: {version: v0, space: {}}"] if oldest else []),
    ]
    return "\n".join(lines) + "\n"


def _listed(name: str, items: Sequence[str]) -> list[str]:
    return [f"{name}:", *(f"  - {item}" for item in items)] if items else []


class _Writer:
    """Writes what is in each branch under it."""

    def __init__(self, space: SearchSpace) -> None:
        self._inside = writing_order(space)

    def section(self, branch: Branch, indent: str) -> Iterator[str]:
        """Write all that is in a branch, or outside of any."""
        for item in self._inside.get(branch, ()):
            name = f"{indent}{key(item.path[-1])}:"
            match item:
                case Parameter(domain=Nested() as domain):
                    yield name
                    yield from self._nested(item, domain, f"{indent}  ")
                case Parameter():
                    yield f"{name} {scalar(_parameter(item))}"
                case Derived():
                    yield f"{name} {_derived(item)}"

    def _nested(self, parameter: Parameter, domain: Nested, indent: str) -> Iterator[str]:
        yield f"{indent}choice:"
        for index, branch in enumerate(domain.branches):
            inside = list(self.section((parameter.name, index), f"{indent}    "))
            yield f"{indent}  {key(branch)}:{'' if inside else ' {}'}"
            yield from inside
        if domain.weights:
            pairs = zip(domain.branches, domain.weights, strict=True)
            weights = ", ".join(
                f"{key(branch)}: {repr(w).removesuffix('.0')}" for branch, w in pairs
            )
            yield f"{indent}weights: {{{weights}}}"
        if parameter.default is not None:
            yield f"{indent}default: {word(parameter.default)}"
        if parameter.condition is not None:
            yield f"{indent}when: {scalar(str(parameter.condition))}"


def _parameter(parameter: Parameter) -> str:
    """Write a parameter that is no nested choice; a number that never changes stands alone."""
    condition = "" if parameter.condition is None else f" when {parameter.condition}"
    match parameter:
        case Parameter(
            domain=Categorical((bool() | int() | float() as fixed,), None), default=None
        ):
            if not (condition and parameter.path[-1] in _TAKEN):
                return f"{literal(fixed)}{condition}"
    default = "" if parameter.default is None else f" = {literal(parameter.default)}"
    return f"{parameter.domain}{default}{condition}"


_TAKEN = ("when", "constraints")
"""Names under which a text that is no call means something else."""


def _derived(derived: Derived) -> str:
    """Write a derived value, as a table where its text alone would not tell that it is one."""
    formula, condition = str(derived.expression), derived.condition
    if is_formula(formula) and derived.path[-1] not in _TAKEN:
        return scalar(formula if condition is None else f"{formula} when {condition}")
    when = "" if condition is None else f", when: {flow(str(condition))}"
    return f"{{type: derived, value: {flow(formula)}{when}}}"
