"""Trials that misbehave: none may end its driver, hang it, or leave a process behind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from sweepwright.core.store.history import read_history
from tests.system.campaign.runs import Grounds, Observed
from tests.system.campaign.verdicts import Verdict
from tests.system.sweeps import remaining, start

TRIALS = Path(__file__).with_name("misbehaviours.txt")
PRELUDE = dedent(
    '''
    import json, os, signal, subprocess, sys, time
    import sweepwright as nni

    nni.get_next_parameter()
    described = json.loads(os.environ["SWEEPWRIGHT_TRIAL"])
    attempt, attempt_number = described["attempt"], described["trial"]

    def final(value=1.0):
        nni.report_final_result(value)

    def raw(data):
        """Write bytes to where reports go, without the trial API."""
        kind, _, target = os.environ["SWEEPWRIGHT_REPORTS"].partition(":")
        file = int(target) if kind == "fd" else os.open(target, os.O_WRONLY | os.O_APPEND)
        while data:
            data = data[os.write(file, data) :]
        if kind != "fd":
            os.close(file)

    def line(**changes):
        """Return a report with other fields than the trial API writes."""
        fields = {
            "sweepwright": 1, "attempt": attempt, "role": "main", "rank": 0, "sequence": 0,
            "kind": "intermediate", "metrics": {"default": 1.0}, **changes,
        }
        return (json.dumps(fields) + "\\n").encode()
    '''
)
FORGED = {
    "sequence": ["2**64", "2**63", "-1", "-2**70", "1e300", "'x'", "None", "[]", "True", "1.5"],
    "attempt": ["0", "-1", "2**70", "'1'", "None"],
    "role": ["''", "'other'", "None", "'x' * 10**5", "{'a': 1}", "'\\ud800'"],
    "rank": ["-1", "2**65", "7", "'a'"],
    "kind": ["None", "3", "'begin'"],
    "metrics": [
        "{}",
        "None",
        "[1]",
        "3",
        "{'default': 'x' * 10**6}",
        "{str(n): n for n in range(10**5)}",
        "{'default': 10**4000}",
        "{'default': None}",
        "{'default': float('inf')}",
        "{'default': {'a': [1]}}",
        "{'\\ud800': 1}",
    ],
    "process": ["None", "'x' * 10**5", "[]", "'\\ud800'"],
    "sweepwright": ["2", "-1", "None"],
}
"""Values of a report's fields that the trial API never writes, as Python expressions."""
SECONDS = 10
"""Time limit of a trial."""


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """A trial that misbehaves, and the state in which it must end."""

    name: str
    state: str
    """``measured``, ``failed``, or ``any``."""
    source: str


def misbehaviours() -> list[Misbehaviour]:
    """Return all trials of the file, and one for each forged field of a report."""
    return [*_written(), *_forged()]


def _written() -> Iterator[Misbehaviour]:
    parts = re.split(r"^== (.+): (\w+)\n", TRIALS.read_text(), flags=re.MULTILINE)[1:]
    for name, state, source in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        yield Misbehaviour(name, state, source)


def _forged() -> Iterator[Misbehaviour]:
    for field, values in FORGED.items():
        for value in values:
            source = f"raw(line({field}={value}))\nfinal()\n"
            yield Misbehaviour(f"report with {field}={value}", "measured", source)


def misbehave(grounds: Grounds, trial: Misbehaviour) -> Verdict:
    """Run a sweep of two such trials, and check how it ended."""
    safe = "".join(c if c.isalnum() else "-" for c in trial.name)[:80]
    folder = grounds.folder / "trials" / safe
    folder.mkdir(parents=True)
    (folder / "trial.py").write_text(PRELUDE + trial.source, errors="surrogateescape")
    observed, store = Observed(), grounds.store(safe)
    arguments = [
        "tuner=random",
        f"trial.folder={folder}",
        "+trial.entries.python=trial.py",
        "framework=python",
        "max_trials=2",
        "concurrency=2",
        f"trial_timeout={SECONDS}",
        "retries.lost=3",
        f"store.path={store}",
    ]
    observed.ended(start(arguments, grounds.environment), [0, 1])
    for sweep in store.glob("[!.]*"):
        states = {str(found.state) for found in read_history(sweep).trials}
        if trial.state != "any" and states != {trial.state}:
            observed.faults.add("lost" if trial.state == "measured" else "different")
            observed.printed.append(f"states: {states}")
    if "\x1b" in "".join(observed.printed) or "\x9b" in "".join(observed.printed):
        observed.faults.add("different")
    if remaining(store):
        observed.faults.add("orphan")
    return Verdict("misbehaviours", trial.name, sorted(observed.faults), observed.detail)
