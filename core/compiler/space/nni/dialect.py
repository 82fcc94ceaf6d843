"""How a space of NNI's is to be read, which its versions disagreed on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sweepwright.diagnostics import Code, Span

from ...stages import Bound
from ..syntax.drafts import Drafts


@dataclass(frozen=True, slots=True)
class TunerTraits:
    """What a tuner makes of a space of NNI's that another makes something else of."""

    batch: bool = False
    """Whether it is told what to try, so that a single choice of assignments is a batch."""
    q_is_count: bool = False
    """Whether it has levels, whose number the oldest NNI gave as `q`."""


def tuner_traits(bound: Bound) -> TunerTraits:
    """Tell by its options what the tuner of a sweep is like."""
    tuner = bound.tuner
    options = tuner.selection.options if tuner else {}
    return TunerTraits("assignments" in options, "levels" in options)


@dataclass(frozen=True, slots=True)
class NniDialect:
    """Which version's meaning is meant, and what its unnamed parameters are called."""

    v0: bool = False
    """Whether it is that of NNI before 0.8."""
    q_is_count: bool = False
    """Whether `q` is the number of values, as it was to the grid search of that version."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By branch: the names of the parameters that its list has."""
    branches: dict[str, int] = field(default_factory=dict)
    """The branches written as lists so far, with how many parameters each has."""

    def names_of(self, branch: str, count: int) -> tuple[str, ...]:
        """Name the parameters of a branch that is written as a list."""
        given = self.names.get(branch, ())
        if self.branches.get(branch) in (None, len(given)):
            self.branches[branch] = count
        if len(given) == count:
            return given
        return ("value",) if count == 1 else tuple(f"value_{k}" for k in range(1, count + 1))


def is_spec(value: Any) -> bool:
    """Tell whether a value is a domain as NNI writes it."""
    return isinstance(value, Mapping) and ("_type" in value or "_value" in value)


def report_nni_error(drafts: Drafts, message: str, span: Span, help_: str | None = None) -> None:
    """Report what NNI would not have understood, or not as it was meant."""
    drafts.error(Code.BAD_NNI_SPACE, message, span, help_)
