"""SMAC3's facade for hyperparameters as a solver, driven through its ``ask`` and ``tell``."""

import warnings
from collections.abc import Mapping, Sequence
from tempfile import TemporaryDirectory
from typing import Any

from sweepwright.contracts import Problem
from sweepwright.space import Categorical, Integer, Nested, Ordinal, Parameter, Real, SearchSpace

from ..solver import Opening
from .translation import snapped

TRIALS = 100
"""Length of a run that has no end, of which SMAC's first design is a quarter at most."""


class SmacPeer:
    """An optimiser in memory, which is told the length of the run, as its users tell it."""

    def __init__(self, problem: Problem, options: Mapping[str, Any]) -> None:
        from smac import HyperparameterOptimizationFacade, Scenario  # noqa: PLC0415 - a peer's

        self._space = problem.space
        self._folder = TemporaryDirectory()  # it writes there, though it need not
        self._configspace = in_configspace(problem.space)
        scenario = Scenario(
            self._configspace,
            deterministic=True,
            n_trials=problem.max_trials or TRIALS,
            seed=problem.seed,
            output_directory=self._folder.name,
        )
        self._smac = HyperparameterOptimizationFacade(scenario, logging_level=False, **options)
        self._design: int = self._smac._initial_design._n_configs  # noqa: SLF001 - not offered
        self._opened = 0
        self._running: dict[int, Any] = {}

    def ask(self, count: int) -> Sequence[Opening]:
        """Ask for trials one after another; fewer where it finds no new ones."""
        from smac.main.exceptions import ConfigurationSpaceExhaustedException  # noqa: PLC0415

        openings = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own
            for _ in range(count):
                try:
                    openings.append(self._open())
                except (ConfigurationSpaceExhaustedException, StopIteration):
                    break
        return openings

    def tell(self, number: int, value: float) -> None:
        """Tell the cost, and write no file."""
        self._tell(self._running.pop(number), value)

    def remember(self, values: Sequence[float]) -> None:
        """Tell the first design, which it would ask for in any case, and then random trials."""
        from smac.runhistory.dataclasses import TrialInfo  # noqa: PLC0415 - a peer's library

        ahead = min(self._design, len(values))
        for value in values[:ahead]:
            ((number, _),) = self.ask(1)
            self.tell(number, value)
        for value in values[ahead:]:
            self._tell(TrialInfo(self._configspace.sample_configuration(), seed=0), value)

    def _tell(self, trial: Any, value: float) -> None:
        from smac.runhistory.dataclasses import TrialValue  # noqa: PLC0415 - a peer's library

        self._smac.tell(trial, TrialValue(cost=value), save=False)

    def _open(self) -> Opening:
        trial = self._smac.ask()
        number, self._opened = self._opened, self._opened + 1
        self._running[number] = trial
        return number, drawn_values(self._space, dict(trial.config))


def in_configspace(space: SearchSpace) -> Any:
    """Write a space as one of ConfigSpace's, with a condition for whatever is in a branch.

    Choices are written as their numbers, and so are steps, which ConfigSpace lacks.
    """
    from ConfigSpace import ConfigurationSpace, InCondition  # noqa: PLC0415 - a peer's library

    made = {p.name: _parameter(p) for p in space.parameters}
    found = ConfigurationSpace()
    found.add(*made.values())
    for parameter in space.parameters:
        assert parameter.condition is None, "peers have no conditions but branches"
        if when := parameter.when:
            child, parent = made[parameter.name], made[when.parent]
            found.add(InCondition(child, parent, list(when.choices)))
    return found


def _parameter(parameter: Parameter) -> Any:
    import ConfigSpace as cs  # noqa: N813, PLC0415 - a peer's library

    name = parameter.name
    match parameter.domain:
        case Real(low, high, log, None):
            return cs.Float(name, (low, high), log=log)
        case Real(low, high, False, float() as step) | Integer(low, high, False, step):
            return cs.Integer(name, (0, round((high - low) / step)))
        case Integer(low, high, True, 1):
            return cs.Integer(name, (low, high), log=True)
        case Ordinal(choices):
            return cs.OrdinalHyperparameter(name, range(len(choices)))
        case Categorical(choices) | Nested(choices):
            return cs.Categorical(name, range(len(choices)))
    raise TypeError(f"SMAC has no {parameter.domain} here")


def drawn_values(space: SearchSpace, drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that the drawn numbers and indices stand for, by parameter."""
    return {p.name: _value(p, drawn[p.name]) for p in space.parameters if p.name in drawn}


def _value(parameter: Parameter, drawn: Any) -> Any:
    match parameter.domain:
        case Real(low, _, False, float() as step) | Integer(low, _, False, step):
            return snapped(parameter, low + int(drawn) * step)
    return snapped(parameter, drawn)
