"""Render findings and plans, as text for people and as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sweepwright.contracts import Command, Entry, PythonFile, PythonModule, Role
from sweepwright.diagnostics import Diagnostic, Severity, Span
from sweepwright.events import Json
from sweepwright.space import Parameter

from .ir import Plan, Selected
from .options import show

LONGEST_LINE = 96
"""Characters of a source line that are shown; a longer one is cut around the culprit."""


def render_diagnostics(diagnostics: Sequence[Diagnostic], *, color: bool) -> str:
    """Render findings, each with its source line and a caret, and count them at the end."""
    paint = _Paint(color)
    blocks = ["\n".join(_block(found, paint)) for found in diagnostics]
    return "\n\n".join([*blocks, _count(diagnostics)]) + "\n"


def diagnostics_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Render findings as a JSON list."""
    return json.dumps([_body(found) for found in diagnostics], indent=2, ensure_ascii=False)


def render_plan(plan: Plan, submission: Json, by_hand: Sequence[str] = ()) -> str:
    """Render what would run, how trial 0 would be submitted, and how a person would run it."""
    size = plan.space.size
    count = "no end of assignments" if size is None else f"{size} assignments"
    sections = [
        f"plan {plan.fingerprint}",
        f"space  ({len(plan.space)} parameters, {count})",
        *_table([_parameter(parameter) for parameter in plan.space.parameters]),
        *_table(list(_rows(plan)), indent=0),
        "roles",
        *_table([_role(role) for role in plan.code.roles]),
        *(["trial 0 by hand"] if by_hand else []),
        *(f"  {command}" for command in by_hand),
        "submission of trial 0",
        *(f"  {line}" for line in json.dumps(submission, indent=2).splitlines()),
    ]
    return "\n".join(sections) + "\n"


_STYLES = {"red": "31;1", "yellow": "33;1", "blue": "34;1", "bold": "1"}


@dataclass(frozen=True, slots=True)
class _Paint:
    color: bool

    def __call__(self, style: str, text: str) -> str:
        return f"\033[{_STYLES[style]}m{text}\033[0m" if self.color and text else text


def _block(found: Diagnostic, paint: _Paint) -> Iterator[str]:
    tint = "red" if found.severity is Severity.ERROR else "yellow"
    head = paint(tint, f"{found.severity.value}[{found.code.value}]")
    yield f"{head}{paint('bold', f': {found.message}')}"
    span = found.span
    margin = " " * (len(str(span.line)) + 1)
    if span.file:
        yield from _source(found, margin, tint, paint)
    elif span.key:
        yield f"{margin}{paint('blue', '-->')} {span.key}"
    for note in found.notes:
        yield f"{margin}{paint('blue', '=')} note: {note}"
    if found.help:
        yield f"{margin}{paint('blue', '=')} help: {found.help}"


def _source(found: Diagnostic, margin: str, tint: str, paint: _Paint) -> Iterator[str]:
    span = found.span
    key = f"  ({span.key})" if span.key else ""
    bar = paint("blue", "|")
    yield f"{margin}{paint('blue', '-->')} {span}{key}"
    if span.text:
        text, offset = _excerpt(span)
        length = max(1, min(span.length, len(text) - offset))
        label = f" {found.label}" if found.label else ""
        blank = "".join("\t" if character == "\t" else " " for character in text[:offset])
        yield f"{margin} {bar}"
        yield f" {paint('blue', str(span.line))} {bar} {text}"
        yield f"{margin} {bar} {blank}{paint(tint, '^' * length + label)}"


def _excerpt(span: Span) -> tuple[str, int]:
    """Return the source line, cut around the culprit, and where in it the culprit is."""
    offset = min(span.column - 1, len(span.text))
    if len(span.text) <= LONGEST_LINE:
        return span.text, offset
    start = max(0, min(offset - LONGEST_LINE // 3, len(span.text) - LONGEST_LINE))
    before, after = "…" if start else "", "…" if start + LONGEST_LINE < len(span.text) else ""
    text = f"{before}{span.text[start : start + LONGEST_LINE]}{after}"
    return text, offset - start + len(before)


def _count(diagnostics: Sequence[Diagnostic]) -> str:
    errors = sum(found.severity is Severity.ERROR for found in diagnostics)
    return f"{_plural(errors, 'error')}, {_plural(len(diagnostics) - errors, 'warning')}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _body(found: Diagnostic) -> dict[str, Any]:
    span = found.span
    located = span.file is not None
    return {
        "code": found.code.value,
        "severity": found.severity.value,
        "message": found.message,
        "file": span.file,
        "line": span.line if located else None,
        "column": span.column if located else None,
        "length": span.length if located else None,
        "key": span.key or None,
        "notes": list(found.notes),
        "help": found.help,
    }


def _parameter(parameter: Parameter) -> tuple[str, str]:
    return parameter.name, str(parameter.domain)


def _rows(plan: Plan) -> Iterator[tuple[str, str]]:
    yield "tuner", _selected(plan.tuner)
    if plan.assessor:
        yield "assessor", _selected(plan.assessor)
    yield "objective", f"{plan.objective.direction.value} {plan.objective.metric}"
    if plan.budget:
        low, high = f"{plan.budget.minimum:g}", f"{plan.budget.maximum:g}"
        yield "budget", f"{low} to {high} {plan.budget.unit}"
    yield "trial", f"{plan.code.name} in {plan.code.folder}"
    yield "framework", _selected(plan.framework)
    yield "platform", _selected(plan.platform)
    yield "limits", ", ".join(_limits(plan))
    yield "seed", f"{plan.seed}{', reproducible' if plan.reproducible else ''}"
    yield "store", plan.store


def _limits(plan: Plan) -> Iterator[str]:
    limits = plan.limits
    yield "no end of trials" if limits.max_trials is None else _plural(limits.max_trials, "trial")
    yield f"{limits.concurrency} at once"
    if limits.max_duration is not None:
        yield f"{limits.max_duration:g} seconds in all"
    if limits.trial_timeout is not None:
        yield f"{limits.trial_timeout:g} seconds each"
    retries = [f"{kind.value} {count}" for kind, count in limits.retries.items() if count]
    if retries:
        yield f"retries: {' '.join(retries)}"


def _selected(selected: Selected) -> str:
    options = ", ".join(f"{name}={show(value)}" for name, value in selected.options.items())
    source = f"  [{selected.distribution}]" if selected.distribution else ""
    return f"{selected.name}({options}){source}"


def _role(role: Role) -> tuple[str, str]:
    resources = "".join(f", {amount:g} {name}" for name, amount in role.resources.items())
    return role.name, f"{role.replicas} x {_entry(role.entry)}{resources}"


def _entry(entry: Entry) -> str:
    match entry:
        case PythonFile(path, arguments):
            return " ".join(["python", path, *arguments])
        case PythonModule(name, arguments):
            return " ".join(["python -m", name, *arguments])
        case Command(argv):
            return " ".join(argv)


def _table(rows: list[tuple[str, str]], indent: int = 2) -> list[str]:
    width = max((len(name) for name, _ in rows), default=0)
    return [f"{' ' * indent}{name:<{width}}  {text}" for name, text in rows]
