"""The documentation says what is: every code, hook, group, link and command in it holds."""

import dataclasses
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sweepwright import hooks
from sweepwright.core.cli.app import main
from sweepwright.core.cli.arguments import parse_arguments
from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.registry.loading import PROVIDERS
from sweepwright.core.registry.registry import KINDS, Registry
from sweepwright.core.store.history import read_history
from sweepwright.core.views.diagnostics_text import render_diagnostics
from sweepwright.diagnostics import Code, CompileError
from sweepwright.jobs import THREAD_VARIABLES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
OWN_TRIAL = (ROOT / "docs" / "your-own-trial.md").read_text()
BUDGETS = (ROOT / "docs" / "budgets.md").read_text()
HOOKS = (ROOT / "docs" / "hooks.md").read_text()
TUTORIAL = (ROOT / "docs" / "write-a-tuner.md").read_text()
PLAN = (ROOT / "docs" / "plan.md").read_text()
TUNERS = "\n".join(page.read_text() for page in (ROOT / "docs" / "tuners").glob("*.md"))
ASSESSORS = "\n".join(page.read_text() for page in (ROOT / "docs" / "assessors").glob("*.md"))
EDITORS = (ROOT / "docs" / "editors.md").read_text()
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changelog.d/*.md")]
DIAGNOSTICS = ROOT / "docs" / "diagnostics"


@pytest.mark.parametrize("code", Code)
def test_every_code_has_a_page(code: Code) -> None:
    page = DIAGNOSTICS / f"{code.value}.md"

    assert page.is_file()
    assert code.value in page.read_text().splitlines()[0]


def test_every_page_of_a_code_has_a_code() -> None:
    named = {path.stem for path in DIAGNOSTICS.glob("[A-Z][0-9]*.md")}

    assert named <= {code.value for code in Code}


@pytest.mark.parametrize("hook", [name for name in vars(hooks) if name.startswith("sweep_")])
def test_every_hook_is_described(hook: str) -> None:
    assert f"\n## {hook}\n" in HOOKS


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_provider_is_described(kind: str) -> None:
    (general,) = re.findall(r"\n## Providers\n(.*?)\n## ", HOOKS, re.DOTALL)
    (own,) = re.findall(rf"\n## sweep_{kind}s\n(.*?)\n## ", HOOKS, re.DOTALL)
    described = set(re.findall(r"^\| `(\w+)` \|", general + own, re.MULTILINE))

    assert described >= {entry.name for entry in dataclasses.fields(PROVIDERS[kind])}


@pytest.mark.parametrize(
    "group", sorted({*KINDS, *(path.name for path in ROOT.glob("conf/[a-z]*/"))})
)
def test_every_group_of_the_configuration_is_described(group: str) -> None:
    assert f"\n| `{group}` |" in HOOKS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]*)(#[^)]*)?\)", page.read_text())
    dead = [f"{name}{anchor}" for name, anchor in links if not leads(page, name, anchor[1:])]

    assert not dead


def leads(page: Path, name: str, anchor: str) -> bool:
    target = page.parent / name if name else page
    if not anchor or not target.is_file():
        return target.exists()
    headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
    return anchor in {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}


def commands(text: str) -> list[str]:
    """Return the lines of console blocks that start ``run.py``, without what is before it."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [found[1] for line in lines if (found := re.search(r"python run\.py ?(.*)$", line))]


def test_both_set_up_commands_are_single_lines_that_do_everything() -> None:
    set_up = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)

    assert len(set_up) == 2
    assert set_up[0].endswith("/bin/python run.py")
    assert "/bin/python -m pytest" in set_up[1]


@pytest.mark.parametrize(
    "command",
    sorted(
        {
            *commands(README),
            *commands(TUTORIAL),
            *commands(PLAN),
            *commands(TUNERS),
            *commands(BUDGETS),
            *commands(ASSESSORS),
        }
    ),
)
def test_commands_of_the_documentation_are_right(command: str) -> None:
    """Sweeps are checked: all but the wrong one, and the one with the reader's own plugin."""
    words = shlex.split(command)
    arguments = parse_arguments(words)
    if (
        arguments.command.name == "run"
        and "tuner=coin" not in words
        and "max_trails=50" not in words
    ):
        assert main(["check", *words]) == 0


def test_the_run_command_runs(tmp_path: Path) -> None:
    cheap = ["max_trials=2", "trial=noop", f"store.path={tmp_path}"]
    ended = subprocess.run([sys.executable, "run.py", *cheap], cwd=ROOT, check=False, timeout=60)

    assert ended.returncode == 0


def test_the_space_of_the_readme_is_the_one_that_runs() -> None:
    assert block(README, "yaml") == (ROOT / "conf" / "space" / "mnist.yaml").read_text()


def test_the_findings_of_the_readme_are_what_its_command_prints() -> None:
    (command,) = [command for command in commands(README) if "max_trails" in command]
    arguments = parse_arguments(shlex.split(command))
    with pytest.raises(CompileError) as caught:
        compile_sweep(arguments.overrides, Registry.load())
    findings = render_diagnostics(caught.value.diagnostics, color=False)

    assert findings.strip() in README


def test_the_plan_of_its_page_is_what_its_command_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in THREAD_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(ROOT)
    (command,) = commands(PLAN)
    main(shlex.split(command))
    printed = capsys.readouterr().out.replace(sys.executable, "/home/me/.venv/bin/python")

    assert lasting(block(PLAN, "text")) == lasting(
        printed.replace(str(ROOT), "/home/me/sweepwright")
    )


@pytest.mark.parametrize("command", commands(EDITORS))
def test_schemas_are_printed_as_their_page_says(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    typed, file = command.split(" > ")

    assert main(shlex.split(typed)) == 0
    assert json.loads(capsys.readouterr().out)["$defs"]
    assert f"./{file}" in EDITORS or file == "sweep.schema.json"


def test_a_file_that_names_its_schema_composes(tmp_path: Path) -> None:
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(block(EDITORS, "yaml"))
    compiled = compile_sweep(["+experiment=mine"], Registry.load(), tmp_path)

    assert compiled.plan.tuner.name == "grid"
    assert compiled.plan.limits.max_trials == 50


def lasting(text: str) -> str:
    """Leave out what another version of numpy, or of the trial, may change."""
    rounded = re.sub(r"\d\.\d{6,}", lambda found: f"{float(found[0]):.6f}", text)
    return re.sub(r"^plan \w{16}$", "plan …", rounded, flags=re.MULTILINE)


def test_the_explanation_of_the_readme_is_what_its_command_prints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (command,) = [command for command in commands(README) if command.startswith("explain")]

    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out in README


def block(text: str, language: str, number: int = 0) -> str:
    blocks: list[str] = re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return blocks[number]


@pytest.fixture(scope="module")
def coin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write down the package of the tutorial, with the metadata that installing it leaves."""
    folder = tmp_path_factory.mktemp("coin")
    project = tomllib.loads(block(TUTORIAL, "toml"))["project"]
    offers = project["entry-points"]["sweepwright"]
    metadata = folder / "sweepwright_coin-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    (metadata / "entry_points.txt").write_text(
        "[sweepwright]\n" + "".join(f"{key} = {value}\n" for key, value in offers.items())
    )
    (folder / "sweepwright_coin.py").write_text(block(TUTORIAL, "python"))
    (folder / "test_coin.py").write_text(block(TUTORIAL, "python", 1))
    return folder


def with_coin(coin: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(coin), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_tuner_with_budgets_of_the_tutorial_keeps_the_contract(coin: Path) -> None:
    (coin / "doubting.py").write_text(block(TUTORIAL, "python", 2))
    (coin / "test_doubting.py").write_text(
        "from doubting import sweep_tuners\n"
        "from sweepwright.testing.tuners import TunerSuite\n\n\n"
        "class TestDoubting(TunerSuite):\n"
        "    repeats = True\n"
        "    provider = sweep_tuners()[0]\n"
    )
    ended = with_coin(coin, "-m", "pytest", "-q", str(coin / "test_doubting.py"))

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"\d{2,} passed", ended.stdout)


def test_the_tuner_of_the_tutorial_runs(coin: Path, tmp_path: Path) -> None:
    sweep = ["tuner=coin", "tuner.heads=0.8", "trial=noop", f"store.path={tmp_path}"]
    ended = with_coin(coin, "run.py", *sweep)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "coin" in with_coin(coin, "run.py", "plugins").stdout


def test_the_tuner_of_the_tutorial_passes_its_suite(coin: Path) -> None:
    ended = with_coin(coin, "-m", "pytest", "-p", "no:cacheprovider", str(coin))

    assert ended.returncode == 0, ended.stdout
    assert " passed" in ended.stdout


@pytest.fixture(scope="module")
def own_trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write down the script and the configuration of the page about a trial of one's own."""
    folder = tmp_path_factory.mktemp("own")
    written = {
        "train.py": block(OWN_TRIAL, "python"),
        "space/mine.yaml": block(OWN_TRIAL, "yaml"),
        "trial/mine.yaml": block(OWN_TRIAL, "yaml", 1),
        "experiment/mine.yaml": block(OWN_TRIAL, "yaml", 2),
    }
    for name, text in written.items():
        (folder / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "mine" / name).write_text(text)
    return folder


def test_the_trial_of_the_page_on_budgets_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(block(BUDGETS, "python"))
    options = ["tuner=successive_halving", "trial=noop", "trial.name=train", "tuner.trials=9"]
    sweep = [f"trial.entries.python={tmp_path / 'train.py'}", "budget={maximum: 9}"]
    space = ["~space.alpha", "~space.hidden", "~space.batch_size", "~space.activation"]
    ended = subprocess.run(
        [sys.executable, ROOT / "run.py", *options, *sweep, *space, "max_trials=9"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    (folder,) = (tmp_path / "sweeps").iterdir()
    history = read_history(folder)
    promoted = [
        step for trial in history.trials for step in trial.evaluations if step.inherited_budget
    ]

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "warning" not in ended.stdout + ended.stderr
    assert [step.continued for step in promoted] == [True] * 4


@pytest.mark.parametrize("command", commands(OWN_TRIAL))
def test_a_trial_of_ones_own_runs_as_its_page_says(own_trial: Path, command: str) -> None:
    ended = subprocess.run(
        [sys.executable, ROOT / "run.py", *shlex.split(command), "max_trials=2"],
        cwd=own_trial,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_script_of_a_trial_of_ones_own_runs_by_hand(own_trial: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "mine/train.py"], cwd=own_trial, check=False, timeout=60
    )

    assert ended.returncode == 0
