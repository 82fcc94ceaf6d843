"""Print the best trial of a sweep, or the assignment that its tuner predicts to be best."""

import json

import yaml

from sweepwright.events import Json

from ...plan.redaction import mask_body
from ...store.history import History
from ...store.trial_table import TrialHistory
from ...views.belief_text import prediction_body, prediction_lines
from ...views.output import CONTROLS, echo, echo_error, echo_json
from ...views.summary import best_lines
from ..arguments import Arguments
from ..beliefs import describe_missing, require_belief
from ..recorded_sweep import read_sweep


def main(arguments: Arguments) -> int:
    """Print what is best; return the exit code 1 if no trial has a result."""
    history = read_sweep(arguments)
    if arguments.has("--predicted"):
        return _print_predicted(history, arguments.format)
    best = history.best
    if best is None:
        echo_error(f"error: no trial of sweep {history.sweep} has a result")
        return 1
    lines = best_lines(best, history.plan.objective)
    text = "\n".join([f"sweep {history.sweep}, trial {best.number}", *lines])
    _print(_body(history.sweep, best), text, arguments.format)
    return 0


def _print_predicted(history: History, format_: str) -> int:
    """Print the assignment that the tuner predicts to be best."""
    belief, tuner = require_belief(history), history.plan.tuner.name
    objective = history.plan.objective
    if belief is None or belief.best is None:
        echo_error(f"error: {describe_missing(history)}")
        return 1
    lines = prediction_lines(belief.best, objective)
    text = "\n".join([f"sweep {history.sweep}, best as {tuner} predicts it", *lines])
    body = {
        "sweep": history.sweep,
        "tuner": tuner,
        **prediction_body(belief, objective),
    }
    _print(body, text, format_)
    return 0


def _print(body: Json, text: str, format_: str) -> None:
    """Print the same in one of three formats."""
    match format_:
        case "json":
            echo_json(mask_body(body), indent=2)
        case "yaml":
            masked = mask_body(body)
            # Escapes keep values exact, but text in other scripts is easier to read without them.
            controls = CONTROLS.search(json.dumps(masked, ensure_ascii=False))
            echo(yaml.safe_dump(masked, sort_keys=False, allow_unicode=not controls).rstrip())
        case _:
            echo(text)


def _body(sweep: str, best: TrialHistory) -> dict[str, Json]:
    return {
        "sweep": sweep,
        "trial": best.number,
        "value": best.median,
        **({"measured_in": best.measured_in} if len(best.measured_in) > 1 else {}),
        "budget": best.best.budget if best.best else None,
        "assignment": dict(best.assignment),
        "metrics": dict(best.metrics),
    }
