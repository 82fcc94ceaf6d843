"""Which machines are good: a pure function of what the probe has seen."""

from typing import Any

import pytest

from sweepwright.contracts import Command, Package, Role
from sweepwright.plugins.platforms.remote.judgement import Fault, Look, good_machines, judge
from sweepwright.plugins.platforms.remote.options import Machine

TORCH = Package("torch", "torch")
GPUS = [
    {"index": "0", "id": "GPU-a", "name": "H200", "memory": "143771 MiB"},
    {"index": "1", "id": "GPU-b", "name": "H200", "memory": "143771 MiB"},
]


def facts(**more: Any) -> dict[str, Any]:
    folder = {
        "path": "/home/lab/.sweepwright",
        "error": None,
        "free": 50 * 10**9,
        "free_files": 10**6,
        "file_system": "ext4",
        "in_memory": False,
        "over_network": False,
    }
    return {
        "python": {"executable": "/opt/my env/bin/python", "version": [3, 8, 2]},
        "packages": {"torch": "2.13.0"},
        "folder": folder | more.pop("folder", {}),
        "cpus": 8.0,
        "memory": 16.0 * 2**30,
        "gpus": {"devices": [], "error": None},
        "clock": 0.0,
    } | more


def look(name: str = "box", *, clock_ahead: float = 0.0, seen: Any = None, **options: Any) -> Look:
    machine = Machine(name, name, **options)
    return Look(0, machine, facts() if seen is None else seen, clock_ahead=clock_ahead)


def role(**resources: float) -> Role:
    return Role("main", Command(("true",)), resources=resources)


def test_a_good_machine_has_no_finding() -> None:
    assert judge([look()], [role(cpu=8)], [TORCH]) == []


@pytest.mark.parametrize(
    ("seen", "options", "key", "message"),
    [
        (
            facts(packages={"torch": None}),
            {},
            ("python",),
            "`/opt/my env/bin/python` cannot import `torch`",
        ),
        (
            facts(folder={"error": "`/x`: Permission denied"}),
            {},
            ("folder",),
            "the folder `/home/lab/.sweepwright` cannot be used: `/x`: Permission denied",
        ),
        (
            facts(folder={"free": 99_999_999}),
            {},
            ("folder",),
            "only 100 MB are free in `/home/lab/.sweepwright`",
        ),
        (facts(), {"gpus": 2}, ("gpus",), "2 GPUs are configured, but `nvidia-smi` lists 0"),
        (
            facts(gpus={"devices": GPUS, "error": None}),
            {"gpus": ("0", "GPU-b", "7")},
            ("gpus",),
            "`nvidia-smi` lists no GPU 7; it lists 0, 1",
        ),
        (
            facts(gpus={"devices": [], "error": "nvidia-smi: driver mismatch"}),
            {"gpus": 1},
            ("gpus",),
            "its GPUs cannot be listed: nvidia-smi: driver mismatch",
        ),
    ],
)
def test_a_fatal_fault_is_an_error_only_without_another_good_machine(
    seen: dict[str, Any], options: dict[str, Any], key: tuple[str, ...], message: str
) -> None:
    bad = look("bad", seen=seen, **options)
    good = Look(1, Machine("good", "good"), facts())
    (alone,) = judge([bad], [], [TORCH])
    (spared,) = judge([bad, good], [], [TORCH])

    assert alone.message == f"machine `bad`: {message}"
    assert not alone.warning
    assert alone.path == ("machines", 0, *key)
    assert alone.help
    assert spared.message == f"machine `bad`: {message}; the machine is left out"
    assert spared.warning
    assert [each.machine.name for each in good_machines([bad, good], [TORCH])] == ["good"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            look(seen=facts(folder={"free": 10**8})),
            "only 100 MB are free in `/home/lab/.sweepwright`",
        ),
        (
            look(seen=facts(folder={"in_memory": True, "file_system": "tmpfs"})),
            "the folder `/home/lab/.sweepwright` is in memory (tmpfs), not on a disk",
        ),
        (look(clock_ahead=3600.2), "its clock is 3,600 s ahead of the clock here"),
        (look(clock_ahead=-61), "its clock is 61 s behind the clock here"),
        (
            look(seen=facts(gpus={"devices": [], "error": "nvidia-smi: failed"})),
            "its GPUs cannot be listed: nvidia-smi: failed",
        ),
    ],
)
def test_what_trials_can_live_with_is_a_warning(given: Look, message: str) -> None:
    (found,) = judge([given], [], [TORCH])

    assert found.message == f"machine `box`: {message}"
    assert found.warning
    assert good_machines([given], [TORCH]) == [given]


