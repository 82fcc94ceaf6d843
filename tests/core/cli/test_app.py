"""The application: help, flags of Hydra, and errors on one line instead of tracebacks."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sweepwright import __version__
from sweepwright.core.cli.command_table import COMMANDS
from sweepwright.core.cli.conclude import echo_last
from sweepwright.core.cli.help import groups
from sweepwright.core.registry.registry import Registry
from sweepwright.hooks import hookimpl
from tests.core.cli.application import ROOT, App, folders, run_python
from tests.core.recorded_sweeps import record

TUNERS = sorted(Registry.load().names("tuner"))


def built_in(group: str) -> list[str]:
    """List the choices of a config group that come with the package."""
    return sorted(path.stem for path in (ROOT / "conf" / group).glob("*.yaml"))


def test_help_lists_commands_config_groups_choices_and_examples(app: App) -> None:
    code, out, _ = app("--help")

    assert code == 0
    assert all(f"\n  {name} " in out for name in COMMANDS)
    assert {"random", "grid", "tpe"} <= set(TUNERS)
    assert f"\n  tuner       {', '.join(TUNERS)}\n" in out
    assert f"experiment  {', '.join(built_in('experiment'))}" in out
    assert "python run.py -m tuner=tpe,random seed=0,1,2" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(app: App, command: str) -> None:
    code, out, _ = app(command, "--help")

    assert code == 0
    assert out.startswith(f"python run.py {command}")
    assert COMMANDS[command].summary in out
    assert folders() == []


def test_help_lists_choices_from_the_folder_of_config_dir(app: App, tmp_path: Path) -> None:
    (tmp_path / "mine" / "space" / "vision").mkdir(parents=True)
    (tmp_path / "mine" / "space" / "vision" / "resnet.yaml").touch()
    (tmp_path / "mine" / "space" / "tiny.yaml").touch()
    _, out, _ = app("--help", "--config-dir", "mine")

    assert f"  space         {', '.join(built_in('space'))}, tiny\n" in out
    assert "  space/vision  resnet\n" in out


def test_help_ignores_a_missing_config_folder_of_a_plugin() -> None:
    lacking = SimpleNamespace(sweep_config_paths=hookimpl(lambda: ["pkg://nowhere.conf"]))
    known = groups(Registry.of({"lacking": lacking}))

    assert known["space"] == built_in("space")
    assert "tuner" not in known


def test_the_version_is_printed(app: App) -> None:
    assert app("--version") == (0, f"sweepwright {__version__}\n", "")


def test_plugins_are_listed_with_their_distribution(app: App) -> None:
    code, out, _ = app("plugins")

    assert code == 0
    assert any(
        line.split() == ["tuner.random", "sweepwright", __version__, "ok", "tuner=random"]
        for line in out.splitlines()
    )


def test_help_is_fast_and_imports_no_heavy_package() -> None:
    script = (
        "import sys, time; from sweepwright.core.cli.app import main; code = main(['--help']);"
        "print(time.process_time(), *sys.modules, file=sys.stderr); sys.exit(code)"
    )
    runs = [run_python("-c", script).stderr.split() for _ in range(3)]
    heavy = ("torch", "tensorflow", "keras", "sklearn", "scipy", "paramiko", "kubernetes")

    assert not {*heavy, "sqlite3", "rich", "hydra"} & set(runs[0])
    assert min(float(run[0]) for run in runs) < 0.5


def test_a_reader_that_closes_the_pipe_causes_no_error_in_hydras_flags() -> None:
    command = [sys.executable, str(ROOT / "run.py"), "--info", "defaults"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()

        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--cfg", "job"], "max_trials: 20"),
        (["max_trials=7", "--cfg", "job"], "max_trials: 7"),
        (["--cfg", "hydra", "-p", "hydra.job"], "name:"),
        (["--info", "searchpath"], "Config search path"),
        (["--hydra-help"], "Hydra"),
        (["-sc", "install=bash"], "complete -o nospace"),
    ],
)
def test_flags_of_hydra_work_and_leave_no_files(app: App, typed: Sequence[str], said: str) -> None:
    code, out, _ = app(*typed)

    assert code == 0
    assert said in out
    assert folders() == []


def test_completion_offers_choices_of_groups_and_overrides_of_commands(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMP_LINE", "python run.py check tuner=")

    assert app("-sc", "query=bash").out.split() == [f"tuner={name}" for name in TUNERS]

    monkeypatch.setenv("COMP_LINE", "python run.py show s")

    assert app("-sc", "query=bash").out.split() == ["store.path="]


def test_an_error_in_the_configuration_is_a_finding_for_flags_of_hydra_too(app: App) -> None:
    code, out, err = app("--cfg", "job", "tuner=nope")

    assert (code, out) == (2, "")
    assert "error[C102]: no `tuner` is called `nope`" in err


def test_a_flag_that_hydra_rejects_is_explained_on_one_line(app: App) -> None:
    code, _, err = app("--cfg", "job", "--package", "nope")

    assert code in (1, 2)
    assert "Traceback" not in err
    assert app("--cfg", "job", "--info").err.startswith("error: Only one of --run")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
@pytest.mark.parametrize("typed", ["plugins", "export store.path={store}"])
def test_a_full_disk_behind_standard_output_is_an_error_on_one_line(
    tmp_path: Path, typed: str
) -> None:
    record(tmp_path, [0.25, 0.5])
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            [sys.executable, str(ROOT / "run.py"), *typed.format(store=tmp_path).split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )

    assert ended.returncode == 2
    assert ended.stderr == "error: cannot write to standard output: No space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_a_sweep_that_cannot_print_its_summary_is_not_one_that_did_not_compile(
    capsys: pytest.CaptureFixture[str],
) -> None:
    full = Path("/dev/full").open
    # Closing the file fails once more.
    with suppress(OSError), full("w", encoding="utf-8") as file, redirect_stdout(file):
        codes = [echo_last("summary", code) for code in (0, 1, 130)]

    assert codes == [1, 1, 130]
    assert capsys.readouterr().err == (
        "error: cannot write to standard output: No space left on device\n"
    )


def test_no_slow_module_is_imported_before_signals_are_handled() -> None:
    """Ctrl-C in a slow import would show a traceback."""
    script = (
        "import sys; before = set(sys.modules); import sweepwright.core.cli.app;"
        "print(*set(sys.modules) - before)"
    )
    ran = run_python("-c", script)
    imported = {name.partition(".")[0] for name in ran.stdout.split()}

    assert ran.returncode == 0, ran.stderr
    assert imported <= {"sweepwright", "signal", "collections", "enum", "types", "operator"}


def test_the_error_of_a_broken_plugin_is_listed(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Registry.of({"coins": SimpleNamespace()})
    monkeypatch.setattr(Registry, "load", lambda: broken)
    code, out, _ = app("plugins")

    assert code == 0
    assert out.endswith("\ncoins (in-memory 0): implements no hook; is `@hookimpl` missing?\n")


@pytest.mark.parametrize("typed", [["frobnicate"], ["--frobnicate"], ["best", "--format", "x"]])
def test_a_wrong_command_line_is_an_error_on_one_line(app: App, typed: Sequence[str]) -> None:
    code, out, err = app(*typed)

    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_an_error_of_our_own_is_a_traceback(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(_: Any) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("sweepwright.core.cli.commands.plugins.main", mistaken)

    with pytest.raises(ZeroDivisionError):
        app("plugins")


def test_a_reader_that_closes_the_pipe_causes_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "run.py"), "plugins"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    complaint = process.stderr.read()
    process.stderr.close()

    assert process.wait() == 0
    assert complaint == b""


def test_run_py_without_the_package_prints_the_command_that_installs_it(tmp_path: Path) -> None:
    entry = tmp_path / "run.py"
    entry.write_text((ROOT / "run.py").read_text("utf-8"), "utf-8")
    ran = run_python("-S", str(entry), cwd=tmp_path)

    assert ran.returncode == 1
    assert ran.stderr.startswith("sweepwright is not installed (No module named 'sweepwright")
    assert ran.stderr.endswith("-m pip install -e .\n")
