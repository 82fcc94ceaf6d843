"""Inventories and names that somebody else has written, perhaps with bad intentions."""

from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Finding
from sweepwright.core.registry.options import build_options
from sweepwright.plugins.platforms.remote.option_checks import check_options
from sweepwright.plugins.platforms.remote.options import Machine, RemoteOptions
from sweepwright.plugins.platforms.remote.ssh.connect_error import ConnectError
from sweepwright.plugins.platforms.remote.ssh.ssh_config import find_route


def findings(**given: Any) -> list[Finding]:
    return list(check_options(build_options(RemoteOptions, given)))


def inventory(folder: Path, text: str) -> str:
    file = folder / "lab.yaml"
    file.write_text(text)
    return str(file)


# PyYAML before 6.0.4 repeats what is merged, so that its memory is exhausted.
BOMB = "a0: &a0 {k: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)
)
ALIASES = "machines: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (BOMB, "lab.yaml`"),
        (ALIASES, "`a1` is not a key of an inventory"),
        ("[" * 100_000, "it is nested too deeply"),
        ("#" * (2 << 20), "it is larger than 1 MiB"),
        ("!!python/object/apply:os.system ['touch owned']", "could not determine a constructor"),
        ("machines: [{host: a, name: 2026-99-99}]", "it is not valid YAML: month must be in"),
        ("machines: [{host: a, cpus: .nan}]", "`machines[0].cpus`"),
        ("machines: [{host: a, password: hunter22}]", "`machines[0].password` is not a key"),
        ("machines: [{host: a, password: hunter22: x}]", "it is not valid YAML: expected"),
        ("machines: [{host: 'lab:hunter22@box'}]", "`host` is not the name or the address"),
        ("machines: [{host: a, password_env: 'hunter22!'}]", "is not the name of an environment"),
        ("machines: [{host: a, port: hunter22}]", "is not an integer"),
    ],
    ids=lambda text: text[:20],
)
def test_an_inventory_executes_nothing_explodes_not_and_reveals_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, fault: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = findings(machines=inventory(tmp_path, text))

    assert fault in found[0].message
    assert not (tmp_path / "owned").exists()
    assert "hunter22" not in repr(found)


def test_an_inventory_that_never_ends_is_refused() -> None:
    (found,) = findings(machines="/dev/zero")

    assert "larger than" in found.message


ODD_HOSTS = [
    "-oProxyCommand=touch x",
    "a b",
    "a;b",
    "$(a)",
    "`a`",
    "a|b",
    "a'b",
    "u@h",
    "a/b",
    "*",
]


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_a_name_that_a_command_could_misread_is_refused(host: str) -> None:
    """A name may become a word of a `ProxyCommand` or of a `Match exec`."""
    (found,) = findings(machines=[{"host": host}])

    assert found.path == ("machines", 0, "host")
    assert host not in found.message
    assert findings(machines=[{"host": "box", "user": "-x"}])
    with pytest.raises(ConnectError, match="not the name"):
        find_route(Machine("box", host, ssh_config="none"))


@pytest.mark.parametrize("host", ["box", "10.0.0.1", "::1", "box_1.lab", "b\u00fccher.de"])
def test_an_ordinary_name_is_accepted(host: str) -> None:
    assert findings(machines=[{"host": host, "user": "LAB\\me"}]) == []
    assert find_route(Machine("box", host, user="me", ssh_config="none"))
