"""Weigh: some findings are silenced, and where the sweep is strict all others are errors.

Before: what the passes reported, and ``silence: {T105: "kept for the next version"}``.
After: the same, each as severe as the user has it.
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
    """Silence what the settings say, and make errors of other warnings if they say so."""
    for code, reason in resolved.settings.silence.items():
        _check_silence(code, reason, resolved, report)
    return [_weighed(found, resolved) for found in report]


def _check_silence(code: str, reason: str, resolved: Resolved, report: Report) -> None:
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


def _weighed(found: Diagnostic, resolved: Resolved) -> Diagnostic:
    settings = resolved.settings
    if found.severity is not Severity.WARNING:
        return found
    if reason := settings.silence.get(found.code.value):
        notes = (*found.notes, f"silenced: {reason}")
        return replace(found, severity=Severity.SILENCED, notes=notes)
    if settings.strict:
        notes = (*found.notes, "a warning, of which `strict` makes an error")
        return replace(found, severity=Severity.ERROR, notes=notes)
    return found
