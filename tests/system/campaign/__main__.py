"""The long form of the campaign: ``python -m tests.system.campaign``, from the root.

It disturbs sweeps in every way that this folder knows, and prints a table with a row for each:
how many states there were, and how many of them showed a fault. It exits with 1 if any did.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.system.campaign.damage import damages
from tests.system.campaign.damaged import Template, read_in_child
from tests.system.campaign.kills import kill_at_call, kill_at_random, random_kills, system_calls
from tests.system.campaign.misbehaving import misbehave, misbehaviours
from tests.system.campaign.refusals import REFUSALS, refuse
from tests.system.campaign.runs import Grounds
from tests.system.campaign.signals import interrupt, moments
from tests.system.campaign.verdicts import Verdict, table

AREAS = ("kills", "calls", "damage", "refusals", "misbehaviours", "signals")


def main() -> int:
    """Run the chosen areas, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("areas", nargs="*", choices=[*AREAS, []], help="all by default")
    parser.add_argument("--kills", type=int, default=345)
    parser.add_argument("--calls", type=int, default=300, help="at most; 202 take effect")
    parser.add_argument("--damage", type=int, default=1000)
    parser.add_argument("--signals", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2, help="states at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="states whose description contains this")
    chosen = parser.parse_args()
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        grounds = Grounds(Path(folder))
        for area in chosen.areas or AREAS:
            begun = time.monotonic()
            verdicts += _conduct(_states(area, chosen, grounds), chosen.jobs)
            print(f"{area}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    print(table(verdicts))
    return int(any(verdict.faults for verdict in verdicts))


def _states(
    area: str, chosen: argparse.Namespace, grounds: Grounds
) -> Iterable[Callable[[], Verdict]]:
    """Return the states of an area, each as a function that brings it about."""
    match area:
        case "kills":
            kills = random_kills(chosen.kills, chosen.seed)
            return [partial(kill_at_random, grounds, state) for state in kills]
        case "calls":
            calls = system_calls(chosen.calls)
            return [partial(kill_at_call, grounds, f) for f in calls if chosen.only in str(f)]
        case "damage":
            template = Template(grounds)
            found = damages(chosen.damage, chosen.seed)
            return [
                partial(read_in_child, template, d, grounds.folder)
                for d in found
                if chosen.only in str(d)
            ]
        case "refusals":
            return [partial(refuse, grounds, r) for r in REFUSALS if chosen.only in str(r)]
        case "misbehaviours":
            return [
                partial(misbehave, grounds, m) for m in misbehaviours() if chosen.only in m.name
            ]
        case _:
            sent = moments(chosen.signals, chosen.seed)
            return [partial(interrupt, grounds, m) for m in sent if chosen.only in str(m)]


def _conduct(states: Iterable[Callable[[], Verdict]], jobs: int) -> list[Verdict]:
    """Bring states about, some at once; print each that shows a fault."""
    verdicts = []
    with ThreadPoolExecutor(jobs) as pool:
        for verdict in pool.map(lambda state: state(), states):
            verdicts.append(verdict)
            if verdict.faults:
                print(verdict, file=sys.stderr, flush=True)
    return verdicts


if __name__ == "__main__":
    sys.exit(main())
