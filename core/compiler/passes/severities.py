"""Severities: `silence` hides chosen warnings, and `strict` turns all other warnings into errors.

Before: warnings T105 and P110, ``silence: {T105: "kept for the next version"}``, ``strict: true``.
After: T105 is silenced, with the reason as a note, and P110 is an error.

This pass runs last, so that it applies to the findings of every pass.
"""

from dataclasses import replace

from sweepwright.diagnostics import (
    WARNINGS,
    Code,
    Diagnostic,
    Report,
    Severity,
    did_you_mean,
)

from ..stages import Resolved


def apply_severity_policy(resolved: Resolved, report: Report) -> list[Diagnostic]:
    """Return the findings, each with the severity that the settings give it."""
    # The entries of `silence` are checked first, since this may add findings.
    for code, reason in resolved.settings.silence.items():
        _check_silenced(code, reason, resolved, report)
    return [_with_policy(found, resolved) for found in report]


def _check_silenced(code: str, reason: str, resolved: Resolved, report: Report) -> None:
    known = sorted(warning.value for warning in WARNINGS)
    key = resolved.spans.key(("silence", code))
    if code not in {member.value for member in Code}:
        message = f"no finding has the code `{code}`"
        report.error(Code.BAD_SILENCE, message, key, help=did_you_mean(code, known))
    elif code not in known:
        message = f"`{code}` is an error, which cannot be silenced"
        report.error(Code.BAD_SILENCE, message, key)
    if not reason.strip():
        span = resolved.spans.value(("silence", code))
        message = f"`{code}` is silenced without a reason"
        report.error(Code.BAD_SILENCE, message, span, help=f'give `{code}: "the reason why"`')


def _with_policy(found: Diagnostic, resolved: Resolved) -> Diagnostic:
    settings = resolved.settings
    if found.severity is not Severity.WARNING:
        return found
    # `silence` comes before `strict`: whoever gave a reason has decided to accept the warning.
    if reason := settings.silence.get(found.code.value):
        notes = (*found.notes, f"silenced: {reason}")
        return replace(found, severity=Severity.SILENCED, notes=notes)
    if settings.strict:
        notes = (*found.notes, "`strict` turns this warning into an error")
        return replace(found, severity=Severity.ERROR, notes=notes)
    return found
