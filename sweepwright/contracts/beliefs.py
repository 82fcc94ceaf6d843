"""What a tuner believes about the objective: its predicted best, and the parameters that matter.

A tuner that fits a model believes more than it has measured. Where measurements are noisy, the
assignment that the model predicts to be best is a better choice than the one that was measured
best (R. B. Gramacy and H. K. H. Lee, 2011, arXiv:1009.5102, compare such choices).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..events import Assignment


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a tuner's model predicts for an assignment."""

    assignment: Assignment
    mean: float
    """Predicted measurement; minimised, as `Measured.value` is."""
    deviation: float
    """Standard deviation of the predicted measurement's mean, without the noise of a measurement;
    in the unit of `mean`, and not negative."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What a tuner believes after the events that it was told."""

    best: Prediction | None
    """The assignment whose predicted measurement is lowest; None if there is no prediction."""
    importance: Mapping[str, float]
    """Mapping from parameter to the share of the objective's variance, from 0 to 1, in which the
    parameter takes part (total effect). Empty if unknown; a parameter that is left out has 0."""


class Believer(Protocol):
    """A tuner that can say what it believes; its provider has `TunerProvider.believes`."""

    def belief(self) -> Belief | None:
        """Return what the tuner believes now; None if it has been told too few results.

        Like ``ask``, the call changes no lasting state, and its result depends only on the
        options, the problem and the events told.
        """
        ...
