"""Functions of our own, one for each thing that is hard about a search space.

The rule of choice: every kind of domain, every size from 6 to 50 parameters, and of the faults
that tuners are known for one each: interactions between numbers and choices (`mixed`), ridges
across log scales and steps (`scales`), many parameters of which few matter (`sparse`), choices
alone (`words`), plateaus and a cliff (`plateau`), noise (`noisy`); branches are in `branching`.
All constants were drawn or written down once; the lowest loss is 0 but for `words`.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from sweepwright.seeds import rng
from sweepwright.space import Categorical, Domain, Integer, Ordinal, Real

from .landscape import Landscape, Values
from .spaces import nested_space

_DRAWN = rng(0, "functions")
_TABLE = _DRAWN.random((4, 5)) * 0.5
_TABLE -= _TABLE.min()


def mixed() -> Landscape:
    """Join a curved valley, integers that a choice moves, and two choices that interact."""
    domains: dict[str, Domain] = {f"x{i}": Real(-2, 2) for i in range(4)}
    domains |= {f"k{i}": Integer(-8, 8) for i in range(3)}
    domains |= {"rate": Real(1e-6, 1, log=True), "width": Integer(4, 2048, log=True)}
    domains |= {"place": Categorical(("here", "there", "far"))}
    domains |= {"row": Categorical(tuple("abcd")), "column": Categorical(tuple("vwxyz"))}
    return Landscape("functions/mixed", nested_space(domains), _mixed)


def _mixed(v: Values) -> float:
    x = [v[f"x{i}"] for i in range(4)]
    valley = sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))
    shift, toll = {"here": (0, 0.0), "there": (3, 0.1), "far": (-4, 0.2)}[v["place"]]
    lattice = sum((v[f"k{i}"] - shift - i) ** 2 for i in range(3))
    rate = math.log10(v["rate"]) + 3
    width = math.log2(v["width"]) - 8 + 0.5 * rate
    pair = _TABLE["abcd".index(v["row"]), "vwxyz".index(v["column"])]
    return float(
        math.log1p(valley) / 5 + 0.01 * lattice + toll + 0.1 * rate**2 + 0.05 * width**2 + pair
    )


def scales() -> Landscape:
    """Set ridges across log scales and steps: a rate goes with a batch, a width with a depth."""
    domains: dict[str, Domain] = {
        "batch": Integer(1, 4096, log=True),
        "rate": Real(1e-6, 100, log=True),
        "layers": Integer(1, 12),
        "units": Integer(8, 512, step=8),
        "drop": Real(0, 0.8, step=0.05),
        "decay": Real(1e-8, 1, log=True),
    }
    return Landscape("functions/scales", nested_space(domains), _scales)


def _scales(v: Values) -> float:
    batch = math.log10(v["batch"])
    ridge = math.log10(v["rate"]) + 3.5 - 0.5 * batch
    capacity = math.log2(v["units"] * v["layers"]) - 9
    layers, drop = int(v["layers"]), float(v["drop"])
    shape = 0.1 * (batch - 2) ** 2 + 0.02 * (layers - 4) ** 2
    decay, off = math.log10(v["decay"]) + 4, drop - 0.1 - 0.05 * layers
    return 0.3 * ridge**2 + 0.4 * capacity**2 + shape + 0.05 * decay**2 + 4 * off**2


_MATTER = [int(i) for i in _DRAWN.choice(50, size=5, replace=False)]
_TARGET = [float(x) for x in _DRAWN.uniform(0.1, 0.9, size=5)]


def sparse() -> Landscape:
    """Hide five numbers that matter among fifty, two of them together."""
    space = nested_space({f"x{i}": Real(0, 1) for i in range(50)})
    return Landscape("functions/sparse", space, _sparse)


def _sparse(v: Values) -> float:
    off = [v[f"x{i}"] - target for i, target in zip(_MATTER, _TARGET, strict=True)]
    weighed = zip((4, 2, 1, 1, 0.5), off, strict=True)
    return float(sum(weight * z * z for weight, z in weighed) + 3 * (off[0] + off[1]) ** 2)


_WORDS = [tuple(f"w{c}" for c in range(count)) for count in (3, 4, 5, 6, 7, 3, 4, 5, 6, 7)]
_ALONE = [_DRAWN.random(len(words)) for words in _WORDS]
_BESIDE = [_DRAWN.random((len(_WORDS[i]), len(_WORDS[i - 9]))) for i in range(10)]


def words() -> Landscape:
    """Put ten choices of three to seven words in a ring, where each minds the next."""
    space = nested_space({f"word{i}": Categorical(choices) for i, choices in enumerate(_WORDS)})
    return Landscape("functions/words", space, _words)


def _words(v: Values) -> float:
    taken = [_WORDS[i].index(v[f"word{i}"]) for i in range(10)]
    alone = sum(_ALONE[i][taken[i]] for i in range(10))
    return float(alone + sum(_BESIDE[i][taken[i], taken[i - 9]] for i in range(10)))


def plateau() -> Landscape:
    """Imitate an error rate: it has steps of 1/200, and beyond a cliff all points are as bad."""
    domains: dict[str, Domain] = {
        "batch": Ordinal((16, 32, 64, 128, 256)),
        "rate": Real(1e-5, 10, log=True),
        "momentum": Real(0, 0.99),
        "epochs": Integer(5, 100),
        "smoothing": Real(0, 0.5),
        "mix": Categorical((True, False)),
        "augment": Ordinal(("none", "light", "medium", "heavy")),
    }
    return Landscape("functions/plateau", nested_space(domains), _plateau)


def _plateau(v: Values) -> float:
    speed = math.log10(v["rate"] / (1 - v["momentum"]) / v["batch"]) + 3.5
    if speed > 1:
        return 0.9
    augment = ("none", "light", "medium", "heavy").index(v["augment"])
    ideal = 30 + 15 * augment
    badness = 0.1 * speed**2 + (v["epochs"] - ideal) ** 2 / 5000 + 0.05 * (augment - 2) ** 2
    badness += 2 * (v["smoothing"] - 0.1) ** 2 + (0.0 if v["mix"] else 0.04)
    return round(200 * 0.9 * -math.expm1(-badness)) / 200


_TURN = np.linalg.qr(_DRAWN.normal(size=(6, 6)))[0]


def noisy() -> Landscape:
    """Turn Levy's function, let a choice steepen it, and add noise to what is heard."""
    domains: dict[str, Domain] = {f"x{i}": Real(-5, 5) for i in range(6)}
    domains["kind"] = Categorical(("plain", "steep", "lifted"))
    return Landscape("functions/noisy", nested_space(domains), _noisy, noise=2.0)


def _noisy(v: Values) -> float:
    w = 1 + _TURN @ np.array([v[f"x{i}"] - 1 for i in range(6)]) / 4
    inner = (w[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2)
    last = (w[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[-1]) ** 2)
    levy = np.sin(np.pi * w[0]) ** 2 + inner.sum() + last
    steep, lift = {"plain": (1, 0), "steep": (3, 0), "lifted": (1, 2)}[v["kind"]]
    return float(steep * levy + lift)


FUNCTIONS: tuple[Callable[[], Landscape], ...] = (mixed, scales, sparse, words, plateau, noisy)
