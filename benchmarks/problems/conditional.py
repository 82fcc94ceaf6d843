"""Functions with branches, of kinds on which little is known about tuners with a model.

The rule of choice: branches of very unlike size (`sizes`), two choices that each have branches,
whose values interact (`two_roots`), parts that can be left out (`switches`), parameters that
several options share (`shared`), four levels of choices under noise (`pipeline`), and a depth
that decides how many widths there are (`layers`). They were written, and their norms computed,
before any tuner ran on them. The lowest loss is 0.
"""

import math
from collections.abc import Callable

from sweepwright.space import (
    Categorical,
    Condition,
    Domain,
    Integer,
    Nested,
    Parameter,
    Real,
    SearchSpace,
)

from .landscape import Landscape, Values
from .spaces import nested_space

_SIZES = {"constant": (0, 0.3), "small": (2, 0.12), "middle": (6, 0.0), "large": (12, 0.05)}
"""Of each branch how many parameters it has, and its lowest loss."""


def sizes() -> Landscape:
    """Offer branches of none to twelve parameters beside two that all have."""
    domains: dict[str, Domain] = {
        "scale": Real(1e-3, 1e3, log=True),
        "split": Real(0.1, 0.9),
        "model": Nested(tuple(_SIZES)),
    }
    for name, (count, _) in _SIZES.items():
        domains |= {f"model.{name}.x{i}": Real(0, 1) for i in range(count)}
    return Landscape("conditional/sizes", nested_space(domains), _sizes)


def _sizes(v: Values) -> float:
    name = v["model"]
    count, floor = _SIZES[name]
    off = [v[f"model.{name}.x{i}"] - (0.2 + 0.6 * i / max(1, count - 1)) for i in range(count)]
    scale, split = math.log10(v["scale"]) - 0.5, v["split"] - 0.6
    own = 0.5 * sum(z * z for z in off) + 1.5 * sum(z * z for z in off[:2])
    tilt = (off[0] + 0.3 * scale) ** 2 if off else 0.0
    return float(floor + own + tilt + 0.05 * scale**2 + 0.4 * split**2)


def two_roots() -> Landscape:
    """Choose an encoder and a decoder with branches of their own, whose widths have to match."""
    domains: dict[str, Domain] = {
        "encoder": Nested(("conv", "attention", "hashing")),
        "encoder.conv.width": Integer(8, 512, log=True),
        "encoder.conv.kernel": Integer(1, 9, step=2),
        "encoder.attention.width": Integer(8, 512, log=True),
        "encoder.attention.heads": Categorical((1, 2, 4, 8)),
        "encoder.attention.drop": Real(0, 0.8),
        "encoder.hashing.bits": Integer(4, 20),
        "decoder": Nested(("linear", "recurrent")),
        "decoder.linear.penalty": Real(1e-6, 10, log=True),
        "decoder.recurrent.width": Integer(8, 512, log=True),
        "decoder.recurrent.forget": Real(0, 1),
        "rate": Real(1e-5, 1, log=True),
    }
    return Landscape("conditional/two_roots", nested_space(domains), _two_roots)


def _two_roots(v: Values) -> float:
    encoded, width = _encoder(v)
    decoded = _decoder(v, width)
    return encoded + decoded + 0.08 * (math.log10(v["rate"]) + 2 + 0.2 * width) ** 2


def _encoder(v: Values) -> tuple[float, float]:
    """Return the loss of the encoder, and the logarithm of its width less its best width."""
    match v["encoder"]:
        case "conv":
            width = math.log2(v["encoder.conv.width"] / 64)
            return 0.06 + 0.02 * width**2 + 0.01 * (v["encoder.conv.kernel"] - 5) ** 2, width
        case "attention":
            width = math.log2(v["encoder.attention.width"] / 64)
            heads = 0.03 * abs(math.log2(v["encoder.attention.heads"]) - 2)
            return heads + 0.03 * width**2 + (v["encoder.attention.drop"] - 0.2) ** 2, width
    return 0.2 + 0.005 * (v["encoder.hashing.bits"] - 14) ** 2, 0.0


