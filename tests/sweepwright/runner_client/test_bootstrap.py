"""A connection begins in any shell and with any Python, and says in one line what is missing."""

import ast
import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sweepwright.runner_client import kit_receiver
from sweepwright.runner_client.bootstrap import COMMAND
from sweepwright.runner_client.process_stream import ProcessStream
from sweepwright.runner_client.runner_session import (
    PythonMissing,
    PythonTooOld,
    RemoteRefusal,
    RunnerSession,
    SessionLost,
)
from tests.interpreters import too_old
from tests.sweepwright.runner_client.runner_harness import BARE_PYTHON, PATIENCE, Machine, kit

OLD = """\
#!/bin/sh
exec {python} -c 'import sys; sys.version_info = (2, 7, 18, "final", 0); exec(sys.argv[1])' "$2"
"""


def script(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def test_the_command_is_read_alike_by_all_shells() -> None:
    inside = COMMAND[len("exec sh -c '") : -1]

    assert f"exec sh -c '{inside}'" == COMMAND
    assert not set(inside) & set("'\\!\n")


@pytest.mark.parametrize("shell", ["sh", "bash", "dash", "ksh", "zsh", "fish", "csh", "tcsh"])
def test_shells(machine: Machine, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    session = machine.dial([shell, "-c"])

    assert session.open(BARE_PYTHON, "", str(machine.folder), kit())[0] == 3


def test_junk_before_the_first_word_is_skipped(machine: Machine) -> None:
    junk = 'echo "Welcome to @sweepwright-runner"; printf "no newline {"; eval "$0"'
    session = machine.dial(["sh", "-c", f"sh -c '{junk}' \"$0\""])
    session.open(BARE_PYTHON, "echo activated; seq 10000", str(machine.folder), kit())

    assert session.probe([])["system"]


def test_the_interpreter_may_have_any_name(machine: Machine, tmp_path: Path) -> None:
    odd = script(
        tmp_path / "a b/$(touch x)'\"\\\n é/-python", f'#!/bin/sh\nexec {BARE_PYTHON} "$@"'
    )
    session = machine.dial()

    assert session.open(odd, "", str(machine.folder), kit())


def test_a_tilde_means_the_home(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home dir"
    script(home / "venv/python", f'#!/bin/sh\nexec {BARE_PYTHON} "$@"')
    monkeypatch.setenv("HOME", str(home))
    machine.dial().open("~/venv/python", "", "~/runners", kit())

    assert [path.name for path in (home / "runners").iterdir()] == ["kits"]
    assert (home / "runners").stat().st_mode & 0o777 == 0o700


def test_modules_of_the_current_folder_are_not_imported(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "tarfile", "sweepwright", "selectors"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    session = machine.connect()

    assert session.probe([])["system"]


def test_the_activation_command_chooses_the_interpreter(machine: Machine, tmp_path: Path) -> None:
    chosen = script(tmp_path / "bin dir/chosen", f'#!/bin/sh\nexec {BARE_PYTHON} "$@"')
    activation = f"function f {{ [[ -n $1 ]] && export PATH='{Path(chosen).parent}':$PATH; }}; f 1"
    session = machine.dial()

    assert session.open("chosen", activation, str(machine.folder), kit())


@pytest.mark.parametrize("command", ["no-such-command", "source /no/such/file", "exit 3"])
def test_an_activation_that_fails_is_told(machine: Machine, command: str) -> None:
    with pytest.raises(PythonMissing, match="the activation command fails") as caught:
        machine.connect(activation=command)

    assert command.startswith("exit") or command.rsplit(maxsplit=1)[-1] in str(caught.value)


@pytest.mark.parametrize("python", ["/no/such/python 3", "no-such-python", "/etc", "-c"])
def test_a_missing_interpreter_is_told(machine: Machine, python: str) -> None:
    machine.python = python
    with pytest.raises(PythonMissing, match=f"there is no interpreter `{python}`"):
        machine.connect()


def test_an_old_interpreter_is_told(machine: Machine, tmp_path: Path) -> None:
    machine.python = script(tmp_path / "python2", OLD.format(python=BARE_PYTHON))
    with pytest.raises(PythonTooOld, match=r"is Python 2\.7\.18; the runner needs 3\.8"):
        machine.connect()


def test_the_first_program_uses_no_new_syntax() -> None:
    source = Path(kit_receiver.__file__).read_text("utf-8")

    assert ast.parse(source, feature_version=(3, 4))


@pytest.mark.parametrize("python", too_old())
def test_a_real_old_interpreter_is_told(machine: Machine, python: Path) -> None:
    machine.python = str(python)
    with pytest.raises(PythonTooOld, match=rf"is Python {python.name[6:]}\.\d+; the runner needs"):
        machine.connect()


def test_a_shell_that_refuses_the_user_is_quoted() -> None:
    refusal = "echo; echo This account is currently not available.; exit 1"
    session = RunnerSession(ProcessStream(["sh", "-c", refusal]), PATIENCE)
    with pytest.raises(SessionLost, match=r"^This account is currently not available\.$"):
        session.open("python3", "", "~/x", b"kit")
    session.close()


def test_a_program_that_is_no_runner_is_given_up() -> None:
    session = RunnerSession(ProcessStream(["yes"]), PATIENCE)
    with pytest.raises(SessionLost, match="prints endlessly"):
        session.open("python3", "", "~/x", b"kit")
    session.close()


def test_a_kit_that_is_no_archive_is_refused(new_machine: Machine) -> None:
    session = new_machine.dial()
    with pytest.raises(RemoteRefusal, match="the runner cannot be installed in"):
        session.open(BARE_PYTHON, "", str(new_machine.folder), b"no archive")

    assert list((new_machine.folder / "kits").iterdir()) == []


def test_a_kit_is_sent_once(new_machine: Machine) -> None:
    new_machine.connect()
    [installed] = (new_machine.folder / "kits").iterdir()
    before = installed.stat().st_ino
    new_machine.connect()

    assert [path.stat().st_ino for path in (new_machine.folder / "kits").iterdir()] == [before]


def test_a_folder_that_cannot_be_made_is_told(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    session = machine.dial()
    with pytest.raises(
        RemoteRefusal, match=f"the runner cannot be installed in `{tmp_path}/file/x`"
    ):
        session.open(BARE_PYTHON, "", f"{tmp_path}/file/x", kit())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may write everywhere")
def test_a_full_disk_is_told(machine: Machine) -> None:
    """A limit on the size of files stands for the disk."""
    session = machine.dial(["sh", "-c", 'ulimit -f 1; eval "$0"'])
    machine.folder = machine.folder / "new"
    with pytest.raises(RemoteRefusal, match="File too large"):
        session.open(sys.executable, "", str(machine.folder), kit())

    assert list((machine.folder / "kits").iterdir()) == []


def open_to_all(folder: Path) -> str:
    folder.chmod(0o777)
    return "other users can write to"


def open_to_the_group(folder: Path) -> str:
    folder.chmod(0o770)
    return "other users can write to"


def in_an_open_folder(folder: Path) -> str:
    folder.parent.chmod(0o777)
    return "every user can rename"


def with_open_kits(folder: Path) -> str:
    (folder / "kits").mkdir()
    (folder / "kits").chmod(0o733)
    return "other users can write to .*/kits"


def of_somebody_else(folder: Path) -> str:
    if os.geteuid():
        pytest.skip("only root can give a folder away")
    os.chown(folder, 65534, 65534)
    return "belongs to another user"


def with_foreign_kit(folder: Path) -> str:
    if os.geteuid():
        pytest.skip("only root can give a folder away")
    planted = folder / "kits" / hashlib.sha256(kit()).hexdigest()
    script(planted / "sweepwright/__init__.py", "import os; os._exit(66)")
    os.chown(planted, 65534, 65534)
    return "belongs to another user"


@pytest.mark.parametrize(
    "spoil",
    [
        *(open_to_all, open_to_the_group, in_an_open_folder),
        *(with_open_kits, of_somebody_else, with_foreign_kit),
    ],
)
def test_a_folder_into_which_others_can_put_programs_is_refused(
    new_machine: Machine, spoil: Callable[[Path], str]
) -> None:
    """Whoever can write to the folder could replace the runner by a program of theirs."""
    folder = new_machine.folder
    folder.mkdir(parents=True, mode=0o700)
    reason = spoil(folder)
    session = new_machine.dial()
    try:
        with pytest.raises(RemoteRefusal, match=reason) as caught:
            session.open(BARE_PYTHON, "", str(folder), kit())
    finally:
        folder.parent.chmod(0o755)

    assert caught.value.kind == "denied"


def test_what_the_runner_makes_is_private_whatever_the_umask(new_machine: Machine) -> None:
    session = new_machine.dial(["sh", "-c", 'umask 0; exec sh -c "$0"'])
    session.open(BARE_PYTHON, "", str(new_machine.folder), kit())
    session.attach("s", None, {"concurrency": 1, "orphan_seconds": 60.0, "gpus": 0})
    new_machine.sweeps.add("s")
    folders = [new_machine.folder, *new_machine.folder.glob("*"), new_machine.sweep()]
    files = [new_machine.sweep() / name for name in ("events.log", "runner.lock", "runner.log")]

    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
