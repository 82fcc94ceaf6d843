"""The framework ``script``: programs in any language that use the wire format."""

from dataclasses import dataclass

from sweepwright.contracts import Attempt, FrameworkProvider, Job, TrialCode
from sweepwright.hooks import hookimpl

from .lowering import lower_as_is


@dataclass(frozen=True, slots=True)
class ScriptOptions:
    """Options of ``framework=script``, which has no options."""


class Script:
    """Runs programs without preparation."""

    def __init__(self, options: ScriptOptions) -> None:
        """Accept the options, which are empty."""

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt."""
        return lower_as_is(code, attempt)


@hookimpl
def sweep_frameworks() -> list[FrameworkProvider[ScriptOptions]]:
    """Offer ``framework=script``."""
    return [
        FrameworkProvider("script", ScriptOptions, Script, "any program that uses the wire format")
    ]
