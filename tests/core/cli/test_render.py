"""`render` writes what a platform would receive; `platform` prints its documents."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sweepwright.contracts import PlatformProvider
from sweepwright.core.registry.registry import Registry
from tests.core.cli.application import App, folders


def rendered(folder: str = "rendered") -> list[str]:
    """List the files that were rendered."""
    return sorted(path.name for path in Path(folder).iterdir())


def offer(platform: PlatformProvider[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer a platform in place of all others."""
    monkeypatch.setattr(
        Registry,
        "find",
        lambda self, kind, name, _find=Registry.find: (
            platform if kind == "platform" else _find(self, kind, name)
        ),
    )


def test_the_jobs_of_the_first_rung_are_rendered_and_nothing_starts(app: App) -> None:
    code, out, _ = app("render", "tuner=hyperband", "trial=noop", "budget={maximum: 9}")

    assert code == 0
    assert rendered() == [f"trial-{number}.yaml" for number in range(9)]
    assert out.splitlines()[-1] == "wrote 9 files: 9 jobs of its first trials"
    body = yaml.safe_load(Path("rendered/trial-8.yaml").read_text())
    assert '"trial":8,' in body["environment"]["SWEEPWRIGHT_TRIAL"]
    assert folders() in ([], ["rendered"])


def test_without_brackets_the_trials_that_would_run_at_once_are_rendered(app: App) -> None:
    app("render", "trial=noop", "concurrency=3", "--output", "here")

    assert rendered("here") == ["trial-0.yaml", "trial-1.yaml", "trial-2.yaml"]


def test_another_render_replaces_its_own_files_alone(app: App) -> None:
    app("render", "trial=noop", "concurrency=3")
    Path("rendered/mine.yaml").write_text("kind: Mine\n")
    app("render", "trial=noop", "concurrency=1")

    assert rendered() == ["mine.yaml", "trial-0.yaml"]


def test_a_file_of_somebody_elses_is_not_overwritten(app: App) -> None:
    Path("rendered").mkdir()
    Path("rendered/trial-0.yaml").write_text("kind: Mine\n")
    code, _, err = app("render", "trial=noop")

    assert code == 2
    assert err == "error: cannot write rendered/trial-0.yaml: File exists\n"
    assert Path("rendered/trial-0.yaml").read_text() == "kind: Mine\n"


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (["platform"], "`platform` needs the name of a document, such as `rbac`"),
        (["platform", "rbac"], "`platform=local` has no documents; choose another platform"),
    ],
)
def test_a_missing_document_is_reported(app: App, typed: list[str], error: str) -> None:
    code, _, err = app(*typed)

    assert code == 2
    assert error in err


def test_a_document_of_the_platform_is_printed(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Registry.load().find("platform", "local")
    documented = PlatformProvider(
        provider.name,
        provider.options,
        provider.build,
        documents={"about": lambda _options, code: [{"name": code.name}, {"kind": code.kind}]},
    )
    offer(documented, monkeypatch)
    code, out, _ = app("platform", "about", "trial=noop", "framework=pytorch")
    wrong = app("platform", "abuot", "trial=noop")

    assert (code, out) == (0, "name: noop\n---\nkind: PyTorchJob\n")
    assert "has no document `abuot`; did you mean `about`?" in wrong.err


def test_names_of_stored_secrets_are_rendered(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = {"env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "hf"}}}]}
    address = "postgres://me:hunter22@db/x"

    class Referring:
        def render(self, _job: object) -> object:
            return {**reference, "database": address}

        def close(self) -> None:
            pass

    provider = Registry.load().find("platform", "local")
    exposing = PlatformProvider(
        provider.name, provider.options, provider.build, secrets_help="store it"
    )
    offer(exposing, monkeypatch)
    monkeypatch.setattr(Registry, "build_platform", lambda *_: Referring())
    app("render", "trial=noop", "concurrency=1")
    body = yaml.safe_load(Path("rendered/trial-0.yaml").read_text())

    assert body["env"] == reference["env"]
    assert "hunter22" not in body["database"]
