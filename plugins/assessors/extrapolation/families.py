r"""The twelve families of curves, each a function of the step with two to four parameters.

Eleven are those of [1]_, Table 1; ``linear`` is the twelfth of the code that its authors
published. All rise from about 0.2 to about 0.8 in what was seen of a curve.

Each is written as :math:`f(x) = o(x; z) + B(x; z) \beta`: given the parameters `z` that bend
it, it is linear in the others, so that these can be integrated out in closed form. `letters`
turns both into the parameters of the paper. Half of the families draw the same curves as
another: Hill3 and log power, both of which are MMF without an offset; exp4, Janoschek and
Weibull. They differ in their letters, and their kind has that much more weight beforehand.

References
----------
.. [1] T. Domhan, J. T. Springenberg, F. Hutter, Speeding Up Automatic Hyperparameter
   Optimization of Deep Neural Networks by Extrapolation of Learning Curves, IJCAI 2015.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Columns: TypeAlias = tuple[Floats | float, Sequence[Floats | float]]
"""The part that has no factor, and the columns of B; each broadcasts to shape (m, n)."""


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal prior, or a log-normal one where a parameter is a logarithm."""

    mean: float
    std: float
    scales: bool = False
    """Whether it goes with the steps of a whole curve: the logarithm of a number of steps
    grows with them, a slope falls."""


