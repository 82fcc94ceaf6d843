"""Optuna's samplers as solvers, in its define-by-run style through ``ask`` and ``tell``."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sweepwright.contracts import Problem

from ..solver import Opening
from .translation import suggest


def default(seed: int, **options: Any) -> Any:
    """Return its default sampler: of Optuna 5, multivariate TPE without groups."""
    return _tpe(seed, options)


def grouped(seed: int, **options: Any) -> Any:
    """Return multivariate TPE with a model for each group of parameters."""
    return _tpe(seed, {"multivariate": True, "group": True, **options})


def univariate(seed: int, **options: Any) -> Any:
    """Return TPE with a model for each parameter."""
    return _tpe(seed, {"multivariate": False, **options})


def cma(seed: int, **options: Any) -> Any:
    """Return CMA-ES, which draws what it cannot model from the prior."""
    from optuna.samplers import CmaEsSampler  # noqa: PLC0415 - a peer's library

    return CmaEsSampler(seed=seed, warn_independent_sampling=False, **options)


def gaussian_process(seed: int, **options: Any) -> Any:
    """Return its Gaussian process, by PyTorch."""
    from optuna.samplers import GPSampler  # noqa: PLC0415 - a peer's library

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is marked as experimental
        return GPSampler(seed=seed, **options)


def _tpe(seed: int, options: Mapping[str, Any]) -> Any:
    from optuna.samplers import TPESampler  # noqa: PLC0415 - a peer's library

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of its options are marked as experimental
        return TPESampler(seed=seed, **options)


class OptunaPeer:
    """A study in memory."""

    def __init__(self, sampler: Callable[..., Any], problem: Problem, options: Any) -> None:
        import optuna  # noqa: PLC0415 - a peer's library

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._space = problem.space
        self._study = optuna.create_study(sampler=sampler(problem.seed, **options))
        self._running: dict[int, Any] = {}

    def ask(self, count: int) -> Sequence[Opening]:
        """Ask for trials one after another, as its own loop would."""
        return [self._open() for _ in range(count)]

    def tell(self, number: int, value: float) -> None:
        """Tell the study."""
        self._study.tell(self._running.pop(number), value)

    def remember(self, values: Sequence[float]) -> None:
        """Play random trials through the study."""
        from optuna.samplers import RandomSampler  # noqa: PLC0415 - a peer's library

        sampler, self._study.sampler = self._study.sampler, RandomSampler(seed=0)
        for value in values:
            self.tell(self._open()[0], value)
        self._study.sampler = sampler

    def _open(self) -> Opening:
        trial = self._study.ask()
        self._running[trial.number] = trial
        return trial.number, suggest(trial, self._space)
