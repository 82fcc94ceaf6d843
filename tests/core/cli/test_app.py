"""The application: command lines in, exit codes and text out, and no tracebacks."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeAlias

import pytest
import yaml

from sweepwright import __version__
from sweepwright.core.cli.app import main
from sweepwright.core.cli.command_table import COMMANDS
from sweepwright.core.cli.help import groups
from sweepwright.core.registry.registry import Registry
from sweepwright.hooks import hookimpl
from tests.core.examples import plan
from tests.core.recorded_sweeps import OUT_OF_MEMORY, record

ROOT = Path(__file__).resolve().parents[3]


def built_in(group: str) -> list[str]:
    return sorted(path.stem for path in (ROOT / "conf" / group).glob("*.yaml"))


class Ran(NamedTuple):
    code: int
    out: str
    err: str


App: TypeAlias = Callable[..., Ran]


@pytest.fixture
def app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> App:
    """Run command lines in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["run.py"])

    def run(*argv: str) -> Ran:
        code = main(argv)
        return Ran(code, *capsys.readouterr())

    return run


def folders() -> list[str]:
    return [path.name for path in Path.cwd().iterdir()]


def test_help_lists_commands_config_groups_choices_and_examples(app: App) -> None:
    code, out, _ = app("--help")

    assert code == 0
    assert all(f"\n  {name} " in out for name in COMMANDS)
    assert (
        "tuner       asha, batch, bohb, grid, hyperband, pbt, random, successive_halving, tpe"
        in out
    )
    assert f"experiment  {', '.join(built_in('experiment'))}" in out
    assert "python run.py -m tuner=tpe,random seed=0,1,2" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(app: App, command: str) -> None:
    code, out, _ = app(command, "--help")

    assert code == 0
    assert out.startswith(f"python run.py {command}")
    assert COMMANDS[command].summary in out
    assert folders() == []


def test_help_lists_what_a_folder_of_ones_own_adds(app: App, tmp_path: Path) -> None:
    (tmp_path / "mine" / "space" / "vision").mkdir(parents=True)
    (tmp_path / "mine" / "space" / "vision" / "resnet.yaml").touch()
    (tmp_path / "mine" / "space" / "tiny.yaml").touch()
    _, out, _ = app("--help", "--config-dir", "mine")

    assert f"  space         {', '.join(built_in('space'))}, tiny\n" in out
    assert "  space/vision  resnet\n" in out


def test_help_does_without_a_folder_that_a_plugin_lacks() -> None:
    lacking = SimpleNamespace(sweep_config_paths=hookimpl(lambda: ["pkg://nowhere.conf"]))
    known = groups(Registry.of({"lacking": lacking}))

    assert known["space"] == built_in("space")
    assert "tuner" not in known


def test_the_version_is_ours(app: App) -> None:
    assert app("--version") == (0, f"sweepwright {__version__}\n", "")


def test_plugins_are_listed_with_their_source(app: App) -> None:
    code, out, _ = app("plugins")

    assert code == 0
    assert any(
        line.split() == ["tuner.random", "sweepwright", __version__, "ok", "tuner=random"]
        for line in out.splitlines()
    )


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    script = (
        "import sys, time; from sweepwright.core.cli.app import main; code = main(['--help']);"
        "print(time.process_time(), *sys.modules, file=sys.stderr); sys.exit(code)"
    )
    runs = [_python("-c", script).stderr.split() for _ in range(3)]
    heavy = ("torch", "tensorflow", "keras", "sklearn", "scipy", "paramiko", "kubernetes")

    assert not {*heavy, "sqlite3", "rich", "hydra"} & set(runs[0])
    assert min(float(run[0]) for run in runs) < 0.5


def test_a_sweep_that_compiles_is_ok(app: App) -> None:
    code, out, _ = app("check", "trial=noop")

    assert code == 0
    assert out.startswith("ok: tpe on 5 parameters, plan ")
    assert folders() == []


