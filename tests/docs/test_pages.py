"""The documentation is right: its codes, hooks, config groups, links, commands and outputs."""

import dataclasses
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sweepwright import hooks
from sweepwright.core.cli.app import main
from sweepwright.core.cli.arguments import parse_arguments
from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.registry.loading import PROVIDERS
from sweepwright.core.registry.registry import KINDS, Registry
from sweepwright.diagnostics import Code
from sweepwright.events import FailureKind
from sweepwright.jobs import THREAD_VARIABLES
from tests.docs.pages import ROOT, block, commands, read_page

REGISTRY = Registry.load()

README = (ROOT / "README.md").read_text()
BUDGETS = read_page("budgets.md")
HOOKS = read_page("hooks.md")
TUTORIAL = read_page("write-a-tuner.md")
PLAN = read_page("plan.md")
TUNERS = "\n".join(page.read_text() for page in (ROOT / "docs" / "tuners").glob("*.md"))
ASSESSORS = "\n".join(page.read_text() for page in (ROOT / "docs" / "assessors").glob("*.md"))
EDITORS = read_page("editors.md")
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changelog.d/*.md")]
DIAGNOSTICS = ROOT / "docs" / "diagnostics"


@pytest.mark.parametrize("code", Code)
def test_every_code_has_a_page(code: Code) -> None:
    page = DIAGNOSTICS / f"{code.value}.md"

    assert page.is_file()
    assert code.value in page.read_text().splitlines()[0]


def test_every_page_of_a_finding_has_its_code() -> None:
    named = {path.stem for path in DIAGNOSTICS.glob("[A-Z][0-9]*.md")}

    assert named <= {code.value for code in Code}


@pytest.mark.parametrize("hook", [name for name in vars(hooks) if name.startswith("sweep_")])
def test_every_hook_is_described(hook: str) -> None:
    assert f"\n## {hook}\n" in HOOKS


def test_every_failure_class_is_described() -> None:
    rows = [f"| `{kind.value}` | {kind.meaning} | {kind.retries} |\n" for kind in FailureKind]

    assert "".join(rows) in read_page("your-own-trial.md")


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
def test_every_link_has_a_target(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]*)(#[^)]*)?\)", page.read_text())
    dead = [f"{name}{anchor}" for name, anchor in links if not has_target(page, name, anchor[1:])]

    assert not dead


def test_every_decision_is_listed_under_its_title() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    titles = {page.name: page.read_text().splitlines()[0].removeprefix("# ") for page in pages}
    index = read_page("decisions/README.md")

    assert re.findall(r"^- \[(.*)\]\((.*)\)$", index, re.MULTILINE) == [
        (title, name) for name, title in titles.items()
    ]


def test_every_path_of_the_recipes_exists() -> None:
    """``mine`` and ``<code>`` stand for the name of what is added."""
    paths = re.findall(r"`([\w.-]+/[^` ]*)`", read_page("how-to-add.md"))
    named = [path for path in paths if "mine" not in path and "<" not in path]

    assert len(named) > 30
    assert [path for path in named if not (ROOT / path).exists()] == []


def has_target(page: Path, name: str, anchor: str) -> bool:
    target = page.parent / name if name else page
    if not anchor or not target.is_file():
        return target.exists()
    headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
    return anchor in {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}


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
def test_commands_of_the_documentation_compile(command: str) -> None:
    """Sweeps are checked, except those with a plugin or a folder of the reader's own."""
    words = shlex.split(command)
    arguments = parse_arguments(words)
    if (
        arguments.command.name == "run"
        and "tuner=coin" not in words
        and "--config-dir" not in words
    ):
        assert main(["check", *words]) == 0


def test_run_py_runs_a_sweep(tmp_path: Path) -> None:
    cheap = ["max_trials=2", "trial=noop", f"store.path={tmp_path}"]
    ended = subprocess.run([sys.executable, "run.py", *cheap], cwd=ROOT, check=False, timeout=60)

    assert ended.returncode == 0


def test_the_plan_on_its_page_is_what_the_command_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in THREAD_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(ROOT)
    (command,) = commands(PLAN)
    main(shlex.split(command))
    printed = capsys.readouterr().out.replace(sys.executable, "/home/me/.venv/bin/python")

    assert without_versions(block(PLAN, "text")) == without_versions(
        printed.replace(str(ROOT), "/home/me/sweepwright")
    )


@pytest.mark.parametrize("command", commands(EDITORS))
def test_commands_on_the_page_about_editors_print_schemas(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    typed, file = command.split(" > ")

    assert main(shlex.split(typed)) == 0
    assert json.loads(capsys.readouterr().out)["$defs"]
    assert f"./{file}" in EDITORS or file == "sweep.schema.json"


def test_the_file_on_the_page_about_editors_composes(tmp_path: Path) -> None:
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(block(EDITORS, "yaml"))
    compiled = compile_sweep(["+experiment=mine"], REGISTRY, tmp_path)

    assert compiled.plan.tuner.name == "grid"
    assert compiled.plan.limits.max_trials == 50


def without_versions(text: str) -> str:
    """Leave out what another version of numpy, or of the trial, may change."""
    rounded = re.sub(r"\d\.\d{6,}", lambda found: f"{float(found[0]):.6f}", text)
    return re.sub(r"^plan \w{16}$", "plan …", rounded, flags=re.MULTILINE)


def test_the_explanation_of_the_readme_is_what_its_command_prints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (command,) = [command for command in commands(README) if command.startswith("explain")]

    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out in README
