"""What the command does: run what is missing, then print and draw what there is."""

import os
from collections.abc import Mapping, Sequence

from ..problems.catalogue import names
from . import ours
from .arguments import Chosen, parse
from .entrants import BASELINE, PEERS, Entrant, entrant, missing
from .results import Results
from .runs import Run, perform_all

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run(documentation: str | None) -> None:
    """Do what the command line says."""
    for variable in THREADS:  # of the processes to come, one thread each
        os.environ.setdefault(variable, "1")
    chosen = parse(documentation, default_tuners())
    entrants = present([entrant(name) for name in chosen.tuners])
    problems = names(chosen.problems, chosen.surrogates)
    say_absent(chosen, problems)
    wanted = runs(chosen, entrants, problems)
    results = Results(chosen.results)
    if not chosen.report:
        run_missing(chosen, wanted, results)


def default_tuners() -> list[str]:
    """Name our baseline, our default tuner once there is one, and the peers."""
    return [name for name in (BASELINE, "tpe") if name in ours.names()] + list(PEERS)


def present(chosen: Sequence[Entrant]) -> list[Entrant]:
    """Leave out who is not there, and say so."""
    absent = missing(chosen)
    for one in absent:
        print(f"`{one.name}` is left out: it is not installed")
    return [one for one in chosen if one not in absent]


def say_absent(chosen: Chosen, problems: Sequence[str]) -> None:
    """Say it where the given problems are left out."""
    if not any(name.startswith("given/") for name in problems):
        print(f"no given problems: none chosen, or none in `{chosen.surrogates}`")


def runs(chosen: Chosen, entrants: Sequence[Entrant], problems: Sequence[str]) -> list[Run]:
    """List the runs that are wanted, in such an order that all problems come along evenly."""
    workers = sorted({1, chosen.parallel})
    return [
        Run(one.name, problem, seed, chosen.trials, count, chosen.noise)
        for seed in chosen.seeds
        for one in entrants
        for problem in problems
        for count in workers
    ]


def run_missing(chosen: Chosen, wanted: Sequence[Run], results: Results) -> None:
    """Run what has no record yet, or is to be done again."""
    done: Mapping[Run, object] = results.read()
    todo = [one for one in wanted if one not in done or one.tuner in chosen.again]
    for record in perform_all(todo, chosen.surrogates, chosen.processes):
        results.append(record)
