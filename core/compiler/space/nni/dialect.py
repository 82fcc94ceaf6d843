"""The dialects of NNI's search space: how different versions interpret the same text.

``v0`` is the dialect of NNI up to 0.7: ``randint`` has only an upper bound, ``quniform`` and
``qloguniform`` are not clipped to their bounds, grid search interprets `q` as the number of
values, and branches are lists. ``v1`` is the dialect of NNI since 1.0: ``randint`` has two bounds,
values are clipped, `q` is always a step, and branches have a ``_name``. NNI 0.8 and 0.9 treat
branches and ``randint`` as ``v1`` does and everything else as ``v0`` does; no dialect corresponds
to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sweepwright.diagnostics import Code, Span

from ...stages import Bound
from ..syntax.drafts import Drafts


@dataclass(frozen=True, slots=True)
class TunerTraits:
    """The properties of a tuner that affect the interpretation of an NNI space."""

    batch: bool = False
    """Whether the tuner tries given assignments, so that an NNI space may be a batch."""
    q_is_count: bool = False
    """Whether the tuner is a grid search, which in ``v0`` reads `q` as a number of values."""


def tuner_traits(bound: Bound) -> TunerTraits:
    """Derive the traits of a tuner from the names of its options."""
    # A tuner is recognised by its options and not by its name, so that a grid search of a plugin
    # counts as well.
    tuner = bound.tuner
    options = tuner.selection.options if tuner else {}
    return TunerTraits("assignments" in options, "levels" in options)


@dataclass(frozen=True, slots=True)
class NniDialect:
    """The version of NNI that applies, and names for the parameters in list branches."""

    v0: bool = False
    """Whether this is the dialect of NNI up to 0.7."""
    q_is_count: bool = False
    """Whether `q` is the number of values, as it was for grid search before NNI 1.0."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Mapping from each branch that is written as a list to the names for its parameters."""
    branches: dict[str, int] = field(default_factory=dict)
    """Mapping from each branch that is written as a list to its number of parameters.

    The mapping is filled while the space is drafted.
    """

    def names_of(self, branch: str, count: int) -> tuple[str, ...]:
        """Return the names for the parameters of a branch that is written as a list."""
        given = self.names.get(branch, ())
        # A branch may occur in several choices. Keep the first count that differs from the number
        # of given names, so that the mismatch is reported once.
        if self.branches.get(branch) in (None, len(given)):
            self.branches[branch] = count
        if len(given) == count:
            return given
        # NNI delivers these parameters by position, but here each parameter needs a name.
        return ("value",) if count == 1 else tuple(f"value_{k}" for k in range(1, count + 1))


def is_spec(value: Any) -> bool:
    """Tell whether a value is a domain in NNI's notation."""
    return isinstance(value, Mapping) and ("_type" in value or "_value" in value)


def report_nni_error(drafts: Drafts, message: str, span: Span, help_: str | None = None) -> None:
    """Report an error in an NNI space that NNI would have rejected or misinterpreted."""
    drafts.error(Code.BAD_NNI_SPACE, message, span, help_)
