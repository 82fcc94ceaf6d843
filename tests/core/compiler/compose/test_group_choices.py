"""A config that hides another of the same name is reported; Hydra takes the first silently."""

import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace

import pytest

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.registry.registry import Registry
from sweepwright.diagnostics import Code, Diagnostic
from sweepwright.hooks import hookimpl

REGISTRY = Registry.load()

SPACE = "hidden: int(1, 9)\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(SPACE if name.endswith(".yaml") else "")


def hidden(*overrides: str, registry: Registry | None = None) -> list[Diagnostic]:
    found = compile_sweep(overrides, registry or REGISTRY, Path("mine")).warnings
    return [diagnostic for diagnostic in found if diagnostic.code is Code.DUPLICATE_PLUGIN]


def test_a_user_config_that_a_built_in_one_hides_is_reported(folder: Path) -> None:
    write(folder, "mine/space/mnist.yaml")
    (by_name,) = hidden("space=mnist")
    (by_default,) = hidden()

    assert by_name.message == "`mine/space/mnist.yaml` is hidden by another `space/mnist`"
    assert str(by_name.span) == "<command line>:1:7"
    assert by_name.notes[0].endswith("conf/space/mnist.yaml`")
    assert by_default.span.text == "  - space: mnist"


def test_a_root_config_of_the_user_is_reported(folder: Path) -> None:
    write(folder, "mine/config.yaml")

    assert [str(found.span) for found in hidden()] == ["mine/config.yaml:1:1"]


def test_hidden_configs_that_the_sweep_does_not_use_are_not_reported(folder: Path) -> None:
    write(folder, "mine/space/mnist.yaml", "mine/space/own.yaml")

    assert not hidden("space=own")


def test_a_folder_named_twice_hides_nothing(folder: Path) -> None:
    write(folder, "mine/space/own.yaml")

    assert not hidden("space=own", f"hydra.searchpath=['file://{folder}/mine']")


def test_a_file_that_extends_the_defaults_of_a_provider_hides_nothing(folder: Path) -> None:
    (folder / "mine/tuner").mkdir(parents=True)
    (folder / "mine/tuner/random.yaml").write_text("name: random\n")

    assert not hidden("tuner=random")


def test_a_config_of_a_plugin_that_hides_one_of_another_is_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    plugins = {name: offering(name) for name in ("shadow_one", "shadow_two")}
    write(folder, *(f"{name}/{file}" for name in plugins for file in FILES))
    built_in = {entry.name: entry.load() for entry in entry_points(group="sweepwright")}
    found = hidden("space=plugged", registry=Registry.of({**built_in, **plugins}))

    assert [d.message for d in found] == [
        "`shadow_two/space/plugged.yaml` is hidden by another `space/plugged`"
    ]


FILES = ("__init__.py", "space/__init__.py", "space/plugged.yaml")


def offering(package: str) -> SimpleNamespace:
    return SimpleNamespace(sweep_config_paths=hookimpl(lambda: [f"pkg://{package}"]))