def _decoder(v: Values, width: float) -> float:
    if v["decoder"] == "linear":
        return 0.1 + 0.02 * (math.log10(v["decoder.linear.penalty"]) + 3 - 0.5 * width) ** 2
    match = math.log2(v["decoder.recurrent.width"] / 64) - width
    return float(0.04 * match**2 + 0.5 * (v["decoder.recurrent.forget"] - 0.7) ** 2)


_SWITCHES = (0.1, -0.12, 0.15, -0.05, 0.08, -0.2)
"""By how much each part lowers the loss at its best (positive), or raises it (negative)."""


def switches() -> Landscape:
    """Let six parts be switched on or off, each with a number of its own, three also with two."""
    domains: dict[str, Domain] = {"level": Real(0, 1)}
    for i in range(len(_SWITCHES)):
        domains[f"part{i}"] = Nested(("off", "on"))
        domains[f"part{i}.on.strength"] = Real(1e-3, 1e2, log=True)
        if i % 2 == 0:
            domains[f"part{i}.on.share"] = Real(0, 1)
    return Landscape("conditional/switches", nested_space(domains), _switches)


def _switches(v: Values) -> float:
    loss = sum(gain for gain in _SWITCHES if gain > 0)
    for i, gain in enumerate(_SWITCHES):
        if v[f"part{i}"] == "on":
            strength = math.log10(v[f"part{i}.on.strength"]) + 0.5 - 0.3 * i
            share = v.get(f"part{i}.on.share", 0.5) - 0.5
            loss += 0.04 * strength**2 + 0.3 * share**2 - gain
    return float(loss + 0.5 * (v["level"] - 0.35) ** 2)


def shared() -> Landscape:
    """Let options of one choice share some of their parameters, as kernels of a machine do."""
    kernel = Categorical(("linear", "poly", "sigmoid", "rbf"))
    space = SearchSpace(
        [
            Parameter("C", Real(1e-3, 1e4, log=True)),
            Parameter("kernel", kernel),
            Parameter("gamma", Real(1e-6, 10, log=True), when=Condition("kernel", (1, 2, 3))),
            Parameter("offset", Real(-2, 2), when=Condition("kernel", (1, 2))),
            Parameter("degree", Integer(2, 6), when=Condition("kernel", (1,))),
            Parameter("shrink", Categorical((True, False))),
            Parameter("tolerance", Real(1e-6, 0.1, log=True)),
        ]
    )
    return Landscape("conditional/shared", space, _shared)


def _shared(v: Values) -> float:
    c, kernel = math.log10(v["C"]), v["kernel"]
    loss = 0.02 * (0.0 if v["shrink"] else 1.0)
    loss += 0.01 * (math.log10(v["tolerance"]) + 4) ** 2
    if kernel == "linear":
        return loss + 0.2 + 0.03 * (c + 1) ** 2
    gamma = math.log10(v["gamma"]) + 3
    loss += 0.05 * (c + gamma - 1.5) ** 2 + 0.06 * gamma**2
    if kernel == "rbf":
        return loss + 0.03
    loss += 0.1 * (v["offset"] - 0.5) ** 2
    return float(loss + (0.02 * (v["degree"] - 3) ** 2 if kernel == "poly" else 0.08))


def pipeline() -> Landscape:
    """Put four choices under one another, and add noise to what is heard."""
    return Landscape("conditional/pipeline", nested_space(_PIPELINE), _pipeline, noise=0.025)


