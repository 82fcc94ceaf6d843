"""The callback reports what Keras logs, whatever backend it computes with."""

import json
import os
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest

from sweepwright.protocol import TrialLine

INSTALLED = [backend for backend in ("tensorflow", "torch", "jax") if find_spec(backend)]
os.environ.setdefault("KERAS_BACKEND", next(iter(INSTALLED), "tensorflow"))
Sent = Callable[[], list[TrialLine]]
POINTS = np.linspace(0, 1, 32, dtype="float32")[:, None]
LABELS = np.hstack([POINTS < 0.5, POINTS >= 0.5]).astype("float32")
BACKENDS = [
    pytest.param(
        backend,
        marks=[
            pytest.mark.skipif(backend not in INSTALLED, reason=f"needs {backend}"),
            *([pytest.mark.ci_only] if INSTALLED[:1] != [backend] else []),
        ],
    )
    for backend in ("tensorflow", "torch", "jax")
]
SCRIPT = """
import json, keras, numpy
from sweepwright.reporters.keras import Report

points = numpy.linspace(0, 1, 32, dtype="float32")[:, None]
labels = numpy.hstack([points, 1 - points]).round()
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
model.compile("sgd", "mse", metrics=["mae", *METRICS])
history = model.fit(
    points,
    labels,
    validation_data=(points, labels),
    epochs=3,
    verbose=0,
    callbacks=[Report("val_mae")],
).history
plain = {name: list(map(float, values)) for name, values in history.items() if "f1" not in name}
with open("told", "w") as told:
    json.dump([keras.backend.backend(), plain], told)
"""


@pytest.fixture(autouse=True, scope="module")
def backend_in_use() -> str:
    """Import Keras only in a process that runs its tests, because that takes seconds."""
    # For want of a backend it cannot be imported either.
    backend: str = pytest.importorskip("keras", exc_type=ImportError).backend.backend()
    return backend


def fit(metric: str, *, final: bool = True, validated: bool = True, **options: int) -> None:
    import keras  # noqa: PLC0415

    from sweepwright.reporters.keras import Report  # noqa: PLC0415

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
    metrics = ["mae", keras.metrics.F1Score(average=None)]
    model.compile("sgd", "mse", metrics=metrics, run_eagerly=True)  # compiling takes longer
    validation = (POINTS, LABELS) if validated else None
    given = {
        "validation_data": validation,
        "verbose": 0,
        "callbacks": [Report(metric, final=final)],
    }
    model.fit(POINTS, LABELS, **{"epochs": 3, **given, **options})


@pytest.mark.parametrize(
    "metrics",
    [
        pytest.param("", marks=pytest.mark.ci_only),
        "keras.metrics.F1Score(average=None)",
    ],
)
@pytest.mark.parametrize("backend", BACKENDS)
def test_each_epoch_is_reported_and_the_last_is_the_result(
    tmp_path, sent: Sent, run_script, backend_in_use: str, backend: str, metrics: str
) -> None:
    """A metric that has a number for each class is left out, wherever others are then kept."""
    script = SCRIPT.replace("*METRICS", metrics)
    if backend == backend_in_use:
        exec(script, {})  # noqa: S102 - it is ours, and a process would import all again
    else:
        run_script(script, KERAS_BACKEND=backend)
    used, history = json.loads((tmp_path / "told").read_text())
    *epochs, result = sent()
    logged = [dict(zip(history, row, strict=True)) for row in zip(*history.values(), strict=True)]

    assert used == backend
    assert [line.metrics for line in epochs] == [
        {**logs, "default": logs["val_mae"], "epoch": epoch}
        for epoch, logs in enumerate(logged, start=1)
    ]
    assert result.metrics == epochs[-1].metrics
    assert [line.final for line in (*epochs, result)] == [False] * 3 + [True]


def test_the_script_may_report_the_result_itself(sent: Sent) -> None:
    fit("mae", final=False)

    assert [line.final for line in sent()] == [False] * 3


def test_continued_training_continues_the_count_of_epochs(sent: Sent) -> None:
    fit("mae", initial_epoch=2)

    assert [line.metrics["epoch"] for line in sent()] == [3, 3]


def test_epochs_without_validation_are_not_reported(sent: Sent) -> None:
    fit("val_mae", validation_freq=2, epochs=5)

    assert [line.metrics["epoch"] for line in sent()] == [2, 4, 4]


@pytest.mark.parametrize(("metric", "validated"), [("accuracy", False), ("val_accuracy", True)])
def test_a_missing_metric_is_an_error_after_the_first_epoch(
    metric: str, *, validated: bool
) -> None:
    with pytest.raises(KeyError, match=f"no metric is called {metric}; Keras logged loss, mae"):
        fit(metric, validated=validated)


def test_training_without_any_validation_is_an_error_at_the_end(sent: Sent) -> None:
    with pytest.raises(KeyError, match="no metric is called val_mae; Keras logged loss, mae"):
        fit("val_mae", validated=False)

    assert not sent()


def test_a_training_without_epochs_reports_nothing(sent: Sent) -> None:
    fit("mae", final=False, initial_epoch=3)

    assert not sent()


CHIEF = {"chief": ["a:1"], "worker": ["b:1", "c:1"]}
WORKERS = {"worker": ["b:1", "c:1"]}


@pytest.mark.parametrize(
    ("cluster", "kind", "index", "count"),
    [
        (CHIEF, "chief", 0, 4),
        (CHIEF, "worker", 0, 0),
        (WORKERS, "worker", 0, 4),
        (WORKERS, "worker", 1, 0),
        (WORKERS, "evaluator", 0, 0),
    ],
)
def test_only_the_first_of_several_processes_reports(
    monkeypatch: pytest.MonkeyPatch,
    sent: Sent,
    cluster: dict[str, list[str]],
    kind: str,
    index: int,
    count: int,
) -> None:
    config = {"cluster": cluster, "task": {"type": kind, "index": index}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    fit("mae")

    assert len(sent()) == count


@pytest.mark.parametrize(("rank", "count"), [("0", 4), ("1", 0)])
def test_the_rank_of_the_launcher_decides_which_process_reports(
    monkeypatch: pytest.MonkeyPatch, sent: Sent, rank: str, count: int
) -> None:
    monkeypatch.setenv("RANK", rank)
    fit("mae")

    assert len(sent()) == count
