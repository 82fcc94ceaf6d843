"""What the campaign checks in each state, and the table that it prints."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FAULTS = {
    "lost": "a trial is missing at the end",
    "doubled": "a trial has two results",
    "spent": "a trial failed, or used up a retry, for a fault that is not its own",
    "different": "the results are not those of an undisturbed sweep",
    "traceback": "a command ended in a traceback",
    "silent": "damage was accepted, or a command failed without a word",
    "hidden": "a damaged sweep hid another one",
    "orphan": "a process was left after the next command",
    "exit": "a command ended with another exit code than it should, or never",
}
"""The faults that a state may show, and what each means."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The faults that one state of the campaign has shown."""

    area: str
    state: str
    faults: Sequence[str] = ()
    """Keys of `FAULTS`; empty if everything held."""
    detail: str = ""
    """What the commands printed, for a state with faults."""
    states: int = 1
    """Number of disturbances in this state, such as kills in one sweep."""

    def __str__(self) -> str:
        """Describe the faults of this state."""
        return f"{self.area}: {self.state}: {', '.join(self.faults)}\n{self.detail}"


def table(verdicts: Iterable[Verdict]) -> str:
    """Return a Markdown table with a row for each area: how many states showed each fault."""
    states: Counter[str] = Counter()
    faults: Counter[tuple[str, str]] = Counter()
    for verdict in verdicts:
        states[verdict.area] += verdict.states
        faults.update((verdict.area, fault) for fault in set(verdict.faults))
    rows = [["area", "states", *FAULTS]]
    rows.append(["---", "---:", *["---:"] * len(FAULTS)])
    for area, count in states.items():
        rows.append([area, str(count), *(str(faults[area, fault]) for fault in FAULTS)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
