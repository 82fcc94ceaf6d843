"""Checks of the framework: whether it accepts the trial's roles and its packages are installed."""

import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from sweepwright.contracts import Package
from sweepwright.diagnostics import Code, Report

from ..passes.provider_calls import call_provider
from ..stages import Assembled, BoundFramework

FIND_MISSING = """
import sys
from importlib.util import find_spec
print(*(name for name in sys.argv[1:] if find_spec(name) is None))
"""
"""Program that prints which of the given modules the interpreter of the trials lacks."""
TIMEOUT_SECONDS = 30
"""Time limit of this program. It imports no packages, but a network drive may be slow."""


def check_roles(assembled: Assembled, report: Report) -> None:
    """Let the framework check the roles of the trial, and report its findings."""
    framework, code = _framework(assembled), assembled.code
    if framework is None or code is None or framework.provider.check_code is None:
        return
    check_code = framework.provider.check_code
    found = call_provider(
        lambda options: list(check_code(options, code)), framework, assembled.spaced, report
    )
    for finding in found or ():
        span = assembled.spans.value(("trial", *finding.path))
        report.error(Code.BAD_ROLE, finding.message, span, help=finding.help)


def check_packages(assembled: Assembled, report: Report) -> None:
    """Report packages of the framework that the interpreter of the trials lacks."""
    framework = _framework(assembled)
    python = _interpreter(assembled, report)
    if framework is None or framework.provider.packages is None or python is None:
        return
    list_packages = framework.provider.packages
    needed = call_provider(
        lambda options: list(list_packages(options)), framework, assembled.spaced, report
    )
    try:
        missing = _missing(needed or [], python)
    except (OSError, subprocess.SubprocessError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        message = f"`{python}` cannot be run as a Python interpreter: {reason or error}"
        span = assembled.spans.value(("platform", "python"))
        report.error(Code.MISSING_FILE, message, span)
        return
    if missing:
        _report_missing(missing, python, framework, assembled, report)


def _framework(assembled: Assembled) -> BoundFramework | None:
    framework = assembled.bound.framework
    return framework if framework and framework.options_valid else None


def _interpreter(assembled: Assembled, report: Report) -> str | None:
    """Return the interpreter that runs trials; return None if it is not on this machine."""
    platform = assembled.bound.platform
    if platform is None or not platform.options_valid or platform.provider.python is None:
        return None
    return call_provider(platform.provider.python, platform, assembled.spaced, report)


def _missing(packages: Sequence[Package], python: str) -> list[Package]:
    if python == sys.executable:
        # `find_spec` locates a top-level module without importing it.
        return [package for package in packages if find_spec(package.module) is None]
    run = subprocess.run(
        # `-P` keeps the working directory off Python's path, just as when trials run.
        [python, "-P", "-c", FIND_MISSING, *(package.module for package in packages)],
        check=True,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    absent = run.stdout.split()
    return [package for package in packages if package.module in absent]


def _report_missing(
    missing: Sequence[Package],
    python: str,
    framework: BoundFramework,
    assembled: Assembled,
    report: Report,
) -> None:
    *others, last = (f"`{package.module}`" for package in missing)
    names = f"{', '.join(others)} and {last}" if others else last
    verb = "is" if len(missing) == 1 else "are"
    is_this = python == sys.executable
    where = "" if is_this else f" for `{python}`"
    wanted = " ".join(f"'{package.install}'" for package in missing)
    pip = f"pip install {wanted}" if is_this else f"{python} -m pip install {wanted}"
    message = f"`{framework}` needs {names}, which {verb} not installed{where}"
    span = assembled.spans.value(framework.name_path)
    report.error(Code.MISSING_PACKAGE, message, span, help=f"run `{pip}`")
