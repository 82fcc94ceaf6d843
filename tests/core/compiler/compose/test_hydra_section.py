"""Hydra's section is as Hydra composes it, and each composition has one of its own."""

from pathlib import Path
from typing import Any

import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from sweepwright.core.compiler.compose import CONFIG_FOLDER, CONFIG_NAME, compose
from sweepwright.core.compiler.compose.hydra_compat import VERSION_BASE
from sweepwright.diagnostics import Report
from tests.core.stub_plugins import registry

OTHER_LAUNCHER = {"_target_": "elsewhere.Launcher", "machines": 3}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a folder whose configuration has a launcher of its own."""
    monkeypatch.chdir(tmp_path)
    launcher = tmp_path / "hydra" / "launcher" / "other.yaml"
    launcher.parent.mkdir(parents=True)
    launcher.write_text("_target_: elsewhere.Launcher\nmachines: 3\n")
    return tmp_path


def section(*overrides: str) -> dict[str, Any]:
    """Compose, and return Hydra's section."""
    report = Report()
    assert compose([*overrides, "trial=noop"], registry(), report)
    assert not report.failed
    return _plain(HydraConfig.get())


def _plain(config: Any) -> dict[str, Any]:
    """Convert Hydra's section, without what is only in a section of a run."""
    plain: Any = OmegaConf.to_container(config, resolve=False)
    return {key: value for key, value in plain.items() if key not in ("mode", "overrides")}


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["hydra.run.dir=there", "hydra.sweeper.max_batch_size=2"],
        ["hydra/job_logging=default", "hydra.job_logging.root.level=ERROR"],
    ],
)
def test_the_section_equals_that_of_hydra(overrides: list[str]) -> None:
    section()
    ours = section(*overrides)
    with initialize_config_dir(str(CONFIG_FOLDER), **VERSION_BASE):
        given = [*overrides, "trial=noop"]
        whole = hydra_compose(CONFIG_NAME, given, return_hydra_config=True)
        theirs = _plain(whole.hydra)

    differ = {key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)}
    assert differ <= {"runtime", "job"}
    assert ours["runtime"]["choices"] == theirs["runtime"]["choices"]


def test_the_launcher_of_a_user_replaces_that_of_hydra(folder: Path) -> None:
    other = [f"hydra.searchpath=['file://{folder}']", "hydra/launcher=other"]
    before = section()

    assert section(*other)["launcher"] == OTHER_LAUNCHER
    assert section()["launcher"] == before["launcher"] != OTHER_LAUNCHER


def test_an_override_changes_no_later_composition() -> None:
    before = section()
    changed = section("hydra.job.name=mine", "+hydra.job.env_set.A=b")

    assert (changed["job"]["name"], changed["job"]["env_set"]) == ("mine", {"A": "b"})
    assert section() == before
