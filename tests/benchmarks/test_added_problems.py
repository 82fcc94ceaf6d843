"""The problems that were added later have their lowest losses where they are said to be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.problems import conditional
from benchmarks.problems.catalogue import landscape, names, own_norms
from benchmarks.problems.flat import _CENTRE, _TRAITS
from sweepwright.seeds import rng

NOWHERE = Path("nowhere")
MODEL = "clean.scaled.features.selected.model"
OPTIMA: Mapping[str, Mapping[str, Any]] = {
    "flat/wide": {f"x{i}": _CENTRE[i] for i in range(12)}
    | {f"rate{i}": 10 ** (6 * (_CENTRE[i] - 1)) for i in range(12, 20)},
    "flat/counts": {
        "heads": 2,
        "blocks": 3,
        "stride": 2,
        "filters": 64,
        "batch": 50,
        "epochs": 60,
        "patience": 10,
        "units": 512,
    },
    "flat/menu": {
        name: f"{name}{next(i for i, trait in enumerate(traits) if not trait.any())}"
        for name, traits in _TRAITS.items()
    }
    | {"rate": 10**-2.5, "mix": 0.4},
    "flat/noisy_valley": {f"x{i}": 0.7 for i in range(5)},
    "flat/basins": {"x0": 0.75, "x1": 0.6, "x2": 1e-3, "x3": 0.8},
    "flat/cliff": {
        "rate": 10**-3.5,
        "momentum": 0.9,
        "clip": 1.0,
        "warmup": 400,
        "precision": 32,
        "optimizer": "adam",
        "decay": 1e-3,
    },
    "conditional/sizes": {"scale": 10**0.5, "split": 0.6, "model": "middle"}
    | {f"model.middle.x{i}": 0.2 + 0.12 * i for i in range(6)},
    "conditional/two_roots": {
        "encoder": "attention",
        "encoder.attention.width": 64,
        "encoder.attention.heads": 4,
        "encoder.attention.drop": 0.2,
        "decoder": "recurrent",
        "decoder.recurrent.width": 64,
        "decoder.recurrent.forget": 0.7,
        "rate": 0.01,
    },
    "conditional/switches": {"level": 0.35}
    | {f"part{i}": "off" if i % 2 else "on" for i in range(6)}
    | {f"part{i}.on.strength": 10 ** (0.3 * i - 0.5) for i in (0, 2, 4)}
    | {f"part{i}.on.share": 0.5 for i in (0, 2, 4)},
    "conditional/shared": {
        "C": 10**1.5,
        "kernel": "poly",
        "gamma": 1e-3,
        "offset": 0.5,
        "degree": 3,
        "shrink": True,
        "tolerance": 1e-4,
    },
    "conditional/pipeline": {
        "clean": "scaled",
        "clean.scaled.quantile": 0.05,
        "clean.scaled.features": "selected",
        "clean.scaled.features.selected.share": 0.4,
        MODEL: "net",
        f"{MODEL}.net.rate": 10**-2.5,
        f"{MODEL}.net.width": 128,
        f"{MODEL}.net.stop": "early",
        f"{MODEL}.net.stop.early.patience": 12,
    },
    "conditional/layers": {"layers": 3, "rate": 0.01, "activation": "gelu"}
    | {f"width{i}": width for i, width in enumerate((128, 64, 32))}
    | {f"drop{i}": 0.1 + 0.1 * i for i in range(3)},
}


def test_each_added_problem_has_an_optimum_here() -> None:
    assert names(["added"], NOWHERE) == list(OPTIMA)


@pytest.mark.parametrize("name", OPTIMA)
def test_the_lowest_loss_is_zero_where_it_is_said_to_be(name: str) -> None:
    where, optimum = landscape(name, NOWHERE), OPTIMA[name]
    domains = {parameter.name: parameter.domain for parameter in where.space.parameters}

    assert where.loss(optimum) == pytest.approx(0, abs=1e-12)
    assert own_norms()[name]["best"] == 0
    for parameter, value in optimum.items():
        number = domains[parameter].number(value)
        assert number is not None
        assert domains[parameter].value(number) == pytest.approx(value)


def test_parameters_are_shared_and_widths_follow_the_depth() -> None:
    shared, layers = conditional.shared().space, conditional.layers().space

    assert active(shared, kernel="rbf") == {"C", "kernel", "gamma", "shrink", "tolerance"}
    assert {name for name in active(layers, layers=2) if name.startswith("width")} == {
        "width0",
        "width1",
    }


def active(space: Any, **chosen: Any) -> set[str]:
    """Name the active parameters of an assignment that makes the choices."""
    drawn = space.decode(space.sample(rng(0, "test"), 100))
    ((name, value),) = chosen.items()
    return set(next(one for one in drawn if one[name] == value))
