"""What becomes of a machine that cannot be connected to in the middle of a sweep."""

import pytest

from sweepwright.plugins.platforms.remote.attaching import Attacher, CodeSupply
from sweepwright.plugins.platforms.remote.machine_link import UnfitMachineError
from sweepwright.plugins.platforms.remote.options import Machine
from sweepwright.plugins.platforms.remote.ssh.connect_error import ConnectError, Kind


def attacher(kind: Kind) -> Attacher:
    def connect(_machine: Machine) -> None:
        raise ConnectError(kind, "the machine says no", "ask it")

    machine = Machine("box", "box")
    return Attacher(machine, connect, "sweep", CodeSupply([]), {})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["authentication", "host_key_changed", "key_file"])
def test_only_a_person_can_help_a_machine_that_refuses_the_login(kind: Kind) -> None:
    with pytest.raises(UnfitMachineError, match=r"^the machine says no; ask it$"):
        attacher(kind).attach()


@pytest.mark.parametrize("kind", ["refused", "timeout", "unreachable"])
def test_a_machine_that_is_away_may_come_back(kind: Kind) -> None:
    with pytest.raises(ConnectError, match=r"^the machine says no$"):
        attacher(kind).attach()