def test_findings_are_the_result_of_a_check(app: App) -> None:
    code, out, err = app("check", "tuner=rand", "seed=x")

    assert code == 2
    assert "error[C102]" in out
    assert "error[C106]" in out
    assert err == ""


def test_findings_can_be_json(app: App) -> None:
    broken = app("check", "--format", "json", "seed=x")
    unquoted = app("check", "--format", "json", "-m", "space.hidden=choice(1,2)")

    assert broken.code == unquoted.code == 2
    assert [found["code"] for found in json.loads(broken.out)] == ["C106"]
    assert [found["code"] for found in json.loads(unquoted.out)] == ["C104"]
    assert json.loads(app("check", "--format", "json").out) == []


def test_a_multirun_checks_every_combination(app: App) -> None:
    code, out, err = app("check", "-m", "tuner=nope,random", "trial=noop")

    assert code == 2
    assert "error[C102]" in out
    assert "ok: random" in out
    assert "[2 of 2] tuner=random trial=noop" in err


def test_a_plan_shows_what_would_be_sent_and_starts_nothing(app: App) -> None:
    text = app("plan", "trial=noop")
    body = json.loads(app("plan", "trial=noop", "--format", "json").out)

    assert text.code == 0
    assert "sweepwright.trials.noop" in text.out
    assert body["tuner"]["name"] == "tpe"
    assert "sweepwright.trials.noop" in json.dumps(body["submission"])
    assert body["by_hand"][0] in text.out
    assert text.out.startswith(f"plan {body['fingerprint']}\n")
    assert len(body["first"]) == 3
    assert folders() == []


def test_the_estimate_of_a_trial_makes_it_no_other_sweep(app: App) -> None:
    typed = ("plan", "trial=noop", "--format", "json")
    without, given = (json.loads(app(*typed, *more).out) for more in ([], ["trial_seconds=3"]))

    assert without["cost"]["seconds"] is None
    assert given["cost"]["seconds"] == 30
    assert given["fingerprint"] == without["fingerprint"]


@pytest.mark.parametrize("group", [None, "space", "tuner", "experiment"])
def test_schemas_are_printed_for_editors(app: App, group: str | None) -> None:
    code, out, err = app("schema", *([group] if group else []))

    assert (code, err) == (0, "")
    assert json.loads(out)["$schema"].endswith("/2020-12/schema")
    assert folders() == []


def test_there_is_no_schema_of_what_is_no_group(app: App) -> None:
    assert app("schema", "tunr") == (
        2,
        "",
        "error: unknown config group `tunr`; did you mean `tuner`?\n",
    )


def test_a_plan_shows_its_space_as_a_file_of_the_same_plan(app: App) -> None:
    of = ("trial=noop", "seed=7")
    text = app("plan", "--space", "space=mnist_optimizer", *of)
    Path("mine/space").mkdir(parents=True)
    Path("mine/space/written.yaml").write_text(text.out)
    fingerprint, *_ = app("plan", "space=mnist_optimizer", *of).out.splitlines()

    assert text.code == 0
    assert "learning_rate: loguniform(0.0001, 0.1)\n" in text.out
    written = app("plan", "--config-dir", "mine", "space=written", *of)
    assert written.out.splitlines()[0] == fingerprint


def test_a_plan_shows_no_secret(app: App) -> None:
    override = "+trial.environment.API_TOKEN=s3cr3t"
    text = app("plan", "trial=noop", override)
    body = app("plan", "trial=noop", override, "--format", "json")

    assert (text.code, body.code) == (0, 0)
    assert not any("s3cr3t" in told for told in (text.out, text.err, body.out, body.err))
    assert "***" in body.out


