"""hyperopt's TPE as a solver, driven as its ``fmin`` does, over a nested ``hp.choice``."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sweepwright.contracts import Problem
from sweepwright.space import Integer, Ordinal, Parameter, Real, SearchSpace

from ..solver import Opening
from .translation import Knot, snapped, tree


class HyperoptPeer:
    """Trials in memory; seeds come from one generator, as in ``fmin``."""

    def __init__(self, problem: Problem, options: Mapping[str, Any]) -> None:
        from hyperopt import Trials, base, tpe  # noqa: PLC0415 - a peer's library

        self._space = problem.space
        self._domain = base.Domain(lambda _: 0.0, in_hyperopt(problem.space))
        self._trials = Trials()
        self._suggest = tpe.suggest
        self._options = {"verbose": False, **options}
        self._rng = np.random.default_rng(problem.seed)
        self._running: dict[int, Any] = {}

    def ask(self, count: int) -> Sequence[Opening]:
        """Ask for trials one after another, as ``fmin`` would."""
        return [self._open() for _ in range(count)]

    def tell(self, number: int, value: float) -> None:
        """Enter the loss where its workers would."""
        self._finish(self._running.pop(number), value)
        self._trials.refresh()

    def remember(self, values: Sequence[float]) -> None:
        """Enter random trials at once."""
        from hyperopt import rand  # noqa: PLC0415 - a peer's library

        ids = self._trials.new_trial_ids(len(values))
        docs = rand.suggest(ids, self._domain, self._trials, 0)
        for doc, value in zip(docs, values, strict=True):
            self._finish(doc, value)
        self._trials.insert_trial_docs(docs)
        self._trials.refresh()

    def _open(self) -> Opening:
        trials, seed = self._trials, int(self._rng.integers(2**31 - 1))
        ids = trials.new_trial_ids(1)
        trials.refresh()
        docs = self._suggest(ids, self._domain, trials, seed, **self._options)
        trials.insert_trial_docs(docs)
        trials.refresh()
        (number,) = ids
        self._running[number] = trials._dynamic_trials[number]  # noqa: SLF001 - as `fmin` does
        return number, self._values(docs[0]["misc"]["vals"])

    def _values(self, drawn: Mapping[str, Sequence[float]]) -> dict[str, Any]:
        """Read the values of a trial; what is not active has none."""
        return {
            p.name: snapped(p, float(drawn[p.name][0]))
            for p in self._space.parameters
            if drawn[p.name]
        }

    @staticmethod
    def _finish(doc: dict[str, Any], value: float) -> None:
        from hyperopt import JOB_STATE_DONE  # noqa: PLC0415 - a peer's library

        doc["state"] = JOB_STATE_DONE
        doc["result"] = {"status": "ok", "loss": value}


def in_hyperopt(space: SearchSpace) -> dict[str, Any]:
    """Write a space as hyperopt's nested expressions, one for each parameter that is a root."""
    made: dict[str, Any] = {}
    return {knot.parameter.name: _expression(knot, made) for knot in tree(space)}


def _expression(knot: Knot, made: dict[str, Any]) -> Any:
    """Write a parameter with what hangs under it; a second time it is the same expression."""
    from hyperopt import hp  # noqa: PLC0415 - a peer's library

    name = knot.parameter.name
    if name not in made:
        made[name] = (
            hp.choice(name, [_branch(branch, made) for branch in knot.under])
            if knot.under
            else _number(knot.parameter)
        )
    return made[name]


def _branch(knots: Sequence[Knot], made: dict[str, Any]) -> Any:
    return {knot.parameter.name: _expression(knot, made) for knot in knots}


def _number(parameter: Parameter) -> Any:
    """Write an interval; one with steps is half a step longer at both ends, so that they count."""
    from hyperopt import hp  # noqa: PLC0415 - a peer's library

    name = parameter.name
    match parameter.domain:
        case Real(low, high, False, None):
            return hp.uniform(name, low, high)
        case Real(low, high, True, None):
            return hp.loguniform(name, math.log(low), math.log(high))
        case Real(low, high, False, float() as step) | Integer(low, high, False, step):
            return hp.quniform(name, low - step / 2, high + step / 2, step)
        case Integer(low, high, True, step):
            ends = math.log(low - step / 2), math.log(high + step / 2)
            return hp.qloguniform(name, *ends, step)
        case Ordinal(choices):
            return hp.quniform(name, -0.5, len(choices) - 0.5, 1)
    raise TypeError(f"hyperopt has no {parameter.domain} here")
