"""The command: performs the missing runs, then prints tables and draws pictures."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from ..problems.catalogue import names
from ..problems.given import given
from . import ours
from .arguments import Chosen, parse
from .latency import latency_tables
from .parallel import parallel_tables
from .participants import BASELINE, PEERS, SLOW, Participant, missing, participant
from .plots import draw
from .predictions import prediction_table
from .provenance import provenance
from .regrets import Records, compute_regrets
from .results import Results
from .runs import Run, perform, perform_all
from .tables import report

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run(documentation: str | None) -> None:
    """Do what the command line says."""
    for variable in THREADS:  # of the processes to come, one thread each
        os.environ.setdefault(variable, "1")
    chosen = parse(documentation, default_tuners())
    participants = present([participant(name) for name in chosen.tuners])
    if chosen.latency:
        print(*latency_tables(participants), sep="\n")
        return
    problems = names(chosen.problems, chosen.surrogates)
    say_absent(chosen.surrogates)
    wanted = runs(chosen, participants, problems)
    results = Results(chosen.results, Run)
    if not chosen.report:
        run_missing(chosen, wanted, results)
    tell(chosen, wanted, results.read())


def default_tuners() -> list[str]:
    """Name our baseline, our default tuner if it exists, and the peers that are not slow."""
    mine = [name for name in (BASELINE, "tpe") if name in ours.names()]
    return mine + [name for name in PEERS if name not in SLOW]


def present(chosen: Sequence[Participant]) -> list[Participant]:
    """Drop tuners that are missing, with a message."""
    absent = missing(chosen)
    for one in absent:
        print(f"`{one.name}` is left out: it is not installed")
    return [one for one in chosen if one not in absent]


def say_absent(surrogates: Path) -> None:
    """Print a message if the given problems are missing."""
    if not given(surrogates):
        print(f"the given problems are left out: there is no `{surrogates}`")


def runs(
    chosen: Chosen, participants: Sequence[Participant], problems: Sequence[str]
) -> list[Run]:
    """List the requested runs in an order that advances all problems evenly."""
    workers = sorted({1, chosen.parallel})
    return [
        Run(one.name, problem, seed, chosen.trials, count, chosen.noise)
        for seed in chosen.seeds
        for one in participants
        for problem in problems
        for count in workers
    ]


def run_missing(chosen: Chosen, wanted: Sequence[Run], results: Results[Run]) -> None:
    """Perform runs that have no record yet, or are to be repeated."""
    done: Mapping[Run, object] = results.read()
    todo = [one for one in wanted if one not in done or one.tuner in chosen.again]
    how = partial(perform, surrogates=chosen.surrogates)
    for record in perform_all(how, todo, chosen.processes):
        results.append(record)


def tell(chosen: Chosen, wanted: Sequence[Run], records: Records) -> None:
    """Print the tables, and draw the pictures."""
    for line in provenance(wanted, records, lambda name: participant(name).versions()):
        print(line)
    if chosen.parallel > 1:
        print(*parallel_tables(wanted, records, chosen.surrogates, chosen.parallel), sep="\n")
        return
    found = compute_regrets(wanted, records, chosen.surrogates)
    for problem in dict.fromkeys(run.problem for run in wanted):
        if problem not in found.regrets:
            print(f"`{problem}` is left out: no seed that all tuners have, or no norms")
    if not found.regrets:
        return
    print(*report(found, chosen.trials), sep="\n")
    print(*prediction_table(wanted, records, chosen.surrogates), sep="\n")
    if chosen.plots:
        for path in draw(found, chosen.plots, chosen.stem, chosen.trials):
            print(f"drew `{path}`")
