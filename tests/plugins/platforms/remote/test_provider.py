"""Tests of what the provider says of machines before any of them is connected to."""

from math import inf

import pytest

from sweepwright.plugins.platforms.remote import sweep_platforms
from sweepwright.plugins.platforms.remote.options import MachineOptions, RemoteOptions
from sweepwright.plugins.platforms.remote.sweep_folders import sweep_folder

(PROVIDER,) = sweep_platforms()


def slots(*machines: MachineOptions) -> dict[str, float]:
    assert PROVIDER.slots
    return dict(PROVIDER.slots(RemoteOptions(machines)))


def test_the_resources_of_all_machines_are_added_up():
    first = MachineOptions(host="a", cpus=2, gpus=("0", "GPU-1"), memory=1024)
    second = MachineOptions(host="b", cpus=4, gpus=1, memory=1024)

    assert slots(first, second) == {"cpu": 6, "gpu": 3, "memory": 2 << 30}


def test_what_only_a_machine_knows_is_unlimited():
    assert slots(MachineOptions(host="a", cpus=2)) == {"cpu": 2, "gpu": inf, "memory": inf}


def test_a_faulty_inventory_is_left_to_the_check():
    assert PROVIDER.slots

    assert PROVIDER.slots(RemoteOptions("/no/such/file"))["cpu"] == inf


@pytest.mark.parametrize(
    ("machine", "expected"),
    [("box1", "sweep@box1"), ("a/../b", None), ("größe", None), ("a-..-b", "sweep@a-..-b")],
)
def test_a_sweep_has_a_folder_of_its_own_for_each_machine(machine, expected):
    name = sweep_folder("sweep", machine)

    assert expected is None or name == expected
    assert "/" not in name
    assert name.isascii()
    assert name != sweep_folder("sweep", "a-..-b") or machine == "a-..-b"
