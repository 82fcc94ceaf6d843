"""Options of machines: defaults, static checks and the inventory."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Finding
from sweepwright.core.registry.option_types import check_schema
from sweepwright.core.registry.options import build_options, plain_options
from sweepwright.core.registry.options import check_options as check_types
from sweepwright.plugins.platforms.remote import option_checks
from sweepwright.plugins.platforms.remote.inventory import InventoryError, read_inventory
from sweepwright.plugins.platforms.remote.option_checks import check_options, finalize_options
from sweepwright.plugins.platforms.remote.options import (
    RemoteOptions,
    eligible_machines,
    resolve_machines,
)


def options(**given: Any) -> RemoteOptions:
    assert check_types(RemoteOptions, given) == []
    return build_options(RemoteOptions, given)


def findings(**given: Any) -> list[Finding]:
    return list(check_options(options(**given)))


def test_yaml_can_represent_all_options() -> None:
    check_schema(RemoteOptions)
    given = options(
        machines=[{"host": "a", "gpus": [0, "GPU-1"]}], machine_defaults={"tags": ["lab"]}
    )

    assert build_options(RemoteOptions, json.loads(json.dumps(plain_options(given)))) == given


def test_a_machine_takes_what_it_does_not_say_from_the_defaults() -> None:
    one, other = resolve_machines(
        options(
            machines=[{"host": "a"}, {"host": "b", "name": "second", "slots": 1, "tags": []}],
            machine_defaults={"slots": 4, "tags": ["lab"], "user": "me", "gpus": [0, 1]},
        )
    )

    assert (one.name, one.slots, one.tags, one.user) == ("a", 4, ("lab",), "me")
    assert one.gpus == ("0", "1")
    assert (other.name, other.slots, other.tags, other.user) == ("second", 1, (), "me")
    assert (one.python, one.folder, one.agent) == ("python3", "~/.sweepwright", True)


def test_a_password_of_a_machine_replaces_the_key_of_the_defaults_and_vice_versa() -> None:
    (by_password,) = resolve_machines(
        options(
            machines=[{"host": "a", "password_env": "P"}], machine_defaults={"identity_file": "k"}
        )
    )
    (by_key,) = resolve_machines(
        options(
            machines=[{"host": "a", "identity_file": "k"}], machine_defaults={"password_env": "P"}
        )
    )

    assert (by_password.password_env, by_password.identity_file) == ("P", None)
    assert (by_key.password_env, by_key.identity_file) == (None, "k")


def test_machines_are_chosen_by_their_tags() -> None:
    given = options(
        machines=[{"host": "a", "tags": ["x", "y"]}, {"host": "b", "tags": ["x"]}, {"host": "c"}],
        require=["x", "y"],
    )

    assert [machine.name for machine in eligible_machines(given)] == ["a"]


def test_options_without_a_fault_have_no_finding() -> None:
    assert findings(machines=[{"host": "a"}, {"host": "b"}], max_output_mib=None) == []


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        ({}, ("machines",), "there are no machines"),
        (
            {"machines": [{"host": "a"}, {"host": "b", "name": "a"}]},
            ("machines", 1),
            "2 machines are called `a`",
        ),
        ({"machines": [{"host": " "}]}, ("machines", 0, "host"), "`host` is empty"),
        (
            {"machines": [{"host": "a", "port": 0}]},
            ("machines", 0, "port"),
            "`port` is 0, below 1",
        ),
        (
            {"machines": [{"host": "a", "jump": "gate:x"}]},
            ("machines", 0, "jump"),
            "`gate:x` is not the address of a jump host",
        ),
        (
            {"machines": [{"host": "a"}], "machine_defaults": {"ssh_config": "/no/such/file"}},
            ("machine_defaults", "ssh_config"),
            "there is no SSH configuration `/no/such/file`",
        ),
        (
            {"machines": [{"host": "a", "port": 65536}]},
            ("machines", 0, "port"),
            "`port` is 65536, above 65535",
        ),
        (
            {"machines": [{"host": "a", "slots": 0}]},
            ("machines", 0, "slots"),
            "`slots` is 0, below 1",
        ),
        (
            {"machines": [{"host": "a", "cpus": -0.5}]},
            ("machines", 0, "cpus"),
            "`cpus` is -0.5, not above 0",
        ),
        (
            {"machines": [{"host": "a", "memory": 0}]},
            ("machines", 0, "memory"),
            "`memory` is 0, below 1",
        ),
        (
            {"machines": [{"host": "a"}], "machine_defaults": {"gpus": -1}},
            ("machine_defaults", "gpus"),
            "`gpus` is -1, below 0",
        ),
        (
            {"machines": [{"host": "a", "gpus": [0, "0"]}]},
            ("machines", 0, "gpus", 1),
            "GPU `0` is listed twice",
        ),
        (
            {"machines": [{"host": "a", "gpus": ["0,1"]}]},
            ("machines", 0, "gpus", 0),
            "`0,1` is not the id of a GPU",
        ),
        (
            {"machines": [{"host": "a", "python": "python3\n"}]},
            ("machines", 0, "python"),
            "`python` contains a line break or a zero byte",
        ),
        (
            {"machines": [{"host": "a"}], "machine_defaults": {"activate": "a\nb"}},
            ("machine_defaults", "activate"),
            "`activate` contains a line break or a zero byte",
        ),
        (
            {"machines": [{"host": "a", "identity_file": "/no/such/key"}]},
            ("machines", 0, "identity_file"),
            "there is no private key `/no/such/key`",
        ),
        (
            {"machines": [{"host": "a", "identity_file": "/dev/null", "password_env": "P"}]},
            ("machines", 0, "password_env"),
            "both `identity_file` and `password_env` are given",
        ),
        (
            {"machines": [{"host": "a", "tags": ["gpu"]}], "require": ["gpus"]},
            ("require", 0),
            "no machine has the tag `gpus`",
        ),
        (
            {
                "machines": [{"host": "a", "tags": ["x"]}, {"host": "b", "tags": ["y"]}],
                "require": ["x", "y"],
            },
            ("require",),
            "no machine has all of these tags",
        ),
        (
            {"machines": [{"host": "a"}], "connect_timeout": 0},
            ("connect_timeout",),
            "`connect_timeout` is 0, not above 0",
        ),
        (
            {"machines": [{"host": "a"}], "orphan_seconds": 5},
            ("orphan_seconds",),
            "`orphan_seconds` is 5, below the 15 s of `heartbeat_seconds`",
        ),
        (
            {"machines": [{"host": "a"}], "lost_after": -1},
            ("lost_after",),
            "`lost_after` is -1, below 0",
        ),
        (
            {"machines": [{"host": "a"}], "max_output_mib": -1},
            ("max_output_mib",),
            "`max_output_mib` is -1, below 0",
        ),
    ],
)
def test_a_fault_is_found_where_it_is(
    given: dict[str, Any], path: tuple[str | int, ...], message: str
) -> None:
    (found,) = findings(**given)

    assert (found.path, found.message) == (path, message)


def test_a_password_in_the_place_of_a_variable_is_not_repeated() -> None:
    (found,) = findings(machines=[{"host": "a", "password_env": "hunter-2"}])

    assert found.path == ("machines", 0, "password_env")
    assert "hunter-2" not in f"{found}"


def test_a_missing_paramiko_is_found_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(option_checks, "find_spec", lambda _name: None)
    (found,) = findings(machines=[{"host": "a"}])

    assert "`paramiko`" in found.message
    assert found.help
    assert "-m pip install 'sweepwright[remote]'" in found.help


def inventory(folder: Path, text: str) -> str:
    (folder / "lab.yaml").write_text(text)
    return str(folder / "lab.yaml")


def test_an_inventory_becomes_the_machines_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = inventory(
        tmp_path,
        """
        defaults: {user: lab, slots: 2, folder: /scratch}
        machines:
          - {host: box1, gpus: [0, 1]}
          - {host: box2, identity_file: keys/two, slots: 3, cpus: 4}
        """,
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "two").touch()
    given = options(machines=file, machine_defaults={"slots": 8})

    assert list(check_options(given)) == []
    final = finalize_options(given)
    one, two = resolve_machines(final)
    assert (one.host, one.user, one.slots, one.gpus) == ("box1", "lab", 8, ("0", "1"))
    assert (two.slots, two.folder, two.cpus) == (3, "/scratch", 4)
    assert two.identity_file == str(tmp_path / "keys" / "two")
    Path(file).unlink()
    assert finalize_options(final) == final


def test_another_inventory_of_a_resumed_sweep_uses_nothing_of_the_first_one(
    tmp_path: Path,
) -> None:
    first = inventory(tmp_path, "{defaults: {python: old, slots: 2}, machines: [{host: box1}]}")
    recorded = finalize_options(options(machines=first, machine_defaults={"user": "lab"}))
    second = inventory(tmp_path, "{defaults: {python: new}, machines: [{host: box2}]}")
    (machine,) = resolve_machines(finalize_options(replace(recorded, machines=second)))

    assert (machine.name, machine.python, machine.user) == ("box2", "new", "lab")
    assert machine.slots is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[", "it is not valid YAML: expected the node content, but found '<stream end>', in"),
        ("- host: a", "it is not a mapping with the key `machines`; write `machines:` above"),
        ("machine: []", "`machine` is not a key of an inventory; did you mean `machines`?"),
        ("machines: a", "`machines` is not a list"),
        ("machines: [a]", "`machines[0]` is not a mapping; write `host: a`"),
        ("machines: [{name: a}]", "`machines[0]` has no `host`"),
        ("machines: [{host: 1}]", "`machines[0].host` is not text"),
        ("machines: [{host: a, port: '22'}]", "`machines[0].port` is not an integer"),
        ("machines: [{host: a, port: true}]", "`machines[0].port` is not an integer"),
        ("machines: [{host: a, agent: 1}]", "`machines[0].agent` is not true or false"),
        ("machines: [{host: a, gpus: [1.5]}]", "`machines[0].gpus` is not an integer or a list"),
        ("machines: [{host: a, sluts: 1}]", "did you mean `slots`?"),
        ("{machines: [{host: a}], defaults: {host: b}}", "`defaults.host` is not a key"),
    ],
)
def test_a_fault_of_the_form_of_an_inventory_is_found(
    tmp_path: Path, text: str, fault: str
) -> None:
    (found,) = findings(machines=inventory(tmp_path, text))

    assert found.path == ("machines",)
    assert fault in found.message
    assert "lab.yaml" in found.message


def test_whoever_takes_an_inventory_for_a_machine_is_told_how_to_list_machines() -> None:
    (found,) = findings(machines="box1")

    assert "no such file" in found.message
    assert "[{host: box1}" in (found.help or "")


def test_all_faults_of_an_inventory_are_found_at_once(tmp_path: Path) -> None:
    file = inventory(tmp_path, "machines: [{host: a, port: x}, {host: b, slots: x}]")

    assert len(findings(machines=file)) == 2


def test_a_fault_inside_an_inventory_is_told_with_its_place(tmp_path: Path) -> None:
    (found,) = findings(machines=inventory(tmp_path, "machines: [{host: a, slots: 0}]"))

    assert found.path == ("machines",)
    assert found.message.startswith("`machines[0].slots` of the inventory `")


def test_an_inventory_that_is_missing_is_told(tmp_path: Path) -> None:
    (found,) = findings(machines=str(tmp_path / "none.yaml"))

    assert found.message.endswith("it cannot be read: no such file or directory")
    with pytest.raises(InventoryError, match="cannot be read"):
        read_inventory(options(machines=str(tmp_path / "none.yaml")))
