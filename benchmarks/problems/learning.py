"""Tasks of scikit-learn on the data that it carries along.

The rule of choice: its four small tables `digits`, `wine`, `breast_cancer` and `diabetes`, each
with a model of another kind, so that an evaluation takes some 10 to 60 ms: a choice of models
(nested), a network, a linear model by stochastic descent, and a boosted regression. Losses are
means over three folds, the same for everybody and every time.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sweepwright.space import Categorical, Domain, Integer, Nested, Real

from .landscape import Landscape, Values
from .spaces import nested_space


def digits() -> Landscape:
    """Choose one of four classifiers for 450 digits; the loss is the error rate."""
    domains: dict[str, Domain] = {
        "scale": Categorical((True, False)),
        "model": Nested(("svm", "neighbours", "tree", "ridge")),
        "model.svm.C": Real(1e-3, 1e3, log=True),
        "model.svm.kernel": Nested(("rbf", "poly")),
        "model.svm.kernel.rbf.gamma": Real(1e-6, 10, log=True),
        "model.svm.kernel.poly.degree": Integer(1, 5),
        "model.neighbours.count": Integer(1, 50, log=True),
        "model.neighbours.weights": Categorical(("uniform", "distance")),
        "model.neighbours.p": Real(1, 2, step=0.5),
        "model.tree.depth": Integer(1, 20),
        "model.tree.leaf": Integer(1, 30),
        "model.tree.criterion": Categorical(("gini", "entropy")),
        "model.ridge.alpha": Real(1e-4, 1e4, log=True),
    }
    return _task("digits", domains, _classifier, "accuracy", rows=450)


def _classifier(v: Values) -> Any:
    from sklearn import linear_model, neighbors, svm, tree  # noqa: PLC0415 - slow to import

    match v["model"]:
        case "svm":
            kernel = v["model.svm.kernel"]
            gamma = v.get("model.svm.kernel.rbf.gamma", "scale")
            degree = v.get("model.svm.kernel.poly.degree", 3)
            return svm.SVC(C=v["model.svm.C"], kernel=kernel, gamma=gamma, degree=degree)
        case "neighbours":
            count, weights = v["model.neighbours.count"], v["model.neighbours.weights"]
            return neighbors.KNeighborsClassifier(
                count, weights=weights, p=v["model.neighbours.p"]
            )
        case "tree":
            depth, leaf = v["model.tree.depth"], v["model.tree.leaf"]
            return tree.DecisionTreeClassifier(
                criterion=v["model.tree.criterion"],
                max_depth=depth,
                min_samples_leaf=leaf,
                random_state=0,
            )
    return linear_model.RidgeClassifier(v["model.ridge.alpha"])


def wine() -> Landscape:
    """Train a network on wines for a few epochs; the loss is the log loss."""
    domains: dict[str, Domain] = {
        "scale": Categorical((True, False)),
        "width": Integer(2, 64, log=True),
        "layers": Integer(1, 3),
        "activation": Categorical(("relu", "tanh", "logistic")),
        "alpha": Real(1e-6, 10, log=True),
        "batch": Integer(8, 64, step=8),
        "solver": Nested(("sgd", "adam")),
        "solver.sgd.rate": Real(1e-4, 1, log=True),
        "solver.sgd.momentum": Real(0, 0.99),
        "solver.sgd.nesterov": Categorical((True, False)),
        "solver.adam.rate": Real(1e-5, 0.1, log=True),
        "solver.adam.beta": Real(0.5, 0.999),
    }
    return _task("wine", domains, _network, "neg_log_loss")


def _network(v: Values) -> Any:
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 - slow to import

    solver = v["solver"]
    return MLPClassifier(
        (v["width"],) * v["layers"],
        activation=v["activation"],
        solver=solver,
        alpha=v["alpha"],
        batch_size=v["batch"],
        learning_rate_init=v[f"solver.{solver}.rate"],
        momentum=v.get("solver.sgd.momentum", 0.9),
        nesterovs_momentum=v.get("solver.sgd.nesterov", True),
        beta_1=v.get("solver.adam.beta", 0.9),
        max_iter=12,
        random_state=0,
    )


def breast_cancer() -> Landscape:
    """Fit a linear classifier by stochastic descent; the loss is the log loss."""
    domains: dict[str, Domain] = {
        "scale": Categorical((True, False)),
        "alpha": Real(1e-7, 1, log=True),
        "penalty": Nested(("l2", "l1", "elasticnet")),
        "penalty.elasticnet.ratio": Real(0, 1),
        "schedule": Nested(("constant", "invscaling", "optimal")),
        "schedule.constant.rate": Real(1e-5, 1, log=True),
        "schedule.invscaling.rate": Real(1e-5, 1, log=True),
        "schedule.invscaling.power": Real(0.1, 0.9),
        "epochs": Integer(1, 30, log=True),
        "average": Categorical((True, False)),
    }
    return _task("breast_cancer", domains, _descent, "neg_log_loss")


def _descent(v: Values) -> Any:
    from sklearn.linear_model import SGDClassifier  # noqa: PLC0415 - slow to import

    schedule = v["schedule"]
    return SGDClassifier(
        "log_loss",
        alpha=v["alpha"],
        penalty=v["penalty"],
        l1_ratio=v.get("penalty.elasticnet.ratio", 0.15),
        learning_rate=schedule,
        eta0=v.get(f"schedule.{schedule}.rate", 0.01),
        power_t=v.get("schedule.invscaling.power", 0.5),
        max_iter=v["epochs"],
        average=v["average"],
        tol=None,
        random_state=0,
    )


def diabetes() -> Landscape:
    """Boost trees for a regression; the loss is the share of variance not explained."""
    domains: dict[str, Domain] = {
        "trees": Integer(2, 80, log=True),
        "rate": Real(0.005, 1, log=True),
        "depth": Integer(1, 6),
        "leaf": Integer(1, 60, log=True),
        "rows": Real(0.2, 1, step=0.05),
        "columns": Real(0.1, 1),
        "loss": Categorical(("squared_error", "absolute_error", "huber")),
    }
    return _task("diabetes", domains, _boosted, "r2")


def _boosted(v: Values) -> Any:
    from sklearn.ensemble import GradientBoostingRegressor  # noqa: PLC0415 - slow to import

    return GradientBoostingRegressor(
        loss=v["loss"],
        n_estimators=v["trees"],
        learning_rate=v["rate"],
        max_depth=v["depth"],
        min_samples_leaf=v["leaf"],
        subsample=v["rows"],
        max_features=v["columns"],
        random_state=0,
    )


LEARNING = {f"learning/{task.__name__}": task for task in (digits, wine, breast_cancer, diabetes)}

_WORST = 5.0
"""What a model loses that has gone astray, or whose loss is larger."""


def _task(
    name: str,
    domains: Mapping[str, Domain],
    model: Callable[[Values], Any],
    scoring: str,
    rows: int | None = None,
) -> Landscape:
    from sklearn import datasets, pipeline, preprocessing  # noqa: PLC0415 - slow to import
    from sklearn.model_selection import cross_val_score  # noqa: PLC0415 - slow to import

    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    x, y = x[:rows], y[:rows]
    perfect = 0.0 if scoring == "neg_log_loss" else 1.0

    def loss(values: Values) -> float:
        steps = [preprocessing.StandardScaler()] if values.get("scale") else []
        estimator = pipeline.make_pipeline(*steps, model(values))
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # few epochs are no mistake here
            try:
                score = float(np.mean(cross_val_score(estimator, x, y, cv=3, scoring=scoring)))
            except ValueError:  # all fits came to infinities
                return _WORST
        return min(_WORST, perfect - score) if np.isfinite(score) else _WORST

    return Landscape(f"learning/{name}", nested_space(domains), loss)
