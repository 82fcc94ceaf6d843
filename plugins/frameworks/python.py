"""The framework ``python``: any Python file or module, without a library."""

from dataclasses import dataclass

from sweepwright.contracts import Attempt, FrameworkProvider, Job, TrialCode
from sweepwright.hooks import hookimpl

from .lowering import lower_as_is


@dataclass(frozen=True, slots=True)
class PythonOptions:
    """Options of ``framework=python``."""

    preload: tuple[str, ...] = ()
    """Installed modules to import once, before trials start, instead of in every trial."""
    fork_safe: bool = True
    """Whether to fork a process that imported `preload`; set false if these modules compute."""


class Python:
    """Runs Python code without preparation."""

    def __init__(self, options: PythonOptions) -> None:
        self._options = options

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt."""
        options = self._options
        return lower_as_is(code, attempt, preload=options.preload, fork_safe=options.fork_safe)


@hookimpl
def sweep_frameworks() -> list[FrameworkProvider[PythonOptions]]:
    """Offer ``framework=python``."""
    return [
        FrameworkProvider("python", PythonOptions, Python, "Python code that needs no framework")
    ]