_MODEL = "clean.scaled.features.selected.model"
_PIPELINE: dict[str, Domain] = {
    "clean": Nested(("raw", "scaled")),
    "clean.raw.depth": Integer(1, 30),
    "clean.raw.leaf": Integer(1, 100, log=True),
    "clean.scaled.quantile": Real(0, 0.2),
    "clean.scaled.features": Nested(("all", "selected")),
    "clean.scaled.features.all.penalty": Real(1e-5, 1e3, log=True),
    "clean.scaled.features.selected.share": Real(0.05, 1),
    _MODEL: Nested(("neighbours", "net")),
    f"{_MODEL}.neighbours.count": Integer(1, 100, log=True),
    f"{_MODEL}.neighbours.power": Real(1, 3),
    f"{_MODEL}.net.rate": Real(1e-5, 1, log=True),
    f"{_MODEL}.net.width": Integer(4, 1024, log=True),
    f"{_MODEL}.net.stop": Nested(("never", "early")),
    f"{_MODEL}.net.stop.early.patience": Integer(1, 50),
}


def _pipeline(v: Values) -> float:
    if v["clean"] == "raw":
        leaf = math.log10(v["clean.raw.leaf"]) - 1
        return float(0.12 + 0.0015 * (v["clean.raw.depth"] - 9) ** 2 + 0.06 * leaf**2)
    loss: float = 8 * (v["clean.scaled.quantile"] - 0.05) ** 2
    if v["clean.scaled.features"] == "all":
        return float(
            loss + 0.15 + 0.02 * (math.log10(v["clean.scaled.features.all.penalty"]) - 0.5) ** 2
        )
    share = v["clean.scaled.features.selected.share"] - 0.4
    return float(loss + 0.4 * share**2 + _selected(v, share))


def _selected(v: Values, share: float) -> float:
    if v[_MODEL] == "neighbours":
        count = math.log10(v[f"{_MODEL}.neighbours.count"]) - 1
        return float(0.06 + 0.1 * count**2 + 0.02 * (v[f"{_MODEL}.neighbours.power"] - 2) ** 2)
    width = math.log2(v[f"{_MODEL}.net.width"]) - 7 - 2 * share
    loss = 0.06 * (math.log10(v[f"{_MODEL}.net.rate"]) + 2.5) ** 2 + 0.015 * width**2
    if v[f"{_MODEL}.net.stop"] == "never":
        return loss + 0.04
    return float(loss + 0.0004 * (v[f"{_MODEL}.net.stop.early.patience"] - 12) ** 2)


_WIDTHS = (128, 64, 32, 32, 16)


def layers() -> Landscape:
    """Let a number of layers decide how many widths and shares of dropout there are."""
    depth = len(_WIDTHS)
    parameters = [
        Parameter("layers", Categorical(tuple(range(1, depth + 1)))),
        Parameter("rate", Real(1e-5, 1, log=True)),
        Parameter("activation", Categorical(("relu", "tanh", "gelu"))),
    ]
    for i in range(depth):
        when = Condition("layers", tuple(range(i, depth))) if i else None
        parameters.append(Parameter(f"width{i}", Integer(4, 1024, log=True), when=when))
        parameters.append(Parameter(f"drop{i}", Real(0, 0.9), when=when))
    return Landscape("conditional/layers", SearchSpace(parameters), _layers)


def _layers(v: Values) -> float:
    depth: int = v["layers"]
    sizes = [math.log2(v[f"width{i}"] / _WIDTHS[i]) for i in range(depth)]
    drops = [v[f"drop{i}"] - 0.1 - 0.1 * i for i in range(depth)]
    loss = {1: 0.25, 2: 0.08, 3: 0.0, 4: 0.03, 5: 0.1}[depth]
    loss += (0.04 * sum(x * x for x in sizes) + 0.3 * sum(x * x for x in drops)) / depth
    rate = math.log10(v["rate"]) + 2 + 0.3 * (depth - 3)
    return float(
        loss + 0.06 * rate**2 + {"relu": 0.01, "tanh": 0.04, "gelu": 0.0}[v["activation"]]
    )


CONDITIONAL: tuple[Callable[[], Landscape], ...] = (
    sizes,
    two_roots,
    switches,
    shared,
    pipeline,
    layers,
)