@pytest.mark.parametrize(
    "given",
    [
        look(clock_ahead=59),
        look(seen=facts(folder={"free": 10**9})),
        look(seen=facts(gpus={"devices": GPUS, "error": None}), gpus=("1", "GPU-a")),
        look(seen=facts(gpus={"devices": [], "error": "nvidia-smi: failed"}), gpus=0),
    ],
)
def test_what_is_just_good_enough_has_no_finding(given: Look) -> None:
    assert judge([given], [], [TORCH]) == []


def test_a_machine_that_lacks_what_the_code_imports_stays_with_a_warning() -> None:
    given = look(seen=facts(packages={"torch": "2.13.0", "pandas": None, "json": ""}))
    (found,) = judge([given], [], [TORCH], ["pandas", "json"])

    assert found.warning
    assert found.path == ("machines", 0, "python")
    assert found.message == (
        "machine `box`: `/opt/my env/bin/python` cannot import `pandas`, "
        "which the trial's code imports"
    )
    assert judge([look(seen=None)], [], [TORCH], ["unasked"]) == []


def test_missing_packages_are_installed_by_one_command_without_sweepwright_itself() -> None:
    packages = [
        Package("sweepwright", "sweepwright"),
        Package("keras", "sweepwright[keras]"),
        Package("jax", "jax>=0.4"),
    ]
    (found,) = judge([look(seen=facts(packages={}))], [], packages)

    assert "cannot import `keras`, `jax`" in found.message
    assert found.help
    assert "`'/opt/my env/bin/python' -m pip install keras 'jax>=0.4'`" in found.help


def test_a_machine_without_facts_is_judged_by_its_fault() -> None:
    lost = Look(3, Machine("far", "far"), fault=Fault("it is off", "turn it on", "host"))
    (found,) = judge([lost], [role(gpu=1)], [TORCH])

    assert (found.path, found.message, found.help) == (
        ("machines", 3, "host"),
        "machine `far`: it is off",
        "turn it on",
    )


@pytest.mark.parametrize(
    ("resources", "needs", "most"),
    [
        ({"gpu": 4}, "4 gpu", "2 gpu"),
        ({"cpu": 9}, "9 cpu", "8 cpu"),
        ({"memory": 2.0**40}, "1,048,576 MiB of memory", "16,384 MiB of memory"),
    ],
)
def test_a_role_that_fits_on_no_machine_is_found(
    resources: dict[str, float], needs: str, most: str
) -> None:
    looks = [
        look(seen=facts(gpus={"devices": GPUS, "error": None}), slots=1),
        Look(1, Machine("small", "small", cpus=2, memory=512, gpus=0), facts()),
    ]
    (found,) = judge(looks, [role(**resources), role(cpu=1)], [])

    assert found.message == f"no machine has what a process of role `main` needs: {needs}"
    assert found.help
    assert f"the most that a machine has is {most}" in found.help
    assert not found.warning


def test_machines_that_are_left_out_lend_nothing() -> None:
    big = look("big", seen=facts(folder={"error": "read-only"}), gpus=None)
    small = Look(1, Machine("small", "small", cpus=1), facts())

    assert [found.warning for found in judge([big, small], [role(cpu=4)], [])] == [True, False]


def test_no_role_is_homeless_where_no_machine_is_good() -> None:
    assert len(judge([look(seen=facts(packages={}))], [role(gpu=99)], [TORCH])) == 1
