"""A trial's source, read by its syntax tree: nothing of it is imported or run."""

from .analyze import Source, read_trial
from .facts import BUDGETS, Facts, Path, Read, ReportCall, SourceSpan
from .imports import Locate

__all__ = [
    "BUDGETS",
    "Facts",
    "Locate",
    "Path",
    "Read",
    "ReportCall",
    "Source",
    "SourceSpan",
    "read_trial",
]
