"""The probe against real SSH servers: what is wrong with a machine, and how to cure it."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from sweepwright.contracts import Command, Finding, Package, ProbeRequest, Role, TrialCode
from sweepwright.plugins.platforms.remote.options import (
    MachineOptions,
    RemoteOptions,
    resolve_machines,
)
from sweepwright.plugins.platforms.remote.probing import probe
from sweepwright.plugins.platforms.remote.ssh.connection import connect
from tests.openssh import Server, Servers, silent_port


@pytest.fixture
def server(servers: Servers) -> Server:
    return servers.start("box")


def run_probe(*machines: dict[str, Any], packages: Sequence[Package] = ()) -> list[Finding]:
    options = RemoteOptions(
        tuple(MachineOptions(**each) for each in machines), connect_timeout=10.0
    )
    code = TrialCode("t", (Role("main", Command(("true",)), resources={"cpu": 1}),))
    return probe(options, ProbeRequest(code, packages))


def script(server: Server, text: str) -> str:
    """Write an interpreter that lives on a machine."""
    file = server.home / "my python"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def test_a_good_machine_has_no_finding_and_keeps_no_process(server: Server) -> None:
    found = run_probe(server.options(), packages=[Package("json", "json")])

    assert [each for each in found if not each.warning] == []
    assert (server.home / ".sweepwright").is_dir()
    assert not list((server.home / ".sweepwright").glob("sweeps/*"))
    assert not psutil.wait_procs(server.processes(), timeout=10)[1]


def test_machines_are_looked_at_at_the_same_time(servers: Servers) -> None:
    """Each of the bad ones takes its whole time limit."""
    good = servers.start("good")
    with silent_port() as first, silent_port(backlog=True) as second:
        options = [
            good.options(),
            good.options(name="silent", port=first),
            good.options(name="dropping", port=second),
            good.options(name="refusing", port=1),
        ]
        machines = tuple(MachineOptions(**each) for each in options)
        code = TrialCode("t", (Role("main", Command(("true",))),))
        found = probe(RemoteOptions(machines, connect_timeout=4.0), ProbeRequest(code))

    left_out = [each for each in found if each.message.endswith("the machine is left out")]
    assert [each.path[:2] for each in left_out] == [("machines", number) for number in (1, 2, 3)]
    assert all(each.warning for each in found)


def test_without_any_good_machine_each_fault_is_an_error(server: Server) -> None:
    found = run_probe(server.options(port=1), server.options(name="b", host="nowhere.invalid"))

    assert [(each.path, each.warning) for each in found] == [
        (("machines", 0, "port"), False),
        (("machines", 1, "host"), False),
    ]


def test_a_missing_interpreter_is_told(server: Server) -> None:
    (found,) = run_probe(server.options(python="/no/such python"))

    assert found.message == "machine `box`: there is no interpreter `/no/such python`"
    assert found.path == ("machines", 0, "python")


def test_an_old_interpreter_is_told_with_its_version(server: Server) -> None:
    old = script(server, r"""printf '\n@sweepwright-runner {"python": [3, 6, 9]}\n'""")
    (found,) = run_probe(server.options(python=old))

    assert found.message == f"machine `box`: `{old}` is Python 3.6.9; the runner needs 3.8"


def test_an_activation_that_fails_is_told_with_its_reason(server: Server) -> None:
    (found,) = run_probe(server.options(activate="source /no/such/venv/bin/activate"))

    assert "the activation command fails: " in found.message
    assert "/no/such/venv/bin/activate" in found.message
    assert found.path == ("machines", 0, "activate")


def test_missing_packages_are_told_with_the_command_that_installs_them(server: Server) -> None:
    missing = [Package("no_such_module", "no-such")]
    (found,) = _errors(run_probe(server.options(), packages=missing))

    assert "cannot import `no_such_module`" in found.message
    assert found.help
    assert f"`{sys.executable} -m pip install no-such`" in found.help


def test_a_folder_that_cannot_be_made_is_told(server: Server) -> None:
    (found,) = run_probe(server.options(folder="/proc/no such folder"))

    assert "/proc/no such folder" in found.message
    assert found.path == ("machines", 0, "folder")


def test_a_clock_that_is_an_hour_ahead_is_a_warning(server: Server) -> None:
    shifted = script(
        server,
        f"""exec {sys.executable} -c '
import sys, time
now = time.time
time.time = lambda: now() + 3600
program = sys.argv[2]
sys.argv = ["-c"]
exec(compile(program, "<string>", "exec"))' "$@" """,
    )
    found = run_probe(server.options(python=shifted))
    clock = [each for each in found if "clock" in each.message]

    assert [each.message for each in clock] == [
        "machine `box`: its clock is 3,600 s ahead of the clock here"
    ]
    assert all(each.warning for each in found)


def test_gpus_are_counted_by_nvidia_smi(server: Server) -> None:
    listing = "0, GPU-a, H200, 143771 MiB\n1, GPU-b, H200, 143771 MiB"
    tools = server.home / "bin"
    tools.mkdir()
    (tools / "nvidia-smi").write_text(f"#!/bin/sh\nprintf '{listing}\n'\n")
    (tools / "nvidia-smi").chmod(0o755)
    activate = f"export PATH='{tools}':$PATH"

    assert _errors(run_probe(server.options(activate=activate, gpus=2))) == []
    (found,) = _errors(run_probe(server.options(activate=activate, gpus=3)))
    assert found.message == "machine `box`: 3 GPUs are configured, but `nvidia-smi` lists 2"


def test_a_shell_that_prints_much_does_not_disturb(server: Server, tmp_path: Path) -> None:
    noise = tmp_path / "noise"
    noise.write_text("Welcome!\n@sweepwright\n" * 1000)
    (server.home / ".bashrc").write_text(f"cat '{noise}'\n")

    (machine,) = resolve_machines(RemoteOptions((MachineOptions(**server.options()),)))
    connection = connect(machine)
    printed = connection.open("true").read(10)
    connection.close()

    assert printed.startswith(b"Welcome!")
    assert _errors(run_probe(server.options())) == []


def test_a_machine_without_the_required_tag_is_not_looked_at(server: Server) -> None:
    code = TrialCode("t", (Role("main", Command(("true",))),))
    machines = (
        MachineOptions(**server.options(tags=("gpu",))),
        MachineOptions(**server.options(name="off", port=1)),
    )
    found = probe(RemoteOptions(machines, require=("gpu",)), ProbeRequest(code))

    assert not [each for each in found if "off" in each.message]


def _errors(found: Sequence[Finding]) -> list[Finding]:
    return [each for each in found if not each.warning]
