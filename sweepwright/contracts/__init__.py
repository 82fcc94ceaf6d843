"""Import path of plugins: the protocols that they implement, and values exchanged with the core.

`protocols` defines the methods of a tuner, an assessor, a framework and a platform. `providers`
defines how a hook offers a plugin of each kind. The exchanged values are defined in modules that
trials and other tools can import too, and are re-exported here.
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
    Refused,
    Role,
    TrialCode,
    Waiting,
)
from .attempt_files import AttemptFile, AttemptFiles, AttemptRef
from .beliefs import Belief, Believer, Prediction
from .protocols import Assessor, Framework, Platform, PluginError, Problem, Tuner, Workspace
from .providers import (
    ALL_DOMAINS,
    AssessorProvider,
    Finding,
    FrameworkProvider,
    Package,
    PlatformProvider,
    ProbeRequest,
    Provider,
    TunerProvider,
)
from .shipment import Shipment, ShippedFile, WithheldFile

__all__ = [
    "ALL_DOMAINS",
    "Assessor",
    "AssessorProvider",
    "Assignment",
    "Attempt",
    "AttemptFile",
    "AttemptFiles",
    "AttemptRef",
    "Belief",
    "Believer",
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
    "Prediction",
    "ProbeRequest",
    "Problem",
    "Provider",
    "PythonFile",
    "PythonModule",
    "Refused",
    "Role",
    "Rung",
    "Shipment",
    "ShippedFile",
    "Suggestion",
    "TrialCode",
    "Tuner",
    "TunerProvider",
    "Waiting",
    "WithheldFile",
    "Workspace",
]
