"""The page about remote machines works: its inventory is written, and its commands are run."""

import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import block, commands, read_page
from tests.forked_commands import run_forked
from tests.openssh import Server, running_servers

# The steps of a list are indented.
PAGE = re.sub("^ {3}", "", read_page("platforms/remote.md"), flags=re.MULTILINE)


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the home folder of a user whose `~/.ssh` knows two machines."""
    home = tmp_path_factory.mktemp("user")
    with running_servers(tmp_path_factory.mktemp("machines")) as servers:
        started = [servers.start(name) for name in ("box1", "box2")]
        (home / ".ssh").mkdir()
        (home / ".ssh" / "config").write_text("".join(map(describe, started)))
        (home / ".ssh" / "known_hosts").write_text(servers.known_hosts.read_text())
        for server in started:
            install_python(server.home / "venvs" / "train" / "bin" / "python")
        (home / "mine").mkdir()
        (home / "mine" / "machines.yaml").write_text(block(PAGE, "yaml"))
        yield home


def describe(server: Server) -> str:
    """Return a server's section of an SSH configuration."""
    address = f"HostName {server.host}\n Port {server.port}"
    login = f"User {server.user}\n IdentityFile {server.identity_file}"
    return f"Host {server.name}\n {address}\n {login}\n"


def install_python(path: Path) -> None:
    """Let a path start this interpreter; as a link, it would not find its packages."""
    path.parent.mkdir(parents=True)
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    path.chmod(0o755)


def test_commands_of_the_page_about_remote_machines_run_in_order(user: Path) -> None:
    environment = {**os.environ, "HOME": str(user)}
    printed = {}
    for command in commands(PAGE):
        words = shlex.split(command)
        more = ["max_trials=3", "trial=noop"] if "=" in words[0] else []
        ended = run_forked([*words, *more], environment, user / "mine")
        assert ended.returncode == 0, ended.stdout + ended.stderr
        printed[words[0]] = ended.stdout

    assert {"check", "plan", "show", "logs", "fetch", "cleanup"} < printed.keys()
    assert "ready on remote" in printed["check"]
    assert "box1, box2" in printed["plan"]
    assert "3 trials finished" in printed["platform=remote"]
    assert printed["cleanup"].count("removed") >= 2
    assert "machines.yaml" in printed["plan"]
