"""A secret is found nowhere in what the commands print, and a reference's value nowhere at all."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.core.cli.application import App, write_files

REFERENCE = "canary-reference-2781"
LITERAL = "canary-literal-9034"
SECRETS = (REFERENCE, LITERAL)
TRIAL = f"""
    import os, sys
    import sweepwright

    assert os.environ["SERVICE"] == "Bearer {REFERENCE}"
    assert os.environ["API_TOKEN"] == os.environ["PLAIN"] == "{REFERENCE}"
    assert os.environ["ROLE"] == "{REFERENCE}/canary"
    assert os.environ["DB_PASSWORD"] == "{LITERAL}"
    assert "--api_key={LITERAL}" in sys.argv
    parameters = sweepwright.get_next_parameter()
    assert parameters["api_token"].startswith("{LITERAL}")
    assert parameters["dsn"] == "postgres://me:{LITERAL}@host/db"
    if sweepwright.get_sequence_id() == 1:
        raise ValueError("refused: " + os.environ["API_TOKEN"] + " " + os.environ["DB_PASSWORD"])
    sweepwright.report_final_result(parameters["lr"])
    """
SPACE = f"""
    lr: uniform(0.25, 0.75)
    api_token: "choice('{LITERAL}', 'canary-literal-9034-b') = '{LITERAL}'"
    dsn: "choice('postgres://me:{LITERAL}@host/db')"
    start:
      - {{lr: 0.5, api_token: {LITERAL}, dsn: 'postgres://me:{LITERAL}@host/db'}}
    """
CONFIG = f"""
    # @package _global_
    defaults:
      - override /space: canary
      - override /trial: noop
    objective: {{metric: default}}
    max_trials: 3
    trial:
      name: canary
      entries: {{python: trial.py}}
      api_key: {LITERAL}
      environment:
        API_TOKEN: ${{oc.env:CANARY}}
        SERVICE: Bearer ${{oc.env:CANARY}}
        PLAIN: ${{oc.env:CANARY}}
        DB_PASSWORD: {LITERAL}
      roles:
        main: {{environment: {{ROLE: "${{oc.env:CANARY}}/${{trial.name}}"}}}}
    """


@pytest.fixture
def secret_app(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    """Run command lines on a configuration with secrets in every place."""
    monkeypatch.setenv("CANARY", REFERENCE)
    monkeypatch.setenv("CANARY_TOKEN", REFERENCE)
    files = {"conf/experiment/canary.yaml": CONFIG, "conf/space/canary.yaml": SPACE}
    write_files(tmp_path, {**files, "trial.py": TRIAL})
    return app


COMPOSED = ("--config-dir=conf", "+experiment=canary")


def found(text: str) -> list[str]:
    return [line for line in text.splitlines() if any(secret in line for secret in SECRETS)]


KEYS = ["space", "space.api_token", "space.dsn", "space.start", "trial", "trial.api_key"]
VARIABLES = [f"trial.environment{key}" for key in ("", ".API_TOKEN", ".PLAIN", ".DB_PASSWORD")]
MISTAKES = [
    f"+trial.environment={{DB_PASSWORD: [{LITERAL}]}}",
    f"+trial.environment.DB_PASSWORD=x[{LITERAL}",
    f"trial.api_key={{a: {LITERAL}}}",
    f"space.api_token=choice({LITERAL}",
    f"space.api_token='{LITERAL}(1, 2)'",
    f"space.api_token='choice({LITERAL}, {LITERAL})'",
    f"space.dsn='postgres://me:{LITERAL}@host/db'",
    f"store.api_key={LITERAL}",
    f"+tuner.password={LITERAL}",
    f"space.start=[{{api_token: {LITERAL}x}}]",
    f"password={LITERAL}",
    f"--password={LITERAL}",
    f"platform.token={LITERAL}",
    f"trial.api_key=[{LITERAL}",
    f"trial.api_key=a,{LITERAL}",
    f"trial.api_key={LITERAL}}}",
    f"trial.api_key@:={LITERAL}",
    f"trial.environment={{API_TOKEN: [{LITERAL}}}",
    "seed=${oc.env:CANARY_TOKEN}",
]


def _in_ci(words: list[str]) -> object:
    """Check a variant of another case in CI alone."""
    return pytest.param(words, marks=pytest.mark.ci_only)


@pytest.mark.parametrize(
    "words",
    [
        ["plan"],
        ["plan", "--format", "json"],
        ["plan", "--space"],
        ["check"],
        ["check", "--format", "json"],
        ["--cfg", "job"],
        ["--cfg", "job", "--resolve"],
        ["--info", "config"],
        *(["explain", key] for key in [KEYS[0], KEYS[-2], *VARIABLES[:2]]),
        *(_in_ci(["explain", key]) for key in [*KEYS[1:-2], KEYS[-1], *VARIABLES[2:]]),
        *(_in_ci(["explain", key, "--format", "json"]) for key in [*KEYS, *VARIABLES]),
        *(["check", mistake] for mistake in MISTAKES),
        *(_in_ci(["check", "--format", "json", mistake]) for mistake in MISTAKES),
        *(["explain", "seed", mistake] for mistake in MISTAKES[:4]),
        ["check", "-m", f"+trial.token={LITERAL},b"],
    ],
    ids=" ".join,
)
def test_no_command_that_composes_shows_a_secret(secret_app: App, words: list[str]) -> None:
    ran = secret_app(*words, *COMPOSED)

    assert found(ran.out + ran.err) == []
    assert ran.code in (0, 2)
    assert ran.out or ran.err


def test_trials_receive_secrets_and_nobody_sees_them(secret_app: App) -> None:
    shown = [secret_app(*COMPOSED, "retries.error=1")]
    words = [["show"], ["list"], ["best"], *(["best", "--format", f] for f in ("json", "yaml"))]
    words += [["export", "--format", f] for f in ("csv", "jsonl")]
    words += [
        ["resume", "max_trials=4"],
        ["resume", f"trial.environment={{DB_PASSWORD: {LITERAL}}}"],
        ["resume", f"trial.api_key=[{LITERAL}"],
    ]
    if find_spec("tensorboard"):
        words += [["tensorboard", "--write-only"]]
    shown += [secret_app(*argv) for argv in words]
    (sweep,) = Path("sweeps").iterdir()
    files = [path for path in sweep.rglob("*") if path.is_file() and not path.is_symlink()]
    logs = [path for path in files if path.suffix == ".stderr"]
    stored = {path: path.read_bytes() for path in files if path not in logs}
    with_reference = [path for path, data in stored.items() if REFERENCE.encode() in data]
    with_literal = [path.name for path, data in stored.items() if LITERAL.encode() in data]

    assert "2 trials finished, 1 failed" in shown[0].out
    assert "3 trials finished, 1 failed" in shown[8].out
    assert [found(ran.out + ran.err) for ran in shown] == [[]] * len(shown)
    assert with_reference == []
    assert {name.partition("-")[0] for name in with_literal} <= {"journal.sqlite"}
    assert set(json.loads(shown[4].out)["assignment"].values()) >= {"***"}


def test_a_variable_that_is_not_set_is_a_finding_and_a_resume_is_refused(
    secret_app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret_app(*COMPOSED, "max_trials=1")
    monkeypatch.delenv("CANARY")
    checked = secret_app("check", *COMPOSED)
    resumed = secret_app("resume", "max_trials=2")
    defaulted = secret_app(
        "check",
        *COMPOSED,
        "trial.roles.main.environment.ROLE=x",
        *(
            f"trial.environment.{key}='${{oc.env:CANARY,{key}}}'"
            for key in ("API_TOKEN", "SERVICE", "PLAIN")
        ),
    )

    assert checked.code == 2
    assert checked.out.count("error[C108]") == 4
    assert (
        "`trial.environment.PLAIN` refers to the variable `CANARY`, which is not set"
    ) in checked.out
    assert "= help: `export CANARY=…`, or give a default: `${oc.env:CANARY,…}`" in checked.out
    assert resumed.code == 2
    assert resumed.err.count("error[C108]") == 4
    assert "  --> trial.environment.PLAIN\n" in resumed.err
    assert defaulted.code == 0
