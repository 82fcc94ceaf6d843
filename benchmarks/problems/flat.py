"""Functions without branches, of kinds on which little is known about tuners with a model.

The rule of choice: one for each gap that the design study of the Gaussian process leaves open on
flat spaces: more than 14 parameters that all matter (`wide`), integers alone (`counts`), choices
of many options (`menu`), noise (`noisy_valley`), several basins of unlike size (`basins`), and
losses of many orders of magnitude beyond a cliff (`cliff`). They were written, and their norms
computed, before any tuner ran on them. All constants were drawn or written down once; the lowest
loss is 0.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from sweepwright.seeds import rng
from sweepwright.space import Categorical, Domain, Integer, Ordinal, Real

from .landscape import Landscape, Values
from .spaces import nested_space

_DRAWN = rng(0, "flat")

_CENTRE = _DRAWN.uniform(0.15, 0.85, size=20)
_WEIGHT = 0.85 ** _DRAWN.permutation(20)


def wide() -> Landscape:
    """Give twenty numbers unlike weights, and couple each with the next."""
    domains: dict[str, Domain] = {f"x{i}": Real(0, 1) for i in range(12)}
    domains |= {f"rate{i}": Real(1e-6, 1, log=True) for i in range(12, 20)}
    return Landscape("flat/wide", nested_space(domains), _wide)


def _wide(v: Values) -> float:
    u = [v[f"x{i}"] for i in range(12)]
    u += [1 + math.log10(v[f"rate{i}"]) / 6 for i in range(12, 20)]
    off = np.array(u) - _CENTRE
    coupled = off[:-1] + off[1:]
    return float(_WEIGHT @ off**2 + 0.3 * (_WEIGHT[:-1] @ coupled**2))


def counts() -> Landscape:
    """Search eight integers, of two to a thousand values, whose products matter."""
    domains: dict[str, Domain] = {
        "heads": Integer(1, 2),
        "blocks": Integer(1, 6),
        "stride": Integer(1, 4),
        "filters": Integer(4, 256, step=4),
        "batch": Integer(1, 1000, log=True),
        "epochs": Integer(1, 200),
        "patience": Integer(1, 30),
        "units": Integer(8, 4096, log=True),
    }
    return Landscape("flat/counts", nested_space(domains), _counts)


def _counts(v: Values) -> float:
    capacity = math.log2(v["blocks"] * v["filters"] / (3 * 64))
    dense = math.log2(v["units"] / 512) + 0.5 * capacity
    steps = math.log2(v["epochs"] / v["batch"] / (60 / 50))
    waits = (v["patience"] - v["epochs"] / 6) / 10
    shape = 0.1 * (v["stride"] - 2) ** 2 + 0.15 * (v["heads"] - 2) ** 2
    return float(
        0.2 * capacity**2
        + 0.1 * dense**2
        + 0.08 * steps**2
        + 0.05 * waits**2
        + shape
        + 0.02 * (v["blocks"] - 3) ** 2
    )


_OPTIONS = {"backbone": 30, "augmentation": 20, "scheduler": 12, "loss": 8}
_TRAITS = {name: _DRAWN.normal(size=(count, 2)) for name, count in _OPTIONS.items()}
for _traits in _TRAITS.values():
    _traits[int(_DRAWN.integers(len(_traits)))] = 0.0
"""Of each option two hidden traits; one option of each choice has none, and is the best."""


def menu() -> Landscape:
    """Offer choices of eight to thirty options, which differ by hidden traits, and two numbers."""
    domains: dict[str, Domain] = {
        name: Categorical(tuple(f"{name}{i}" for i in range(count)))
        for name, count in _OPTIONS.items()
    }
    domains |= {"rate": Real(1e-5, 1, log=True), "mix": Real(0, 1)}
    return Landscape("flat/menu", nested_space(domains), _menu)


def _menu(v: Values) -> float:
    traits = [_TRAITS[name][int(v[name].removeprefix(name))] for name in _OPTIONS]
    alone = sum(float(trait @ trait) for trait in traits)
    beside = sum(float((one[0] + other[1]) ** 2) for one, other in pairwise(traits))
    speed = math.log10(v["rate"]) + 2.5 - 0.5 * float(traits[0][0])
    return float(0.2 * alone + 0.2 * beside + 0.2 * speed**2 + 2 * (v["mix"] - 0.4) ** 2)


_SPIN = np.linalg.qr(_DRAWN.normal(size=(5, 5)))[0]


def noisy_valley() -> Landscape:
    """Turn a bent valley of five numbers, and add noise to what is heard."""
    space = nested_space({f"x{i}": Real(-3, 3) for i in range(5)})
    return Landscape("flat/noisy_valley", space, _noisy_valley, noise=0.35)


def _noisy_valley(v: Values) -> float:
    z = _SPIN @ (np.array([v[f"x{i}"] for i in range(5)]) - 0.7)
    bent = z[1:] - 0.3 * z[0] ** 2
    return math.log1p(float(0.2 * z[0] ** 2 + bent @ (np.array([4, 2, 1, 0.5]) * bent)))


_BASINS = (
    ((0.2, 0.3, 0.7, 0.4), 0.35, 0.75),
    ((0.75, 0.6, 0.25, 0.8), 0.12, 1.0),
    ((0.5, 0.9, 0.5, 0.15), 0.2, 0.85),
)
"""Of each basin its centre, its width, and its depth; the deepest is the narrowest."""


def basins() -> Landscape:
    """Hide the deepest of three basins of four numbers in the narrowest."""
    domains: dict[str, Domain] = {"x0": Real(0, 1), "x1": Real(0, 1)}
    domains |= {"x2": Real(1e-4, 1, log=True), "x3": Real(0, 1, step=0.05)}
    return Landscape("flat/basins", nested_space(domains), _basins)


def _basins(v: Values) -> float:
    u = (v["x0"], v["x1"], 1 + math.log10(v["x2"]) / 4, v["x3"])
    return 1 - max(
        depth * math.exp(-sum((a - b) ** 2 for a, b in zip(u, centre, strict=True)) / width**2 / 2)
        for centre, width, depth in _BASINS
    )


def cliff() -> Landscape:
    """Let losses grow by orders of magnitude where the steps become too large."""
    domains: dict[str, Domain] = {
        "rate": Real(1e-6, 10, log=True),
        "momentum": Real(0, 0.99),
        "clip": Real(0.01, 100, log=True),
        "warmup": Integer(0, 1000, step=50),
        "precision": Ordinal((8, 16, 32, 64)),
        "optimizer": Categorical(("sgd", "adam", "lion")),
        "decay": Real(1e-6, 1, log=True),
    }
    return Landscape("flat/cliff", nested_space(domains), _cliff)


def _cliff(v: Values) -> float:
    own = {"sgd": 0.0, "adam": 1.5, "lion": 2.0}[v["optimizer"]]
    speed = math.log10(v["rate"] / (1 - v["momentum"])) + own + 1
    clip = math.log10(v["clip"])
    warmup = 0.2 * ((v["warmup"] - 400) / 400) ** 2
    bits = 0.05 * abs(math.log2(v["precision"]) - 5)
    regular = 0.05 * (math.log10(v["decay"]) + 3 - 0.3 * speed) ** 2
    smooth = 0.15 * speed**2 + 0.05 * clip**2 + warmup + bits + regular
    edge = speed + 0.3 * clip - 0.8
    toll = {"sgd": 0.05, "adam": 0.0, "lion": 0.1}[v["optimizer"]]
    return float(smooth + toll + (math.expm1(min(8 * edge, 30)) if edge > 0 else 0.0))


FLAT: tuple[Callable[[], Landscape], ...] = (wide, counts, menu, noisy_valley, basins, cliff)
