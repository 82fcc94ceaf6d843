"""Commands that compile a sweep and start nothing: check, plan, schema."""

import json
from pathlib import Path

import pytest

from tests.core.cli.application import App, folders, run_python


def test_a_check_of_a_sweep_that_compiles_prints_ok(app: App) -> None:
    code, out, _ = app("check", "trial=noop")

    assert code == 0
    assert out.startswith("ok: tpe on 5 parameters, plan ")
    assert folders() == []


def test_a_check_prints_findings_to_standard_output(app: App) -> None:
    code, out, err = app("check", "tuner=rand", "seed=x")

    assert code == 2
    assert "error[C102]" in out
    assert "error[C106]" in out
    assert err == ""


def test_a_check_prints_findings_as_json(app: App) -> None:
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


def test_a_plan_shows_the_submission_and_starts_nothing(app: App) -> None:
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


def test_trial_seconds_does_not_change_the_fingerprint(app: App) -> None:
    typed = ("plan", "trial=noop", "--format", "json")
    without, given = (json.loads(app(*typed, *more).out) for more in ([], ["trial_seconds=3"]))

    assert without["cost"]["seconds"] is None
    assert given["cost"]["seconds"] == 30
    assert given["fingerprint"] == without["fingerprint"]


@pytest.mark.parametrize("group", [None, "space", "tuner", "experiment"])
def test_schemas_are_printed_as_json(app: App, group: str | None) -> None:
    code, out, err = app("schema", *([group] if group else []))

    assert (code, err) == (0, "")
    assert json.loads(out)["$schema"].endswith("/2020-12/schema")
    assert folders() == []


def test_an_unknown_config_group_has_no_schema(app: App) -> None:
    assert app("schema", "tunr") == (
        2,
        "",
        "error: unknown config group `tunr`; did you mean `tuner`?\n",
    )


def test_a_plan_prints_its_space_as_a_file_that_compiles_to_the_same_plan(app: App) -> None:
    of = ("trial=noop", "seed=7")
    text = app("plan", "--space", "space=mnist_optimizer", *of)
    Path("mine/space").mkdir(parents=True)
    Path("mine/space/written.yaml").write_text(text.out)
    fingerprint, *_ = app("plan", "space=mnist_optimizer", *of).out.splitlines()

    assert text.code == 0
    assert "learning_rate: loguniform(0.0001, 0.1)\n" in text.out
    written = app("plan", "--config-dir", "mine", "space=written", *of)
    assert written.out.splitlines()[0] == fingerprint


def test_a_plan_masks_secrets(app: App) -> None:
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


def test_a_plan_prints_findings_to_standard_error(app: App) -> None:
    code, out, err = app("plan", "seed=x")

    assert (code, out) == (2, "")
    assert "error[C106]" in err


@pytest.mark.parametrize(
    ("command", "needless"),
    [
        (["check", "trial=noop"], ("driver", "store")),
        (["explain", "seed"], ("driver", "store")),
        (["plan", "trial=noop"], ("store",)),
    ],
)
def test_a_command_that_only_compiles_imports_no_journal(
    command: list[str], needless: tuple[str, ...]
) -> None:
    script = (
        "import sys; from sweepwright.core.cli.app import main; code = main(sys.argv[1:]);"
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    ran = run_python("-c", script, *command)

    assert ran.returncode == 0, ran.stderr
    assert not {f"sweepwright.core.{room}" for room in needless} & set(ran.stderr.split())