def test_a_multirun_plans_every_combination(app: App) -> None:
    code, out, _ = app("plan", "-m", "trial=noop", "seed=1,2", "--format", "json")

    assert code == 0
    assert [json.loads(line)["seed"] for line in out.splitlines()] == [1, 2]


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    command = [sys.executable, str(ROOT / "run.py"), "--info", "defaults"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()

        assert process.stderr.read() == b""


def test_a_plan_that_does_not_compile_is_told_on_standard_error(app: App) -> None:
    code, out, err = app("plan", "seed=x")

    assert (code, out) == (2, "")
    assert "error[C106]" in err


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
def test_flags_of_hydra_work_and_leave_nothing_behind(
    app: App, typed: Sequence[str], said: str
) -> None:
    code, out, _ = app(*typed)

    assert code == 0
    assert said in out
    assert folders() == []


def test_completion_offers_verbs_and_groups(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMP_LINE", "python run.py check tuner=")

    assert app("-sc", "query=bash").out.split() == [
        "tuner=asha",
        "tuner=batch",
        "tuner=bohb",
        "tuner=grid",
        "tuner=hyperband",
        "tuner=pbt",
        "tuner=random",
        "tuner=successive_halving",
        "tuner=tpe",
    ]

    monkeypatch.setenv("COMP_LINE", "python run.py show s")

    assert app("-sc", "query=bash").out.split() == ["store.path="]


def test_what_does_not_compose_is_a_finding_for_hydras_flags_too(app: App) -> None:
    code, out, err = app("--cfg", "job", "tuner=nope")

    assert (code, out) == (2, "")
    assert "error[C102]: no `tuner` is called `nope`" in err


def test_a_flag_that_hydra_refuses_is_one_line(app: App) -> None:
    code, _, err = app("--cfg", "job", "--package", "nope")

    assert code in (1, 2)
    assert "Traceback" not in err
    assert app("--cfg", "job", "--info").err.startswith("error: Only one of --run")


def test_a_sweep_runs_and_can_be_looked_at(app: App) -> None:
    code, out, err = app("trial=noop", "max_trials=6", "seed=3")

    assert code == 0, err
    assert "6 trials finished" in out
    assert folders() == ["sweeps"]

    best = json.loads(app("best", "--format", "json").out)

    assert set(best["assignment"]) == {
        "learning_rate",
        "alpha",
        "hidden",
        "batch_size",
        "activation",
    }
    assert f"{best['value']:.6g}" in out
    assert "composed with trial=noop max_trials=6 seed=3" in app("show").out


def test_a_sweep_resumes_under_new_limits(app: App) -> None:
    app("trial=noop", "max_trials=2", "--quiet")
    resumed = app("resume", "max_trials=5", "--quiet")

    assert resumed.code == 0, resumed.err
    assert "5 trials finished" in resumed.out
    assert len(app("export", "--format", "jsonl").out.splitlines()) == 5
    assert app("resume", "--quiet").code == 0


def test_a_resume_without_overrides_imports_no_compiler(tmp_path: Path) -> None:
    """Composition and checks took a third of its time before the first trial could start."""
    _python(str(ROOT / "run.py"), "trial=noop", "max_trials=1", "--quiet", cwd=tmp_path)
    script = (
        "import sys; from sweepwright.core.cli.app import main; code = main(['resume']);"
        "print(*sys.modules, sep='\\n'); sys.exit(code)"
    )
    ran = _python("-c", script, cwd=tmp_path)
    imported = ran.stdout.splitlines()

    assert ran.returncode == 0, ran.stderr
    assert "sweepwright.core.driver.sweep" in imported
    assert not {"hydra", "omegaconf", "sweepwright.core.compiler"} & set(imported)


def test_a_resume_with_nothing_left_to_do_says_so_and_how_to_go_on(app: App) -> None:
    app("trial=noop", "max_trials=2", "--quiet")
    took = app("show").out.splitlines()[3]
    _, out, err = app("resume", "max_trials=1", "--quiet")

    assert err.startswith("nothing was left to do; for more trials: python run.py resume s")
    assert err.endswith(" max_trials=N\n")
    assert out == f"{took}\n"


def test_a_failed_sweep_goes_on_with_more_trials(app: App) -> None:
    out = app("trial=noop", "trial.fail=1", "max_trials=2").out

    assert " failed: 0 trials finished, 2 failed in " in out
    assert out.endswith(" max_trials=N\n")


def test_what_a_sweep_was_composed_with_can_be_copied(app: App) -> None:
    app("trial=noop", "max_trials=1", 'space.hidden="int(1, 2)"', "--quiet")

    assert """'space.hidden="int(1, 2)"'""" in app("show").out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
@pytest.mark.parametrize("typed", ["plugins", "export store.path={store}"])
def test_output_that_cannot_be_written_is_one_line(tmp_path: Path, typed: str) -> None:
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


def test_what_is_imported_before_faults_are_caught_is_light() -> None:
    """Ctrl-C in a slow import would show a traceback."""
    ran = _python("-c", "import sys, sweepwright.core.cli.app; print(*sys.modules)")

    assert ran.returncode == 0, ran.stderr
    assert not {"numpy", "hydra", "sqlite3", "yaml"} & set(ran.stdout.split())


def test_a_resume_refuses_another_sweep(app: App) -> None:
    app("trial=noop", "max_trials=2", "--quiet")
    code, out, err = app("resume", "seed=4", "trial=mnist")

    assert (code, out) == (2, "")
    assert "`seed` is recorded as 0, not 4" in err
    assert "`trial` is recorded as 'noop', not 'mnist'" in err


def test_a_sweep_whose_trials_all_fail_has_failed(app: App) -> None:
    code, out, err = app("trial=noop", "trial.fail=1", "max_trials=2")

    assert code == 1
    assert "2 failed" in out
    assert err.startswith("error: the sweep failed: no trial succeeded; ")


def test_a_multirun_compares_its_sweeps_and_returns_the_worst_code(app: App) -> None:
    code, out, _ = app("-m", "--quiet", "trial=noop", "max_trials=2", "seed=x,1", "trial.fail=0,1")
    comparison = out.splitlines()[-2:]

    assert code == 2
    assert [line.split()[1] for line in comparison] == ["done", "failed"]
    assert comparison[0].endswith("trial=noop max_trials=2 seed=1 trial.fail=0")
    assert folders() == ["sweeps"]


def test_sweeps_are_listed(app: App) -> None:
    assert (
        app("list").out
        == "no sweep in the store sweeps; to use another store: store.path=FOLDER\n"
    )

    folder = record(Path("sweeps"), [0.5, 0.75])
    lines = app("list").out.splitlines()

    assert lines[0].split() == ["sweep", "began", "state", "trials", "best", "tuner", "trial"]
    assert lines[1].split()[:1] == [folder.name]
    assert lines[1].split()[3:] == ["done", "2", "0.75", "random", "example"]


def test_another_store_can_be_named(app: App) -> None:
    folder = record(Path("elsewhere"), [0.5])

    assert folder.name in app("list", "store.path=elsewhere").out
    assert json.loads(app("best", "store.path='elsewhere'", "--format", "json").out)["trial"] == 0


def test_the_best_trial_has_three_formats(app: App) -> None:
    folder = record(Path("sweeps"), [0.5, 0.75])
    body = json.loads(app("best", "--format", "json").out)

    assert (body["sweep"], body["trial"], body["value"]) == (folder.name, 1, 0.75)
    assert body["assignment"]["layers"] == 2
    assert body["metrics"] == {"default": 0.75, "test_accuracy": 0.74}
    assert yaml.safe_load(app("best", "--format", "yaml").out) == body
    assert app("best").out.startswith(f"sweep {folder.name}, trial 1\n  objective      0.75\n")


def test_a_sweep_without_a_result_has_no_best(app: App) -> None:
    folder = record(Path("sweeps"), [OUT_OF_MEMORY], "failed")

    assert app("best") == (1, "", f"error: no trial of sweep {folder.name} has a result\n")


def test_trials_are_exported_line_by_line(app: App) -> None:
    record(Path("sweeps"), [0.5, OUT_OF_MEMORY, "hopeless", None])
    lines = [json.loads(line) for line in app("export", "--format", "jsonl").out.splitlines()]

    assert [line["number"] for line in lines] == [0, 1, 2, 3]
    assert [line["state"] for line in lines] == ["measured", "failed", "stopped", "running"]
    assert lines[0]["value"] == 0.5
    assert lines[0]["assignment"] == {"lr": 0.01, "layers": 2, "activation": "tanh"}
    assert lines[1]["failure"] == "memory: the trial ran out of memory"
    assert lines[0]["opened"] <= lines[0]["started"] <= lines[0]["ended"]


def test_a_csv_has_a_column_for_each_parameter(app: App) -> None:
    record(Path("sweeps"), [0.5, 0.25])
    app("export", "--output", "trials.csv")
    with Path("trials.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert [row["number"] for row in rows] == ["0", "1"]
    assert rows[1]["space.lr"] == "0.011"
    assert json.loads(rows[1]["assignment"])["lr"] == 0.011
    assert app("export").out.splitlines()[0].startswith("number,state,value,")


def test_an_export_that_cannot_be_written_is_one_line(app: App) -> None:
    record(Path("sweeps"), [0.5])

    assert app("export", "--output", "no/where").err == (
        "error: cannot write no/where: No such file or directory\n"
    )


@pytest.mark.parametrize("command", ["show", "best", "export", "resume"])
def test_an_empty_store_is_one_line(app: App, command: str) -> None:
    code, out, err = app(command)

    assert (code, out) == (2, "")
    assert err.startswith("error: no sweep in the store sweeps")
    assert folders() == []


def test_a_broken_plugin_says_what_is_wrong(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Registry.of({"coins": SimpleNamespace()})
    monkeypatch.setattr(Registry, "load", lambda: broken)
    code, out, _ = app("plugins")

    assert code == 0
    assert out.endswith("\ncoins (in-memory 0): implements no hook; is `@hookimpl` missing?\n")


def test_a_sweep_composed_without_overrides_is_shown(app: App) -> None:
    record(Path("sweeps"), [0.5])

    assert "composed with" not in app("show").out


def test_a_sweep_whose_plugin_is_gone_says_so(app: App) -> None:
    record(Path("sweeps"), [0.5], of=plan())
    code, _, err = app("resume", "max_trials=9")

    assert code == 2
    assert err.startswith("error: no platform is called `simulated`")


@pytest.mark.parametrize("typed", [["frobnicate"], ["--frobnicate"], ["best", "--format", "x"]])
def test_a_command_line_without_sense_is_one_line(app: App, typed: Sequence[str]) -> None:
    code, out, err = app(*typed)

    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_an_interruption_before_the_sweep_is_quiet(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("sweepwright.core.cli.commands.plugins.main", interrupted)

    assert app("plugins") == (130, "", "")


def test_our_own_mistakes_are_loud(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(_: Any) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("sweepwright.core.cli.commands.plugins.main", mistaken)

    with pytest.raises(ZeroDivisionError):
        app("plugins")


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
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


def test_output_that_cannot_show_a_curve_is_no_error(tmp_path: Path) -> None:
    record(tmp_path, [0.25, 0.5])
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = _python(str(ROOT / "run.py"), "show", f"store.path={tmp_path}", env=environment)

    assert ran.returncode == 0, ran.stderr
    assert "best so far" in ran.stdout


def test_without_the_package_the_entry_says_how_to_install(tmp_path: Path) -> None:
    entry = tmp_path / "run.py"
    entry.write_text((ROOT / "run.py").read_text("utf-8"), "utf-8")
    ran = _python("-S", str(entry), cwd=tmp_path)

    assert ran.returncode == 1
    assert ran.stderr.startswith("sweepwright is not installed (No module named 'sweepwright")
    assert ran.stderr.endswith("-m pip install -e .\n")


def _python(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, **options
    )
