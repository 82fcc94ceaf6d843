"""The suites pass platforms that keep the contract, and catch each way of breaking it."""

import os
from collections.abc import Iterator

import pytest

from sweepwright.contracts import PlatformProvider, Workspace
from sweepwright.testing import failed_checks
from sweepwright.testing.platforms import PlatformSuite
from sweepwright.testing.processes import ProcessSuite
from sweepwright.testing.scripts import scripted
from sweepwright.testing.simulated import Cluster, Simulated, SimulatedOptions, simulated_provider
from tests.sweepwright.testing import broken_platforms, popen_platform
from tests.sweepwright.testing.popen_platform import Processes, kill_marked


class TestSimulated(PlatformSuite):
    provider = simulated_provider(Cluster(scripted))
    outlives = True


class TestMortalSimulated(PlatformSuite):
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


def offer(kind: type[Simulated]) -> PlatformProvider[SimulatedOptions]:
    cluster = Cluster(scripted)

    def build(options: SimulatedOptions, _workspace: Workspace) -> Simulated:
        return kind(cluster, options)

    return PlatformProvider(kind.__name__, SimulatedOptions, build)


@pytest.mark.parametrize("kind", broken_platforms.CAUGHT_BY, ids=lambda kind: kind.__name__)
def test_a_broken_platform_is_caught_by_the_check_meant_for_it(kind: type[Simulated]) -> None:
    facts = {"provider": offer(kind), "outlives": True, "patience": 0.2}
    check = broken_platforms.CAUGHT_BY[kind]

    assert check in failed_checks(type("Suite", (PlatformSuite,), facts), check)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", popen_platform.CAUGHT_BY, ids=lambda kind: kind.__name__)
def test_broken_processes_are_caught_by_the_check_meant_for_them(kind: type[Processes]) -> None:
    facts = {"provider": popen_platform.offer(kind), "patience": 5.0}
    check = popen_platform.CAUGHT_BY[kind]

    assert check in failed_checks(type("Suite", (ProcessSuite,), facts), check)


def test_a_sound_platform_fails_nothing_without_pytest_either() -> None:
    facts = {"provider": offer(Simulated), "outlives": True}

    assert failed_checks(type("Suite", (PlatformSuite,), facts)) == {}


def test_every_check_catches_somebody() -> None:
    checks = {name for name in dir(ProcessSuite) if name.startswith("test_")}
    caught = {*broken_platforms.CAUGHT_BY.values(), *popen_platform.CAUGHT_BY.values()}

    assert checks == caught
