"""A few states of the campaign; ``python -m tests.system.campaign`` brings about all of them."""

from pathlib import Path

import pytest

from tests.system.campaign.damage import damages
from tests.system.campaign.damaged import Template, read_in_child
from tests.system.campaign.kills import kill_at_call
from tests.system.campaign.misbehaving import misbehave, misbehaviours
from tests.system.campaign.refusals import REFUSALS, refuse
from tests.system.campaign.runs import Grounds
from tests.system.campaign.signals import interrupt, moments
from tests.system.campaign.verdicts import Verdict, table
from tests.system.faults.library import COMPILER, Fault

needs_compiler = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler")
DAMAGES = [18, pytest.param(36, marks=pytest.mark.ci_only)]
"""Each kind of damage once; in CI twice, to a sweep that was completed and to a killed one."""
MOMENTS = list(moments(5, seed=3))[2:]
"""One moment for each of SIGHUP, SIGINT and SIGTERM, of a run, a resume and a multirun."""
CALLS = [
    Fault("driver", "write", None, "journal.sqlite", 1),
    Fault("driver", "fsync", None, "journal.sqlite", 16),
    Fault("driver", "send", None, "", 3),
    Fault("server", "mkdir", None, "/trials/", 2),
]
WATCHES = [
    pytest.param(refusal, marks=pytest.mark.ci_only)
    for refusal in REFUSALS
    if refusal.fault.call == "epoll_ctl" and refusal.fault.first > 1
]
TRIALS = [
    "stdout without closed",
    "all descriptors replaced by a file of its own",
    "daemon that ignores SIGTERM and has an empty environment",
    "reports of many processes",
    "report with sequence=2**64",
]


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Grounds:
    return Grounds(tmp_path_factory.mktemp("campaign"))


def assert_harmless(verdict: Verdict) -> None:
    assert not verdict.faults, str(verdict)


@needs_compiler
@pytest.mark.parametrize("fault", CALLS, ids=str)
def test_killed_at_a_system_call_a_sweep_ends_like_an_undisturbed_one(grounds, fault) -> None:
    assert_harmless(kill_at_call(grounds, fault))


@needs_compiler
@pytest.mark.parametrize("refusal", [*REFUSALS[::8], *WATCHES], ids=str)
def test_a_refusal_of_the_machine_costs_no_trial(grounds, refusal) -> None:
    assert_harmless(refuse(grounds, refusal))


@pytest.mark.parametrize("count", DAMAGES)
def test_damaged_stores_are_told_in_words(grounds, count: int, tmp_path: Path) -> None:
    template = Template(grounds)
    for damage in damages(count, seed=1):
        assert_harmless(read_in_child(template, damage, tmp_path))


@pytest.mark.parametrize("name", TRIALS)
def test_a_misbehaving_trial_harms_no_other(grounds, name) -> None:
    (trial,) = (trial for trial in misbehaviours() if trial.name == name)

    assert_harmless(misbehave(grounds, trial))


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_signal_ends_a_command_in_one_line(grounds, moment) -> None:
    assert_harmless(interrupt(grounds, moment))


def test_the_table_counts_states_and_faults() -> None:
    verdicts = [Verdict("kills", "a", states=6), Verdict("kills", "b", ["lost"], states=6)]
    row = table(verdicts).splitlines()[2]

    assert row.startswith("| kills | 12 | 1 | 0 |")
