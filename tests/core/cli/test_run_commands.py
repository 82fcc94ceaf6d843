"""Commands that run a sweep: run, resume, and multirun."""

import json
from pathlib import Path

import pytest

from tests.core.cli.application import App, folders, run_python
from tests.core.examples import plan
from tests.core.recorded_sweeps import record
from tests.forked_commands import run_forked


def test_a_sweep_runs_and_its_results_are_shown(app: App) -> None:
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


@pytest.mark.parametrize(
    ("overrides", "unwanted"),
    [
        ([], {"hydra", "omegaconf", "sweepwright.core.compiler"}),
        (["max_trials=2"], {"hydra", "omegaconf", "sweepwright.core.compiler.compiler"}),
    ],
    ids=["no override", "plain override"],
)
def test_a_resume_does_not_import_what_composition_needs(
    overrides: list[str], unwanted: set[str], tmp_path: Path
) -> None:
    """Those imports took half of the time before the first trial could start."""
    run_forked(["trial=noop", "max_trials=1", "--quiet"], folder=tmp_path)
    script = (
        "import sys; from sweepwright.core.cli.app import main;"
        f"code = main(['resume', *{overrides}]); print(*sys.modules, sep='\\n'); sys.exit(code)"
    )
    ran = run_python("-c", script, cwd=tmp_path)
    imported = ran.stdout.splitlines()

    assert ran.returncode == 0, ran.stderr
    assert "sweepwright.core.driver.sweep" in imported
    assert not unwanted & set(imported)


def test_a_resume_of_a_complete_sweep_prints_the_command_for_more_trials(app: App) -> None:
    app("trial=noop", "max_trials=2", "--quiet")
    took = app("show").out.splitlines()[3]
    _, out, err = app("resume", "max_trials=1", "--quiet")

    assert err.startswith("nothing was left to do; for more trials: python run.py resume s")
    assert err.endswith(" max_trials=N\n")
    assert out == f"{took}\n"


def test_a_failed_sweep_is_resumed_with_more_trials(app: App) -> None:
    out = app("trial=noop", "trial.fail=1", "max_trials=2").out

    assert " failed: 0 trials finished, 2 failed in " in out
    assert out.endswith(" max_trials=N\n")


def test_overrides_of_a_sweep_are_shown_quoted_for_the_shell(app: App) -> None:
    app("trial=noop", "max_trials=1", 'space.hidden="int(1, 2)"', "--quiet")

    assert """'space.hidden="int(1, 2)"'""" in app("show").out


def test_a_resume_refuses_overrides_that_change_the_sweep(app: App) -> None:
    app("trial=noop", "max_trials=2", "--quiet")
    code, out, err = app("resume", "seed=4", "trial=mnist")

    assert (code, out) == (2, "")
    assert "`seed` is recorded as 0, not 4" in err
    assert "`trial` is recorded as 'noop', not 'mnist'" in err


def test_a_sweep_whose_trials_all_fail_returns_1(app: App) -> None:
    code, out, err = app("trial=noop", "trial.fail=1", "max_trials=2")

    assert code == 1
    assert "2 failed" in out
    assert err.startswith("error: the sweep failed: no trial succeeded; ")


def test_a_multirun_compares_its_sweeps_and_returns_the_highest_exit_code(app: App) -> None:
    code, out, _ = app("-m", "--quiet", "trial=noop", "max_trials=2", "seed=x,1", "trial.fail=0,1")
    comparison = out.splitlines()[-2:]

    assert code == 2
    assert [line.split()[1] for line in comparison] == ["done", "failed"]
    assert comparison[0].endswith("trial=noop max_trials=2 seed=1 trial.fail=0")
    assert folders() == ["sweeps"]


def test_a_resume_without_the_platform_of_the_sweep_is_an_error(app: App) -> None:
    record(Path("sweeps"), [0.5], of=plan())
    code, _, err = app("resume", "max_trials=9")

    assert code == 2
    assert err.startswith("error: no platform is called `simulated`")
