"""Small plans and report lines that tests of the core share."""

import json
from collections.abc import Mapping
from typing import Any

from sweepwright.contracts import PythonFile, Role, TrialCode
from sweepwright.core.plan.plan import Limits, Objective, Plan, Selection
from sweepwright.events import FailureKind
from sweepwright.protocol import TrialLine
from sweepwright.space import Categorical, Integer, Parameter, Real, SearchSpace

SPACE = SearchSpace(
    [
        Parameter("lr", Real(1e-4, 1.0, log=True)),
        Parameter("layers", Integer(1, 4)),
        Parameter("activation", Categorical(("relu", "tanh"))),
    ]
)
ASSIGNMENT = {"lr": 0.01, "layers": 2, "activation": "tanh"}


def plan(
    *,
    retries: Mapping[FailureKind, int] | None = None,
    max_trials: int | None = 8,
    concurrency: int = 2,
    **changes: Any,
) -> Plan:
    """Make a plan; its providers exist only in a test's registry."""
    limits = Limits(max_trials=max_trials, concurrency=concurrency, retries=retries or {})
    parts: dict[str, Any] = {
        "space": SPACE,
        "objective": Objective(),
        "tuner": Selection("tuner", "random"),
        "platform": Selection("platform", "simulated"),
        "framework": Selection("framework", "python"),
        "code": TrialCode("example", (Role("main", PythonFile("example.py")),)),
        "limits": limits,
    }
    return Plan(**{**parts, **changes})


def line(
    value: Any = 0.5,
    *,
    attempt: int = 1,
    sequence: int = 0,
    final: bool = True,
    process: str = "",
    metrics: Mapping[str, Any] | None = None,
) -> TrialLine:
    """Make a report, of the default metric if no metrics are given."""
    metrics = {"default": value} if metrics is None else metrics
    return TrialLine(attempt, "main", 0, sequence, final, metrics, process=process)


def text(value: Any = 0.5, *, attempt: int = 1, sequence: int = 0, final: bool = True) -> str:
    """Make the same report as the text that a trial writes."""
    return json.dumps(
        {
            "sweepwright": 1,
            "attempt": attempt,
            "role": "main",
            "rank": 0,
            "sequence": sequence,
            "kind": "final" if final else "intermediate",
            "metrics": {"default": value},
        }
    )
