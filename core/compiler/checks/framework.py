"""Check that the framework can do its work: with the trial's roles, and where trials run."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, TypeVar

from sweepwright.contracts import Package
from sweepwright.diagnostics import Code, Report

from ...registry.options import build_options
from ...registry.registry import Registry
from ..passes.provider_calls import ask_plugin
from ..stages import Assembled, BoundFramework, BoundProvider

T = TypeVar("T")

_FIND = """
import sys
from importlib.util import find_spec
print(*(name for name in sys.argv[1:] if find_spec(name) is None))
"""
_SECONDS = 30


def check_framework(
    framework: BoundFramework, assembled: Assembled, registry: Registry, report: Report
) -> None:
    """Report what the framework finds in the trial, and packages that it lacks."""
    if framework.options_valid:
        _Check(framework, assembled, registry, report).all()


class _Check:
    """Holds one framework against one sweep."""

    def __init__(
        self, framework: BoundFramework, assembled: Assembled, registry: Registry, report: Report
    ) -> None:
        self._framework = framework
        self._assembled = assembled
        self._registry = registry
        self._report = report
        self._spans = assembled.spaced.bound.resolved.spans

    def all(self) -> None:
        self._check_code()
        self._check_packages()

    def _check_code(self) -> None:
        test, code = self._framework.provider.check_code, self._assembled.code
        if test is None or code is None:
            return
        found = self._ask(self._framework, lambda options: list(test(options, code)))
        for finding in found or ():
            span = self._spans.value(("trial", *finding.path))
            self._report.error(Code.BAD_ROLE, finding.message, span, help=finding.help)

    def _check_packages(self) -> None:
        """Look for packages where trials run, if that is known."""
        needed = self._framework.provider.packages
        python = self._python()
        if needed is None or python is None:
            return
        packages = self._ask(self._framework, lambda options: list(needed(options)))
        missing = self._missing(packages or [], python)
        if missing:
            self._report_missing(missing, python)

    def _python(self) -> str | None:
        """Find the interpreter of trials; None where it is not on this machine."""
        platform = self._assembled.spaced.bound.platform
        if platform is None or not platform.options_valid or platform.provider.python is None:
            return None
        return self._ask(platform, platform.provider.python)

    def _missing(self, packages: Sequence[Package], python: str) -> list[Package]:
        if python == sys.executable:
            return [package for package in packages if find_spec(package.module) is None]
        try:
            absent = _ask_interpreter(python, [package.module for package in packages])
        except (OSError, subprocess.SubprocessError) as error:
            span = self._spans.value(("platform", "python"))
            message = f"`{python}` cannot be run as a Python interpreter: {_said(error)}"
            self._report.error(Code.MISSING_FILE, message, span)
            return []
        return [package for package in packages if package.module in absent]

    def _report_missing(self, missing: Sequence[Package], python: str) -> None:
        *others, last = (f"`{package.module}`" for package in missing)
        names = f"{', '.join(others)} and {last}" if others else last
        verb = "is" if len(missing) == 1 else "are"
        ours = python == sys.executable
        where = "" if ours else f" for `{python}`"
        wanted = " ".join(f"'{package.install}'" for package in missing)
        pip = f"pip install {wanted}" if ours else f"{python} -m pip install {wanted}"
        self._report.error(
            Code.MISSING_PACKAGE,
            f"`{self._framework}` needs {names}, which {verb} not installed{where}",
            self._spans.value(self._framework.name_path),
            help=f"run `{pip}`",
        )

    def _ask(self, chosen: BoundProvider[Any], question: Callable[[Any], T]) -> T | None:
        def ask() -> T:
            return question(build_options(chosen.provider.options, chosen.selection.options))

        return ask_plugin(ask, chosen, self._registry, self._assembled.spaced, self._report)


def _ask_interpreter(python: str, modules: Sequence[str]) -> list[str]:
    """Ask another interpreter which modules it lacks."""
    run = subprocess.run(
        [python, "-P", "-c", _FIND, *modules],  # without the working directory, as for trials
        check=True,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    return run.stdout.split()


def _said(error: OSError | subprocess.SubprocessError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
