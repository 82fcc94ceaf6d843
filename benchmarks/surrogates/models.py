"""The models: ours, scikit-learn's and SMAC3's, each fitted to the same targets.

A model takes a case and the targets of its trials, shape (n,), and returns the means and the
standard deviations of the targets at the held-out points, noise included.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from sweepwright.seeds import rng
from sweepwright.space import Ordinal

from ..comparison.peers.smac import in_configspace
from ..comparison.regret import Floats
from .cases import Case

Model: TypeAlias = Callable[[Case, Floats], tuple[Floats, Floats]]
TREES = 100
"""Of scikit-learn's forest, as is its default."""


def our_process(case: Case, targets: Floats) -> tuple[Floats, Floats]:
    """Fit the Gaussian process of ``tuner=gp``."""
    from sweepwright.plugins.tuners.gaussian_process import fit  # noqa: PLC0415 - may be missing
    from sweepwright.plugins.tuners.gaussian_process.build import mean_active  # noqa: PLC0415
    from sweepwright.plugins.tuners.gaussian_process.embedding import Embedding  # noqa: PLC0415
    from sweepwright.plugins.tuners.gaussian_process.posterior import (  # noqa: PLC0415
        condition,
        factorise,
    )
    from sweepwright.plugins.tuners.gaussian_process.process import (  # noqa: PLC0415
        Covariance,
        Process,
    )

    embedding = Embedding(case.axes)
    points = embedding(case.points)
    prior = fit.default_prior(len(case.space), mean_active(case.space))
    found = fit.fit(fit.Data(points, embedding.parameters, targets), prior)
    covariance = Covariance(found, embedding.parameters)
    scaled = covariance.scaled(points)
    posterior = condition(factorise(covariance.of_observations(scaled)), targets)
    process = Process(covariance, scaled, posterior)
    mean, variance = process.predict(embedding(case.held_out_points))
    return mean, np.sqrt(variance + found.noise)


def our_forest(case: Case, targets: Floats) -> tuple[Floats, Floats]:
    """Grow the forest of ``tuner=smac``."""
    from sweepwright.plugins.tuners.forest.encoding import encode  # noqa: PLC0415 - may be missing
    from sweepwright.plugins.tuners.forest.forest import fill, grow  # noqa: PLC0415

    features = encode(case.points)
    trees = grow(features, targets, rng(0, "forest"))
    mean, variance = fill(trees, features, targets).predict(encode(case.held_out_points))
    return mean, np.sqrt(variance)


def their_process(case: Case, targets: Floats) -> tuple[Floats, Floats]:
    """Fit scikit-learn's process: Matern 5/2, a length scale for each coordinate, and noise."""
    from sklearn.gaussian_process import GaussianProcessRegressor, kernels  # noqa: PLC0415

    points = one_hot(case, case.points)
    kernel = kernels.ConstantKernel() * kernels.Matern(np.ones(points.shape[1]), nu=2.5)
    kernel += kernels.WhiteKernel(1e-3, (1e-6, 1))
    model = GaussianProcessRegressor(kernel, normalize_y=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of bounds that the optimum lies on
        model.fit(points, targets)
        mean, deviation = model.predict(one_hot(case, case.held_out_points), return_std=True)
    return mean, deviation


def their_forest(case: Case, targets: Floats) -> tuple[Floats, Floats]:
    """Fit scikit-learn's forest; the deviation is that of its trees."""
    from sklearn.ensemble import RandomForestRegressor  # noqa: PLC0415

    model = RandomForestRegressor(TREES, random_state=0)
    model.fit(one_hot(case, case.points), targets)
    points = one_hot(case, case.held_out_points)
    each = np.array([tree.predict(points) for tree in model.estimators_])
    return each.mean(axis=0), each.std(axis=0)


def smac_forest(case: Case, targets: Floats) -> tuple[Floats, Floats]:
    """Fit SMAC3's forest with the settings of its facade for hyperparameters.

    The facade also takes logarithms of the losses; here it gets the targets of all models.
    """
    from smac.model.random_forest.random_forest import RandomForest  # noqa: PLC0415 - a peer's

    model = RandomForest(
        in_configspace(case.space),
        n_trees=10,
        ratio_features=1.0,
        min_samples_split=2,
        min_samples_leaf=1,
        seed=0,
    )
    model.train(_vectors(case, case.points), targets[:, None])
    mean, variance = model.predict(_vectors(case, case.held_out_points))
    return mean[:, 0], np.sqrt(variance[:, 0])


def one_hot(case: Case, points: Floats) -> Floats:
    """Encode choices as one coordinate for each option, inactive numbers as 1/2."""
    numbers = points[:, case.axes.numbers]
    parts = [np.where(np.isnan(numbers), 0.5, numbers)]
    for column in case.axes.choices.tolist():
        options = np.arange(len(case.axes.prior_of(column)))
        parts.append((points[:, column, None] == options).astype(float))
    return np.concatenate(parts, axis=1)


def _vectors(case: Case, points: Floats) -> Floats:
    """Write points as the vectors of ConfigSpace, in which an ordinal is an index."""
    vectors = points.copy()
    for column, parameter in enumerate(case.space.parameters):
        if isinstance(parameter.domain, Ordinal):
            vectors[:, column] = np.floor(vectors[:, column] * len(parameter.domain.choices))
    return vectors


MODELS: Mapping[str, Model] = {
    "gp": our_process,
    "smac": our_forest,
    "scikit-learn's process": their_process,
    "scikit-learn's forest": their_forest,
    "SMAC3's forest": smac_forest,
}
OURS = ("gp", "smac")
"""The models that the others are compared with, by the tuners that use them."""


def available(name: str, case: Case) -> bool:
    """Tell whether a model can be fitted: what it needs may not be installed."""
    targets: Any = (case.losses - case.losses.mean()) / (case.losses.std() or 1.0)
    try:
        MODELS[name](case, targets)
    except ModuleNotFoundError:
        return False
    return True
