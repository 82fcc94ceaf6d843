r"""The twelve families of curves, each a function of the step with two to four parameters.

Eleven families are those of [1]_, Table 1. The twelfth, ``linear``, is from the code that the
authors published. Curves are scaled to rise from about 0.2 to about 0.8 over the observed values.

Each family is written as :math:`f(x) = o(x; z) + B(x; z) \beta`. If its nonlinear parameters z are
fixed, a family is linear in its other parameters :math:`\beta`, which can therefore be integrated
out in closed form (`evidence`). `paper_parameters` converts z and :math:`\beta` to the parameters
of the paper.

Some families contain the same curves and differ only in their parameters. Hill3 and log power are
both MMF without an offset; exp4, Janoschek and Weibull all contain the same curves. A curve that
several families contain has a larger prior probability.

The priors were chosen on curves that no benchmark reports (decision 0011).

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
Decomposition: TypeAlias = tuple[Floats | float, Sequence[Floats | float]]
r"""The term o and the columns of B in :math:`o + B \beta`. Each of them broadcasts to (m, n)."""


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """Normal prior of a parameter.

    If the parameter is the logarithm of a quantity, this quantity has a log-normal prior.
    """

    mean: float
    std: float
    scales_with_steps: bool = False
    """Whether the prior depends on the number of steps of a complete curve. If so, the logarithm
    of this number is added to the mean of a nonlinear parameter; the prior of a slope, which is a
    linear parameter, is divided by this number."""


@dataclass(frozen=True, slots=True)
class Family:
    """A family of curves, with the priors of its parameters."""

    name: str
    formula: str
    """Formula of the curve in the paper, where x is the step."""
    decompose: Callable[[Floats, Sequence[Floats]], Decomposition]
    """Computes o and B from ``log x``, shape (n,), and the nonlinear parameters, shape (m, 1)
    each."""
    paper_parameters: Callable[[Sequence[float], Sequence[float]], Mapping[str, float]]
    """Converts the nonlinear and the linear parameters to the parameters of the paper."""
    nonlinear: tuple[NormalPrior, ...]
    linear: tuple[NormalPrior, ...]

    def prior(self, steps: int) -> tuple[Floats, Floats]:
        """Return means and standard deviations of the nonlinear parameters, shape (d,) each.

        `steps` is the number of steps of a complete curve.
        """
        means = [prior.mean + prior.scales_with_steps * np.log(steps) for prior in self.nonlinear]
        return np.array(means), np.array([prior.std for prior in self.nonlinear])

    def linear_prior(self, steps: int) -> tuple[Floats, Floats]:
        """Return means and standard deviations of the linear parameters, shape (p,) each.

        `steps` is the number of steps of a complete curve.
        """
        scales_with_steps = [
            1 / steps if prior.scales_with_steps else 1.0 for prior in self.linear
        ]
        means = [
            prior.mean * scale for prior, scale in zip(self.linear, scales_with_steps, strict=True)
        ]
        stds = [
            prior.std * scale for prior, scale in zip(self.linear, scales_with_steps, strict=True)
        ]
        return np.array(means), np.array(stds)

    def evaluate(self, x: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Return the offset o, shape (m, n), and the basis B, shape (p, m, n), at n steps."""
        shape = (len(z), len(x))
        offset, decompose = self.decompose(np.log(x), [prior[:, None] for prior in z.T])
        basis = np.empty((len(decompose), *shape))
        for filled, column in zip(basis, decompose, strict=True):
            filled[:] = column
        return np.zeros(shape) + offset, basis


def _vapor_pressure(log_x: Floats, z: Sequence[Floats]) -> Decomposition:
    b, c = z
    return 0.0, [np.exp(b * np.exp(-log_x) + c * log_x)]


def _pow3(log_x: Floats, z: Sequence[Floats]) -> Decomposition:
    return 0.0, [1.0, -np.exp(-np.exp(z[0]) * log_x)]


def _pow4(log_x: Floats, z: Sequence[Floats]) -> Decomposition:
    # (a x + b)^-alpha = a^-alpha (x + b/a)^-alpha, where the factor a^-alpha is a linear
    # parameter. This parameter is scaled so that its column is -1 at the first step.
    alpha, shift = np.exp(z[0]), np.exp(z[1])
    return 0.0, [1.0, -(((np.exp(log_x) + shift) / (1 + shift)) ** -alpha)]


def _log_log_linear(log_x: Floats, z: Sequence[Floats]) -> Decomposition:
    # log(a log x + b) = log a + log(log x + b/a), shifted so that o is 0 at the first step.
    ratio = np.exp(z[0])
    return np.log((log_x + ratio) / ratio), [1.0]


def _sigmoid(log_x: Floats, z: Sequence[Floats]) -> Floats:
    """Compute a curve that rises from 0 to 1.

    The curve is 1/2 at the step exp(z0), and its steepness is exp(z1).
    """
    return 1 / (1 + np.exp(np.exp(z[1]) * (z[0] - log_x)))