@dataclass(frozen=True, slots=True)
class Family:
    """A family of curves with what is believed of its parameters before any curve is seen."""

    name: str
    formula: str
    """As in the paper, of the step x."""
    columns: Callable[[Floats, Sequence[Floats]], Columns]
    """Takes ``log x``, shape (n,), and the parameters that bend, each of shape (m, 1)."""
    letters: Callable[[Sequence[float], Sequence[float]], Mapping[str, float]]
    """Turns what bends and what is linear into the parameters of the paper."""
    bends: tuple[Normal, ...]
    linear: tuple[Normal, ...]

    def prior(self, steps: int) -> tuple[Floats, Floats]:
        """Return means and standard deviations of the bending parameters, shape (d,) each.

        `steps` is how many a whole curve has.
        """
        means = [bend.mean + bend.scales * np.log(steps) for bend in self.bends]
        return np.array(means), np.array([bend.std for bend in self.bends])

    def linear_prior(self, steps: int) -> tuple[Floats, Floats]:
        """Return means and standard deviations of the linear parameters, shape (p,) each."""
        scales = [1 / steps if factor.scales else 1.0 for factor in self.linear]
        means = [factor.mean * scale for factor, scale in zip(self.linear, scales, strict=True)]
        stds = [factor.std * scale for factor, scale in zip(self.linear, scales, strict=True)]
        return np.array(means), np.array(stds)

    def evaluate(self, x: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Evaluate the parts of m curves at n steps: o, shape (m, n), and B, (p, m, n)."""
        shape = (len(z), len(x))
        offset, columns = self.columns(np.log(x), [bend[:, None] for bend in z.T])
        basis = np.empty((len(columns), *shape))
        for filled, column in zip(basis, columns, strict=True):
            filled[:] = column
        return np.zeros(shape) + offset, basis


def _vapor_pressure(log_x: Floats, z: Sequence[Floats]) -> Columns:
    b, c = z
    return 0.0, [np.exp(b * np.exp(-log_x) + c * log_x)]


def _pow3(log_x: Floats, z: Sequence[Floats]) -> Columns:
    return 0.0, [1.0, -np.exp(-np.exp(z[0]) * log_x)]


def _pow4(log_x: Floats, z: Sequence[Floats]) -> Columns:
    alpha, shift = np.exp(z[0]), np.exp(z[1])  # (a x + b)^-alpha = a^-alpha (x + b/a)^-alpha
    return 0.0, [1.0, -(((np.exp(log_x) + shift) / (1 + shift)) ** -alpha)]


def _log_log_linear(log_x: Floats, z: Sequence[Floats]) -> Columns:
    ratio = np.exp(z[0])  # log(a log x + b) = log a + log(log x + b/a)
    return np.log((log_x + ratio) / ratio), [1.0]


def _sigmoid(log_x: Floats, z: Sequence[Floats]) -> Floats:
    """Rise from 0 to 1, by half at the step exp(z0), as steeply as exp(z1) says."""
    return 1 / (1 + np.exp(np.exp(z[1]) * (z[0] - log_x)))


def _hill3(log_x: Floats, z: Sequence[Floats]) -> Columns:
    return 0.0, [_sigmoid(log_x, z)]


def _log_power(log_x: Floats, z: Sequence[Floats]) -> Columns:
    b, c = z
    return 0.0, [1 / (1 + np.exp(c * (log_x - b)))]


def _mmf(log_x: Floats, z: Sequence[Floats]) -> Columns:
    return 0.0, [1.0, _sigmoid(log_x, z) - 1]


def _exponential(log_x: Floats, z: Sequence[Floats]) -> Columns:
    return 0.0, [1.0, -np.exp(-np.exp(np.exp(z[1]) * (log_x - z[0])))]


def _ilog2(log_x: Floats, _z: Sequence[Floats]) -> Columns:
    return 0.0, [1.0, -np.log(2) / np.log1p(np.exp(log_x))]


def _linear(log_x: Floats, _z: Sequence[Floats]) -> Columns:
    return 0.0, [1.0, np.exp(log_x)]


_SCALE = Normal(-2.5, 1.5, scales=True)  # a twelfth of the whole curve, within a factor of 4.5
_STEEPNESS = Normal(-0.1, 0.5)
_END = Normal(0.9, 0.4)
_RISE = Normal(0.7, 0.5)


def _log_of(value: float) -> float:
    return float(np.log(value)) if value > 0 else float("nan")


def _pow4_letters(z: Sequence[float], beta: Sequence[float]) -> Mapping[str, float]:
    alpha, shift = float(np.exp(z[0])), float(np.exp(z[1]))
    a = (beta[1] * (1 + shift) ** alpha) ** (-1 / alpha) if beta[1] > 0 else float("nan")
    return {"c": beta[0], "a": a, "b": a * shift, "alpha": alpha}


def _growth_letters(
    z: Sequence[float], beta: Sequence[float], kappa: float
) -> Mapping[str, float]:
    return {"alpha": beta[0], "beta": beta[0] - beta[1], "kappa": kappa, "delta": np.exp(z[1])}


FAMILIES: tuple[Family, ...] = (
    Family(
        "vapor pressure",
        "exp(a + b/x + c log x)",
        _vapor_pressure,
        lambda z, beta: {"a": _log_of(beta[0]), "b": z[0], "c": z[1]},
        (Normal(-1.0, 0.8), Normal(0.05, 0.15)),
        (Normal(0.7, 0.4),),
    ),
    Family(
        "pow3",
        "c - a x^-alpha",
        _pow3,
        lambda z, beta: {"c": beta[0], "a": beta[1], "alpha": np.exp(z[0])},
        (Normal(-0.4, 0.7),),
        (_END, _RISE),
    ),
    Family(
        "pow4",
        "c - (a x + b)^-alpha",
        _pow4,
        _pow4_letters,
        (Normal(-0.1, 0.7), Normal(-2.5, 1.5, scales=True)),
        (_END, _RISE),
    ),
    Family(
        "log log linear",
        "log(a log x + b)",
        _log_log_linear,
        lambda z, beta: {"a": np.exp(beta[0] - z[0]), "b": np.exp(beta[0])},
        (Normal(1.2, 0.9),),
        (Normal(0.3, 0.3),),
    ),
    Family(
        "Hill3",
        "ymax x^eta / (kappa^eta + x^eta)",
        _hill3,
        lambda z, beta: {"ymax": beta[0], "kappa": np.exp(z[0]), "eta": np.exp(z[1])},
        (_SCALE, _STEEPNESS),
        (_END,),
    ),
    Family(
        "log power",
        "a / (1 + (x / e^b)^c)",
        _log_power,
        lambda z, beta: {"a": beta[0], "b": z[0], "c": z[1]},
        (_SCALE, Normal(-0.9, 0.6)),
        (_END,),
    ),
    Family(
        "MMF",
        "alpha - (alpha - beta) / (1 + (kappa x)^delta)",
        _mmf,
        lambda z, beta: _growth_letters(z, beta, np.exp(-z[0])),
        (_SCALE, _STEEPNESS),
        (_END, _RISE),
    ),
    Family(
        "exp4",
        "c - exp(-a x^alpha + b)",
        _exponential,
        lambda z, beta: {
            "c": beta[0],
            "a": np.exp(-z[0] * np.exp(z[1])),
            "alpha": np.exp(z[1]),
            "b": _log_of(beta[1]),
        },
        (_SCALE, _STEEPNESS),
        (_END, _RISE),
    ),
    Family(
        "Janoschek",
        "alpha - (alpha - beta) exp(-kappa x^delta)",
        _exponential,
        lambda z, beta: _growth_letters(z, beta, np.exp(-z[0] * np.exp(z[1]))),
        (_SCALE, _STEEPNESS),
        (_END, _RISE),
    ),
    Family(
        "Weibull",
        "alpha - (alpha - beta) exp(-(kappa x)^delta)",
        _exponential,
        lambda z, beta: _growth_letters(z, beta, np.exp(-z[0])),
        (_SCALE, _STEEPNESS),
        (_END, _RISE),
    ),
    Family(
        "ilog2",
        "c - a / log(x + 1)",  # of x + 1, for the logarithm of the first step is 0
        _ilog2,
        lambda _, beta: {"c": beta[0], "a": beta[1] * np.log(2)},
        (),
        (_END, _RISE),
    ),
    Family(
        "linear",
        "a x + b",
        _linear,
        lambda _, beta: {"b": beta[0], "a": beta[1]},
        (),
        (Normal(0.5, 0.3), Normal(0.3, 0.5, scales=True)),
    ),
)
"""All families, each as likely as any other before a curve is seen."""
