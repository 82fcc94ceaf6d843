"""What plugins implement and what they exchange with the core: the import path of plugins.

`protocols` says what a tuner, an assessor, a framework and a platform do; `providers` says how
a hook offers one. The values that these exchange are defined where trials and other tools can
import them too, and are repeated here.
"""

from ..budgets import Bracket, Budget, Rung
from ..events import Assignment, Attempt, Event, Failure, FailureKind, Suggestion
from ..jobs import (
    Capability,
    Command,
    Ended,
    Entry,
    Job,
    JobEvent,
    Launched,
    Output,
    PythonFile,
    PythonModule,
    Role,
    TrialCode,
    Waiting,
)
from .protocols import Assessor, Framework, Platform, PluginError, Problem, Tuner, Workspace
from .providers import (
    ALL_DOMAINS,
    AssessorProvider,
    Finding,
    FrameworkProvider,
    Package,
    PlatformProvider,
    Provider,
    TunerProvider,
)

__all__ = [
    "ALL_DOMAINS",
    "Assessor",
    "AssessorProvider",
    "Assignment",
    "Attempt",
    "Bracket",
    "Budget",
    "Capability",
    "Command",
    "Ended",
    "Entry",
    "Event",
    "Failure",
    "FailureKind",
    "Finding",
    "Framework",
    "FrameworkProvider",
    "Job",
    "JobEvent",
    "Launched",
    "Output",
    "Package",
    "Platform",
    "PlatformProvider",
    "PluginError",
    "Problem",
    "Provider",
    "PythonFile",
    "PythonModule",
    "Role",
    "Rung",
    "Suggestion",
    "TrialCode",
    "Tuner",
    "TunerProvider",
    "Waiting",
    "Workspace",
]
