"""Checks of the framework: whether it accepts the trial's roles and its packages are installed."""

from sweepwright.diagnostics import Code, Report

from ...plan.machine_needs import interpreter_finding
from ..passes.provider_calls import call_provider
from ..stages import Assembled, BoundFramework


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
    """Report an interpreter of trials that does not run, or lacks packages of the framework."""
    framework = _framework(assembled)
    python = interpreter_of(assembled, report)
    if framework is None or python is None:
        return
    list_packages = framework.provider.packages or (lambda _: ())
    needed = call_provider(
        lambda options: list(list_packages(options)), framework, assembled.spaced, report
    )
    found = interpreter_finding(needed or [], python, str(framework))
    if found:
        lacks_packages = found.code is Code.MISSING_PACKAGE
        path = framework.name_path if lacks_packages else ("platform", "python")
        report.add(found, assembled.spans.value(path))


def _framework(assembled: Assembled) -> BoundFramework | None:
    framework = assembled.bound.framework
    return framework if framework and framework.options_valid else None


def interpreter_of(assembled: Assembled, report: Report) -> str | None:
    """Return the interpreter that runs trials; return None if it is not on this machine."""
    platform = assembled.bound.platform
    if platform is None or not platform.options_valid or platform.provider.python is None:
        return None
    return call_provider(platform.provider.python, platform, assembled.spaced, report)
