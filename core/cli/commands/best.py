"""Print the best trial of a sweep."""

import json

import yaml

from sweepwright.events import Json

from ...plan.redaction import mask_body
from ...store.trial_table import TrialHistory
from ...views.output import CONTROLS, echo, echo_error, echo_json
from ...views.summary import best_lines
from ..arguments import Arguments
from ..recorded_sweep import read_sweep


def main(arguments: Arguments) -> int:
    """Print the best trial; return the exit code 1 if no trial has a result."""
    history = read_sweep(arguments)
    best = history.best
    if best is None:
        echo_error(f"error: no trial of sweep {history.sweep} has a result")
        return 1
    body = mask_body(_body(history.sweep, best))
    match arguments.format:
        case "json":
            echo_json(body, indent=2)
        case "yaml":
            # Escapes keep values exact, but text in other scripts is easier to read without them.
            controls = CONTROLS.search(json.dumps(body, ensure_ascii=False))
            echo(yaml.safe_dump(body, sort_keys=False, allow_unicode=not controls).rstrip())
        case _:
            lines = best_lines(best, history.plan.objective)
            echo("\n".join([f"sweep {history.sweep}, trial {best.number}", *lines]))
    return 0


def _body(sweep: str, best: TrialHistory) -> dict[str, Json]:
    return {
        "sweep": sweep,
        "trial": best.number,
        "value": best.value,
        "budget": best.best.budget if best.best else None,
        "assignment": dict(best.assignment),
        "metrics": dict(best.metrics),
    }
