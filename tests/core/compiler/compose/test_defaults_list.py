"""Each config has the choice that decided on it, and the choices that it overruled."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from hydra.core.config_store import ConfigStore

from sweepwright.core.compiler.compose import CONFIG_FOLDER, compose_traced
from sweepwright.core.compiler.compose.defaults_list import ConfigChoice
from sweepwright.diagnostics import Report
from tests.core.stub_plugins import registry

CONFIG = CONFIG_FOLDER / "config.yaml"
EXPERIMENT = "# @package _global_\n"
PARTS = {"part/one.yaml": "a: 1\n", "part/two.yaml": "a: 2\n"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def choices(
    folder: Path, section: str, files: Mapping[str, str], *overrides: str
) -> list[ConfigChoice | None]:
    """Return the choice of each config that fills a section."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text).lstrip())
    report = Report()
    traced = compose_traced([*overrides, f"hydra.searchpath=['{folder}']"], registry(), report)
    assert traced, list(report)
    return [layer.choice for layer in traced.provenance.chosen_layers(tuple(section.split(".")))]


def why(choice: ConfigChoice | None) -> Iterator[str]:
    """List a choice, the choice of the file that contains it, and so on."""
    while choice:
        yield f"{choice.text} at {choice.span}"
        choice = choice.chosen_by


def overruled(choice: ConfigChoice | None) -> list[str]:
    return [f"{other.text} at {other.span}" for other in (choice.overruled if choice else ())]


def test_an_entry_of_a_defaults_list_chooses_a_config(folder: Path) -> None:
    (choice,) = choices(folder, "space", {})

    assert list(why(choice)) == [f"space: mnist at {CONFIG}:3:12"]
    assert not overruled(choice)


def test_the_command_line_overrules_an_override_in_a_file_which_overrules_an_entry(
    folder: Path,
) -> None:
    files = {
        "experiment/mine.yaml": EXPERIMENT + "defaults:\n  - override /space: one\n",
        "space/one.yaml": "a: 1\n",
        "space/two.yaml": "a: 2\n",
    }
    by_default = f"space: mnist at {CONFIG}:3:12"
    in_file = "override /space: one at experiment/mine.yaml:3:22"
    (typed,) = choices(folder, "space", files, "space=mnist", "+experiment=mine", "space=two")
    (chosen,) = choices(folder, "space", files, "+experiment=mine")

    assert list(why(typed)) == ["space=two at <command line>:3:7"]
    assert overruled(typed) == [by_default, in_file, "space=mnist at <command line>:1:7"]
    assert list(why(chosen)) == [in_file, "+experiment=mine at <command line>:1:13"]
    assert overruled(chosen) == [by_default]


def test_a_choice_names_the_choice_of_the_file_that_contains_it(folder: Path) -> None:
    files = {
        "space/mine.yaml": "defaults:\n  - base@inner\n",
        "space/base.yaml": "defaults:\n  - /part@deep: one\n",
        **PARTS,
    }
    (choice,) = choices(folder, "space.inner.deep", files, "space=mine")

    assert list(why(choice)) == [
        "/part@deep: one at space/base.yaml:2:17",
        "base@inner at space/mine.yaml:2:5",
        "space=mine at <command line>:1:7",
    ]


@pytest.mark.parametrize(
    ("entry", "chosen"),
    [
        ("/part@x: one", ["/part@x: one at space/mine.yaml:2:14"]),
        ("/part@x: ${trial}", ["/part@x: ${trial} at space/mine.yaml:2:14"]),
        ("/part/one@x", ["/part/one@x at space/mine.yaml:2:5"]),
        (
            "/part@x: [one, two]",
            [
                "/part@x: one at space/mine.yaml:2:15",
                "/part@x: two at space/mine.yaml:2:20",
            ],
        ),
    ],
)
def test_every_form_of_an_entry_chooses_a_config(
    folder: Path, entry: str, chosen: list[str]
) -> None:
    files = {
        "space/mine.yaml": f"defaults:\n  - {entry}\n",
        "part/mnist.yaml": "a: 1\n",
        **PARTS,
    }
    found = choices(folder, "space.x", files, "space=mine", "trial=mnist")

    assert [next(why(choice)) for choice in found] == chosen


@pytest.mark.parametrize(
    "override", ["+part@space.x=one", "+part@space.x=[two,one]", "part@space.x=[two,one]"]
)
def test_every_form_of_an_override_chooses_a_config(folder: Path, override: str) -> None:
    files = {"space/mine.yaml": "defaults:\n  - /part@x: two\n", **PARTS}
    space = "mnist" if override.startswith("+") else "mine"
    *_, last = choices(folder, "space.x", files, f"space={space}", override)

    assert last
    assert last.text == override
    assert last.on_command_line


def test_a_file_in_two_packages_has_two_choices(folder: Path) -> None:
    files = {"space/mine.yaml": "defaults:\n  - /part@x: one\n  - /part@y: one\n", **PARTS}
    (first,) = choices(folder, "space.x", files, "space=mine")
    (second,) = choices(folder, "space.y", files, "space=mine")

    assert next(why(first)) == "/part@x: one at space/mine.yaml:2:14"
    assert next(why(second)) == "/part@y: one at space/mine.yaml:3:14"


def test_an_ambiguous_choice_is_unknown(folder: Path) -> None:
    files = {"space/mine.yaml": "defaults:\n  - /part/one@x\n  - /part/one@x\n", **PARTS}

    assert choices(folder, "space.x", files, "space=mine") == []


def test_a_config_in_the_config_store_can_choose(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ConfigStore.instance().repo, "space", {})
    node = {"defaults": [{"/part@x": "one"}]}
    ConfigStore.instance().store("stored", node, group="space", provider="somebody 1.0")
    (choice,) = choices(folder, "space.x", PARTS, "space=stored")

    assert list(why(choice)) == ["one at ", "space=stored at <command line>:1:7"]