def _hill3(log_x: Floats, z: Sequence[Floats]) -> Decomposition:
    return 0.0, [_sigmoid(log_x, z)]


def _log_power(log_x: Floats, z: Sequence[Floats]) -> Decomposition:
    b, c = z
    return 0.0, [1 / (1 + np.exp(c * (log_x - b)))]


def _mmf(log_x: Floats, z: Sequence[Floats]) -> Decomposition:
    return 0.0, [1.0, _sigmoid(log_x, z) - 1]


def _exponential(log_x: Floats, z: Sequence[Floats]) -> Decomposition:
    return 0.0, [1.0, -np.exp(-np.exp(np.exp(z[1]) * (log_x - z[0])))]


def _ilog2(log_x: Floats, _z: Sequence[Floats]) -> Decomposition:
    return 0.0, [1.0, -np.log(2) / np.log1p(np.exp(log_x))]


def _linear(log_x: Floats, _z: Sequence[Floats]) -> Decomposition:
    return 0.0, [1.0, np.exp(log_x)]


# Step at which half of the rise is complete, or 63 % of it in exponential families. The prior's
# median is a twelfth of the steps of a complete curve; one standard deviation is a factor of 4.5.
_SCALE = NormalPrior(-2.5, 1.5, scales_with_steps=True)
# Logarithm of the exponent of the step. The exponent is near 1; a larger exponent makes the rise
# more sudden.
_STEEPNESS = NormalPrior(-0.1, 0.5)
# Observed values are scaled to the range from 0.2 to 0.8, so curves end a little above 0.8.
_END = NormalPrior(0.9, 0.4)
_RISE = NormalPrior(0.7, 0.5)


def _log_of(value: float) -> float:
    return float(np.log(value)) if value > 0 else float("nan")


def _pow4_parameters(z: Sequence[float], beta: Sequence[float]) -> Mapping[str, float]:
    alpha, shift = float(np.exp(z[0])), float(np.exp(z[1]))
    a = (beta[1] * (1 + shift) ** alpha) ** (-1 / alpha) if beta[1] > 0 else float("nan")
    return {"c": beta[0], "a": a, "b": a * shift, "alpha": alpha}


def _growth_parameters(
    z: Sequence[float], beta: Sequence[float], kappa: float
) -> Mapping[str, float]:
    return {"alpha": beta[0], "beta": beta[0] - beta[1], "kappa": kappa, "delta": np.exp(z[1])}


FAMILIES: tuple[Family, ...] = (
    Family(
        "vapor pressure",
        "exp(a + b/x + c log x)",
        _vapor_pressure,
        lambda z, beta: {"a": _log_of(beta[0]), "b": z[0], "c": z[1]},
        (NormalPrior(-1.0, 0.8), NormalPrior(0.05, 0.15)),
        (NormalPrior(0.7, 0.4),),
    ),
    Family(
        "pow3",
        "c - a x^-alpha",
        _pow3,
        lambda z, beta: {"c": beta[0], "a": beta[1], "alpha": np.exp(z[0])},
        (NormalPrior(-0.4, 0.7),),
        (_END, _RISE),
    ),
    Family(
        "pow4",
        "c - (a x + b)^-alpha",
        _pow4,
        _pow4_parameters,
        (NormalPrior(-0.1, 0.7), NormalPrior(-2.5, 1.5, scales_with_steps=True)),
        (_END, _RISE),
    ),
    Family(
        "log log linear",
        "log(a log x + b)",
        _log_log_linear,
        lambda z, beta: {"a": np.exp(beta[0] - z[0]), "b": np.exp(beta[0])},
        (NormalPrior(1.2, 0.9),),
        (NormalPrior(0.3, 0.3),),
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
        (_SCALE, NormalPrior(-0.9, 0.6)),
        (_END,),
    ),
    Family(
        "MMF",
        "alpha - (alpha - beta) / (1 + (kappa x)^delta)",
        _mmf,
        lambda z, beta: _growth_parameters(z, beta, np.exp(-z[0])),
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
        lambda z, beta: _growth_parameters(z, beta, np.exp(-z[0] * np.exp(z[1]))),
        (_SCALE, _STEEPNESS),
        (_END, _RISE),
    ),
    Family(
        "Weibull",
        "alpha - (alpha - beta) exp(-(kappa x)^delta)",
        _exponential,
        lambda z, beta: _growth_parameters(z, beta, np.exp(-z[0])),
        (_SCALE, _STEEPNESS),
        (_END, _RISE),
    ),
    Family(
        "ilog2",
        # The paper's formula has log x, which is 0 at the first step.
        "c - a / log(x + 1)",
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
        (NormalPrior(0.5, 0.3), NormalPrior(0.3, 0.5, scales_with_steps=True)),
    ),
)
"""All families, each with the same prior probability."""
