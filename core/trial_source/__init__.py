"""A trial's source, read by its syntax tree: nothing of it is imported or run."""

from .api import BUDGETS
from .elsewhere import Locate
from .facts import Facts, Path, Read, Sent, Spot
from .read_trial import Source, read_trial

__all__ = ["BUDGETS", "Facts", "Locate", "Path", "Read", "Sent", "Source", "Spot", "read_trial"]
