"""The suites pass platforms that keep the contract, and catch each way of breaking it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sweepwright.contracts import PlatformProvider, Workspace
from sweepwright.testing import failed_checks
from sweepwright.testing.attempt_files import AttemptFilesSuite
from sweepwright.testing.outliving import OutlivingSuite
from sweepwright.testing.platforms import PlatformSuite
from sweepwright.testing.processes import ProcessSuite
from sweepwright.testing.refusals import RefusalSuite
from sweepwright.testing.scripts import scripted
from sweepwright.testing.simulated import Cluster, Simulated, SimulatedOptions, simulated_provider
from tests.sweepwright.testing import broken_outliving, broken_platforms, popen_platform
from tests.sweepwright.testing.popen_platform import Processes, kill_marked


class SimulatedRefusals(RefusalSuite):
    """Lets a simulated cluster refuse to start jobs."""

    cluster: Cluster
    outlives = True

    @contextmanager
    def refuse(self, folder: Path, *, for_good: bool) -> Iterator[None]:  # noqa: ARG002
        """Let the cluster refuse, and repair it at the end."""
        if for_good:
            self.cluster.break_down("the disk is read-only")
        else:
            self.cluster.refuse("space on the disk", "No space left on device")
        yield
        self.cluster.repair()


class TestSimulated(SimulatedRefusals, OutlivingSuite):
    cluster = Cluster(scripted)
    provider = simulated_provider(cluster)


class TestMortalSimulated(AttemptFilesSuite):
    """A simulated platform whose jobs die with their driver, as local ones do."""

    provider = simulated_provider(Cluster(scripted))

    def options(self) -> SimulatedOptions:
        return SimulatedOptions(outlives=False)


class TestProcesses(ProcessSuite):
    provider = popen_platform.offer(Processes)


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """Leave nothing behind of what broken platforms leave behind."""
    yield
    kill_marked(f"{os.getpid()}/")


def offer(
    kind: type[Simulated], cluster: Cluster | None = None
) -> PlatformProvider[SimulatedOptions]:
    cluster = cluster or Cluster(scripted)

    def build(options: SimulatedOptions, _workspace: Workspace) -> Simulated:
        return kind(cluster, options)

    return PlatformProvider(kind.__name__, SimulatedOptions, build)


@pytest.mark.parametrize("kind", broken_platforms.CAUGHT_BY, ids=lambda kind: kind.__name__)
def test_a_broken_platform_is_caught_by_the_check_meant_for_it(kind: type[Simulated]) -> None:
    facts = {"provider": offer(kind), "outlives": True, "patience": 0.2}
    check = broken_platforms.CAUGHT_BY[kind]

    assert check in failed_checks(type("Suite", (PlatformSuite,), facts), check)


@pytest.mark.parametrize(
    "kind", broken_platforms.REFUSALS_CAUGHT_BY, ids=lambda kind: kind.__name__
)
def test_a_platform_that_charges_jobs_for_refusals_is_caught(kind: type[Simulated]) -> None:
    cluster = Cluster(scripted)
    facts = {"provider": offer(kind, cluster), "cluster": cluster, "patience": 0.2}
    check = broken_platforms.REFUSALS_CAUGHT_BY[kind]

    assert check in failed_checks(type("Suite", (SimulatedRefusals,), facts), check)


@pytest.mark.parametrize("flaw", broken_outliving.CAUGHT_BY)
def test_a_platform_with_a_flaw_is_caught_by_the_check_meant_for_it(flaw: str) -> None:
    offer_flawed, check = broken_outliving.CAUGHT_BY[flaw]
    facts = {"provider": offer_flawed(Cluster(scripted)), "patience": 0.2}

    assert check in failed_checks(type("Suite", (OutlivingSuite,), facts), check)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", popen_platform.CAUGHT_BY, ids=lambda kind: kind.__name__)
def test_broken_processes_are_caught_by_the_check_meant_for_them(kind: type[Processes]) -> None:
    facts = {"provider": popen_platform.offer(kind), "patience": 5.0}
    check = popen_platform.CAUGHT_BY[kind]

    assert check in failed_checks(type("Suite", (ProcessSuite,), facts), check)


def test_a_sound_platform_fails_nothing_without_pytest_either() -> None:
    cluster = Cluster(scripted)
    facts = {"provider": offer(Simulated, cluster), "cluster": cluster}

    assert failed_checks(type("Suite", (SimulatedRefusals,), facts)) == {}


def test_every_check_catches_somebody() -> None:
    suites = {*dir(ProcessSuite), *dir(RefusalSuite), *dir(OutlivingSuite)}
    checks = {name for name in suites if name.startswith("test_")}
    broken = (
        broken_platforms.CAUGHT_BY,
        broken_platforms.REFUSALS_CAUGHT_BY,
        popen_platform.CAUGHT_BY,
    )
    caught = {check for caught_by in broken for check in caught_by.values()}
    caught |= {check for _, check in broken_outliving.CAUGHT_BY.values()}

    assert checks == caught
