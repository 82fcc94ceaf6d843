"""Functions of our own whose spaces branch.

The rule of choice: one with many branches on one level, of which the one that is best is the
largest and on average the worst (`branches`), and one with choices in choices on three levels,
in which branches share nothing but their place (`hierarchy`).
"""

import math
from collections.abc import Callable
from itertools import pairwise

from sweepwright.space import Categorical, Domain, Integer, Nested, Real

from .landscape import Landscape, Values
from .spaces import nested_space


def branches() -> Landscape:
    """Offer five branches of one to six parameters; the larger, the lower and the harder."""
    domains: dict[str, Domain] = {"model": Nested(tuple(_DEPTH))}
    for name, (count, _, _) in _DEPTH.items():
        domains |= {f"model.{name}.x{i}": Real(1e-4, 1, log=bool(i % 2)) for i in range(count)}
    return Landscape("functions/branches", nested_space(domains), _branches)


_DEPTH = {
    "stump": (1, 0.25, 0.1),
    "line": (2, 0.2, 0.15),
    "kernel": (3, 0.1, 0.2),
    "trees": (4, 0.15, 0.15),
    "net": (6, 0.0, 0.35),
}
"""Of each branch how many parameters it has, its lowest loss, and how steep it is."""


def _branches(v: Values) -> float:
    name = v["model"]
    count, floor, steep = _DEPTH[name]
    x = [v[f"model.{name}.x{i}"] for i in range(count)]
    u = [1 + math.log10(value) / 4 if i % 2 else value for i, value in enumerate(x)]
    off = [6 * (u[i] - 0.25 - 0.1 * i) for i in range(count)]
    together = sum((a + b) ** 2 for a, b in pairwise(off))
    return floor + steep * (sum(z * z for z in off) + 0.5 * together) / math.sqrt(count)


def hierarchy() -> Landscape:
    """Nest models, optimisers and schedules, three choices deep."""
    return Landscape("functions/hierarchy", nested_space(_HIERARCHY), _hierarchy)


_HIERARCHY: dict[str, Domain] = {
    "seedling": Categorical((True, False)),
    "model": Nested(("linear", "net", "forest")),
    "model.linear.penalty": Nested(("ridge", "lasso", "elastic")),
    "model.linear.penalty.ridge.alpha": Real(1e-6, 100, log=True),
    "model.linear.penalty.lasso.alpha": Real(1e-6, 100, log=True),
    "model.linear.penalty.elastic.alpha": Real(1e-6, 100, log=True),
    "model.linear.penalty.elastic.ratio": Real(0, 1),
    "model.net.width": Integer(8, 1024, log=True),
    "model.net.depth": Integer(1, 8),
    "model.net.optimizer": Nested(("sgd", "adam")),
    "model.net.optimizer.sgd.rate": Real(1e-5, 10, log=True),
    "model.net.optimizer.sgd.momentum": Real(0, 0.99),
    "model.net.optimizer.sgd.schedule": Nested(("constant", "cosine", "steps")),
    "model.net.optimizer.sgd.schedule.cosine.period": Integer(1, 50),
    "model.net.optimizer.sgd.schedule.steps.every": Integer(1, 50),
    "model.net.optimizer.sgd.schedule.steps.factor": Real(0.05, 0.95),
    "model.net.optimizer.adam.rate": Real(1e-5, 10, log=True),
    "model.net.optimizer.adam.beta": Real(0.5, 0.999),
    "model.forest.trees": Integer(5, 1000, log=True),
    "model.forest.depth": Integer(1, 30),
    "model.forest.criterion": Categorical(("gini", "entropy", "loss")),
}


def _hierarchy(v: Values) -> float:
    model = {"linear": _linear, "net": _net, "forest": _forest}[v["model"]]
    return model(v) + (0.03 if v["seedling"] else 0.0)


def _linear(v: Values) -> float:
    kind = v["model.linear.penalty"]
    alpha: float = math.log10(v[f"model.linear.penalty.{kind}.alpha"])
    if kind == "elastic":
        ratio: float = v["model.linear.penalty.elastic.ratio"]
        return 0.12 + 0.03 * (alpha + 2) ** 2 + 0.4 * (ratio - 0.3) ** 2
    return (0.2 if kind == "ridge" else 0.16) + 0.03 * (alpha + 1) ** 2


def _net(v: Values) -> float:
    size = math.log2(v["model.net.width"]) - 7
    depth: int = v["model.net.depth"]
    shape = 0.02 * size**2 + 0.01 * (depth - 3 - 0.5 * size) ** 2
    return shape + (_sgd if v["model.net.optimizer"] == "sgd" else _adam)(v)


def _sgd(v: Values) -> float:
    at = "model.net.optimizer.sgd"
    momentum: float = v[f"{at}.momentum"]
    speed = math.log10(v[f"{at}.rate"] / (1 - momentum)) + 0.5
    loss = 0.06 * speed**2 + 0.2 * (momentum - 0.9) ** 2
    match v[f"{at}.schedule"]:
        case "cosine":
            return loss + 0.1 * math.log(v[f"{at}.schedule.cosine.period"] / 20) ** 2
        case "steps":
            rate = math.log(v[f"{at}.schedule.steps.factor"]) / v[f"{at}.schedule.steps.every"]
            return loss + 0.02 + 0.05 * (math.log(-rate) + 2.5) ** 2
    return loss + 0.08


def _adam(v: Values) -> float:
    at = "model.net.optimizer.adam"
    rate, beta = math.log10(v[f"{at}.rate"]) + 3, float(v[f"{at}.beta"])
    return 0.05 + 0.05 * rate**2 + 0.3 * (beta - 0.9) ** 2


def _forest(v: Values) -> float:
    toll = {"gini": 0.02, "entropy": 0.0, "loss": 0.05}[v["model.forest.criterion"]]
    trees = 0.02 * (math.log10(v["model.forest.trees"]) - 2.5) ** 2
    depth: int = v["model.forest.depth"]
    return 0.09 + toll + trees + 0.001 * (depth - 14) ** 2


BRANCHING: tuple[Callable[[], Landscape], ...] = (branches, hierarchy)
