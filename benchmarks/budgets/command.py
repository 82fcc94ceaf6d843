"""The command: runs each requested part, one after another."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from functools import partial
from typing import Any

from ..comparison.provenance import provenance
from ..comparison.results import Results
from ..comparison.runs import perform_all
from .arguments import Chosen, parse
from .ask_latency import ask_table
from .costs import compute_costs
from .many_workers import busy_table
from .participants import present, versions
from .races import Race, perform, problem_names
from .rank_correlations import rank_correlation_table
from .tables import report

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run(documentation: str | None) -> None:
    """Do what the command line says."""
    for variable in THREADS:  # of the processes to come, one thread each
        os.environ.setdefault(variable, "1")
    os.environ.setdefault("PYTHONWARNINGS", "ignore")  # peers' own
    chosen = parse(documentation)
    there = problem_names(chosen.surrogates)
    if not any(name.startswith("lcbench") for name in there):
        print(f"the surrogates are left out: there is no `{chosen.surrogates / 'lcbench'}`\n")
    problems = [name for name in there if any(fnmatch(name, p) for p in chosen.problems)]
    for line in lines(chosen, problems):
        print(line, flush=True)


def lines(chosen: Chosen, problems: Sequence[str]) -> Iterator[str]:
    """Write the results of each part."""
    if "curves" in chosen.parts:
        yield from rank_correlation_table(problems, chosen.seeds[0], chosen.surrogates)
    if "race" in chosen.parts:
        yield from race(chosen, problems)
    if "busy" in chosen.parts:
        yield from busy_table()
    if "asks" in chosen.parts:
        yield from ask_table()


def race(chosen: Chosen, problems: Sequence[str]) -> Iterator[str]:
    """Perform the missing runs, and write the tables of all."""
    wanted = races(chosen, chosen.tuners if chosen.report else present(chosen.tuners), problems)
    results = Results(chosen.results, Race)
    if not chosen.report:
        run_missing(chosen, wanted, results)
    records = results.read()
    yield ""
    yield from provenance(wanted, records, versions)
    if found := compute_costs(wanted, records):
        yield from report(found)


def races(chosen: Chosen, tuners: Sequence[str], problems: Sequence[str]) -> list[Race]:
    """List the requested runs in an order that advances all problems evenly."""
    rest = (chosen.trials, chosen.workers, chosen.patience)
    return [
        Race(tuner, problem, seed, *rest)
        for seed in chosen.seeds
        for tuner in tuners
        for problem in problems
    ]


def run_missing(chosen: Chosen, wanted: Sequence[Race], results: Results[Race]) -> None:
    """Perform runs that have no record yet, or are to be repeated."""
    done: Mapping[Race, Any] = results.read()
    todo = [one for one in wanted if one not in done or one.tuner in chosen.again]
    how = partial(quietly, surrogates=chosen.surrogates)
    for record in perform_all(how, todo, chosen.processes):
        results.append(record)


def quietly(wanted: Race, surrogates: Any) -> dict[str, Any]:
    """Perform a run without the log output of peers."""
    logging.disable(logging.WARNING)
    return perform(wanted, surrogates)
