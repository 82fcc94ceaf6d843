"""The contract suite on machines that are processes, and on real SSH servers."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Platform, PlatformProvider, Workspace
from sweepwright.plugins.platforms.remote import sweep_platforms
from sweepwright.plugins.platforms.remote.building import build_remote
from sweepwright.plugins.platforms.remote.options import (
    MachineDefaults,
    MachineOptions,
    RemoteOptions,
)
from sweepwright.testing.outliving import OutlivingSuite
from sweepwright.testing.platform_harness import sweep_of
from sweepwright.testing.platforms import PlatformSuite
from tests.interpreters import others
from tests.openssh import running_servers
from tests.plugins.platforms.remote.process_machines import ProcessMachines


class BesideItsCode(PlatformSuite):
    """The suite with a store beside the code of the jobs, which is sent without it."""

    provider: PlatformProvider[Any] = sweep_platforms()[0]
    outlives = True

    def workspace(self, folder: Path, *, resumed: bool = False) -> Workspace:
        place = folder / "store" / "sweep"
        resumed = resumed or place.exists()
        place.mkdir(parents=True, exist_ok=True)
        return Workspace(sweep_of(folder), place, 4, resumed=resumed)


class ProcessMachinesSuite(BesideItsCode):
    """The suite on two machines, without SSH."""

    machines: ProcessMachines
    python = sys.executable

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _machines(cls, tmp_path_factory: pytest.TempPathFactory) -> None:
        cls.machines = ProcessMachines(tmp_path_factory.mktemp("machines"))

    def options(self) -> RemoteOptions:
        machines = tuple(MachineOptions(host=name, slots=4) for name in ("box1", "box2"))
        return RemoteOptions(machines, MachineDefaults(python=self.python))

    def build(self, folder: Path) -> Platform:
        return build_remote(self.options(), self.workspace(folder), self.machines.connect)


@pytest.mark.ci_only
class TestOnProcesses(ProcessMachinesSuite):
    """The suite on machines with the same Python as this one."""


@pytest.mark.ci_only
class TestWithOtherPythons(ProcessMachinesSuite):
    """The suite on machines with another Python, which has no packages."""

    @pytest.fixture(autouse=True, scope="class", params=others())
    @classmethod
    def _python(cls, request: pytest.FixtureRequest) -> None:
        cls.python = str(request.param)


class TestOverSSH(BesideItsCode, OutlivingSuite):
    """The suite on an OpenSSH server."""

    def teardown_method(self) -> None:
        """Leave it to the server, which ends everything with it, and is faster."""

    machines: tuple[MachineOptions, ...]

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _servers(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        with running_servers(tmp_path_factory.mktemp("servers")) as servers:
            cls.machines = (MachineOptions(**servers.start("box").options(slots=4)),)
            yield

    def options(self) -> RemoteOptions:
        return RemoteOptions(self.machines)
