"""What the command does: run what is missing, then print and draw what there is."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from ..problems.catalogue import names
from ..problems.given import given
from . import ours
from .arguments import Chosen, parse
from .entrants import BASELINE, PEERS, Entrant, entrant, missing
from .latency import latency_tables
from .parallel import parallel_tables
from .plots import draw
from .provenance import provenance
from .results import Results
from .runs import Run, perform, perform_all
from .standings import Records, standings
from .tables import report

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run(documentation: str | None) -> None:
    """Do what the command line says."""
    for variable in THREADS:  # of the processes to come, one thread each
        os.environ.setdefault(variable, "1")
    chosen = parse(documentation, default_tuners())
    entrants = present([entrant(name) for name in chosen.tuners])
    if chosen.latency:
        print(*latency_tables(entrants), sep="\n")
        return
    problems = names(chosen.problems, chosen.surrogates)
    say_absent(chosen.surrogates)
    wanted = runs(chosen, entrants, problems)
    results = Results(chosen.results, Run)
    if not chosen.report:
        run_missing(chosen, wanted, results)
    tell(chosen, wanted, results.read())


def default_tuners() -> list[str]:
    """Name our baseline, our default tuner once there is one, and the peers."""
    return [name for name in (BASELINE, "tpe") if name in ours.names()] + list(PEERS)


def present(chosen: Sequence[Entrant]) -> list[Entrant]:
    """Leave out who is not there, and say so."""
    absent = missing(chosen)
    for one in absent:
        print(f"`{one.name}` is left out: it is not installed")
    return [one for one in chosen if one not in absent]


def say_absent(surrogates: Path) -> None:
    """Say it where the given problems are not there."""
    if not given(surrogates):
        print(f"the given problems are left out: there is no `{surrogates}`")


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


def run_missing(chosen: Chosen, wanted: Sequence[Run], results: Results[Run]) -> None:
    """Run what has no record yet, or is to be done again."""
    done: Mapping[Run, object] = results.read()
    todo = [one for one in wanted if one not in done or one.tuner in chosen.again]
    how = partial(perform, surrogates=chosen.surrogates)
    for record in perform_all(how, todo, chosen.processes):
        results.append(record)


def tell(chosen: Chosen, wanted: Sequence[Run], records: Records) -> None:
    """Print the tables, and draw the pictures."""
    for line in provenance(wanted, records, lambda name: entrant(name).versions()):
        print(line)
    if chosen.parallel > 1:
        print(*parallel_tables(wanted, records, chosen.surrogates, chosen.parallel), sep="\n")
        return
    found = standings(wanted, records, chosen.surrogates)
    for problem in dict.fromkeys(run.problem for run in wanted):
        if problem not in found.regrets:
            print(f"`{problem}` is left out: no seed that all tuners have, or no norms")
    if not found.regrets:
        return
    print(*report(found, chosen.trials), sep="\n")
    if chosen.plots:
        for path in draw(found, chosen.plots, chosen.stem, chosen.trials):
            print(f"drew `{path}`")
