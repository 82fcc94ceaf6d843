r"""The information gain of a measurement: the drop of the lowest predicted mean that it promises.

Metis [1]_ imagines for each candidate that its measurement is at the upper or at the lower end of
the 95 % interval of its prediction, and looks how far the lowest mean drops. Under the joint
normal posterior, a measurement of the candidate c at :math:`\mu_c \pm 1.96 s_c`, where
:math:`s_c^2` is the predictive variance of a noisy measurement, moves the mean at another point x
by

.. math:: \Delta(x) = \pm 1.96 \, \mathrm{Cov}(x, c) / s_c,

so that no process has to be fitted again. The mean of the two drops is never negative, because a
minimum is concave. It is the knowledge gradient [2]_ with the normal measurement replaced by two
equally likely values.

References
----------
.. [1] Z. L. Li, C.-J. M. Liang, W. He, L. Zhu, W. Dai, J. Jiang, G. Sun, "Metis: Robustly
   Optimizing Tail Latencies of Cloud Systems", USENIX ATC 2018.
.. [2] P. Frazier, W. Powell, S. Dayanik, "The Knowledge-Gradient Policy for Correlated Normal
   Beliefs", INFORMS Journal on Computing 21, 2009.
"""

from collections.abc import Mapping

import numpy as np

from ..gaussian_process.kernels import Floats

WEIGHTS: Mapping[float, float] = {1.96: 1.0, 4.0: 0.02}
"""Mapping from the distance of an imagined measurement, in standard deviations, to its weight.

Metis has the first only. Then the gain of most candidates is 0, for example in a branch that needs
two good measurements to overtake the best one, and the search does not leave its branch. On eleven
development problems, 60 trials and five seeds, the second reduces the mean regret by a tenth to a
sixth; on flat spaces the difference is within the error."""


def information_gain(means: Floats, shifts: Floats) -> Floats:
    """Compute how far the lowest of k means drops, on average, after measuring a candidate.

    Parameters
    ----------
    means : ndarray, shape (k,)
        Posterior means of the points among which the lowest is looked for.
    shifts : ndarray, shape (k, m)
        Shifts of the means if the measurement of each of m candidates is one standard deviation
        above its prediction: the posterior covariances, divided by the predictive deviations.

    Returns
    -------
    ndarray, shape (m,)
        At least 0, up to rounding, in the unit of the means.
    """
    gains = np.zeros(shifts.shape[1])
    for distance, weight in WEIGHTS.items():
        gains += weight * mean_drop(means[:, None], distance * shifts)
    return gains


def mean_drop(means: Floats, shifts: Floats) -> Floats:
    """Compute how far the lowest mean drops, on average over a shift and its opposite.

    Both arrays have a row for each point; the result has the shape (m,).
    """
    after = (means + shifts).min(axis=0) + (means - shifts).min(axis=0)
    return np.asarray(means.min(axis=0) - after / 2)
