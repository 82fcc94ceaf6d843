"""The dialects of NNI's search space: what each version meant by the same text.

``v0`` is NNI up to 0.7: ``randint`` has an upper bound alone, ``quniform`` and ``qloguniform``
are not clipped to their bounds, grid search takes `q` for the number of values, and branches are
lists. ``v1`` is NNI since 1.0: ``randint`` has both bounds, values are clipped, `q` is always a
step, and branches carry a ``_name``. NNI 0.8 and 0.9 have the branches and the ``randint`` of
``v1`` and the rest of ``v0``; neither dialect is theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sweepwright.diagnostics import Code, Span

from ...stages import Bound
from ..syntax.drafts import Drafts


@dataclass(frozen=True, slots=True)
class TunerTraits:
    """The properties of a tuner on which the meaning of an NNI space depends."""

    batch: bool = False
    """Whether it tries given assignments, so that a single choice of assignments is a batch."""
    q_is_count: bool = False
    """Whether it is a grid search, which in ``v0`` took `q` for the number of values."""


def tuner_traits(bound: Bound) -> TunerTraits:
    """Derive the traits of the tuner of a sweep from the names of its options."""
    tuner = bound.tuner
    options = tuner.selection.options if tuner else {}
    return TunerTraits("assignments" in options, "levels" in options)


@dataclass(frozen=True, slots=True)
class NniDialect:
    """The version whose meaning applies, and the names of parameters that it leaves unnamed."""

    v0: bool = False
    """Whether it is the dialect of NNI up to 0.7."""
    q_is_count: bool = False
    """Whether `q` is the number of values, as in grid search of NNI before 1.0."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By branch: the names for the parameters in its list."""
    branches: dict[str, int] = field(default_factory=dict)
    """By branch written as a list: its number of parameters. Filled while drafting."""

    def names_of(self, branch: str, count: int) -> tuple[str, ...]:
        """Return names for the parameters of a branch that is written as a list."""
        given = self.names.get(branch, ())
        # A branch may occur in several choices. Keep the first count that differs from the names
        # given, so that the mismatch is reported once.
        if self.branches.get(branch) in (None, len(given)):
            self.branches[branch] = count
        if len(given) == count:
            return given
        return ("value",) if count == 1 else tuple(f"value_{k}" for k in range(1, count + 1))


def is_spec(value: Any) -> bool:
    """Tell whether a value is a domain in NNI's notation."""
    return isinstance(value, Mapping) and ("_type" in value or "_value" in value)


def report_nni_error(drafts: Drafts, message: str, span: Span, help_: str | None = None) -> None:
    """Report an error in an NNI space, which NNI would have rejected or misunderstood."""
    drafts.error(Code.BAD_NNI_SPACE, message, span, help_)
