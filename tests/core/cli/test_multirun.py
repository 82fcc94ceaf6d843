"""A multirun runs each combination by itself, and returns the highest exit code."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from sweepwright.contracts import PluginError
from sweepwright.core.cli.multirun import expand, run_combinations
from sweepwright.core.registry.registry import Registry
from sweepwright.diagnostics import Code, CompileError


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load()


def test_values_are_combined_and_the_last_key_varies_fastest(registry: Registry) -> None:
    assert expand(["tuner=random,grid", "max_trials=5", "seed=range(0,2)"], registry) == [
        ("tuner=random", "max_trials=5", "seed=0"),
        ("tuner=random", "max_trials=5", "seed=1"),
        ("tuner=grid", "max_trials=5", "seed=0"),
        ("tuner=grid", "max_trials=5", "seed=1"),
    ]


def test_a_later_override_replaces_an_earlier_one(registry: Registry) -> None:
    assert expand(["seed=1,2", "seed=3"], registry) == [("seed=3",)]


def test_without_values_to_vary_there_is_one_combination(registry: Registry) -> None:
    assert expand([], registry) == [()]


def test_a_glob_selects_config_files(registry: Registry) -> None:
    assert ("trial=noop",) in expand(["trial=glob(no*)"], registry)


def test_the_configuration_may_name_the_values_to_vary(registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "experiment"
    folder.mkdir()
    (folder / "compare.yaml").write_text(
        "# @package _global_\nhydra:\n  sweeper:\n    params:\n      seed: 1,2\n"
    )
    searched = f'hydra.searchpath=["file://{tmp_path}"]'

    assert expand(["+experiment=compare", searched], registry) == [
        ("seed=1", "+experiment=compare", searched),
        ("seed=2", "+experiment=compare", searched),
    ]


def test_an_option_of_only_one_of_the_varied_tuners_may_be_set(registry: Registry) -> None:
    given = "tuner.assignments=[]"

    assert expand(["tuner=batch,grid", given], registry) == [
        ("tuner=batch", given),
        ("tuner=grid", given),
    ]


def test_an_interval_has_no_values_to_list(registry: Registry) -> None:
    assert expand(["seed=interval(0,1)"], registry) == [("seed=interval(0,1)",)]


def test_an_unquoted_domain_is_a_finding_rather_than_values_to_vary(registry: Registry) -> None:
    with pytest.raises(CompileError) as caught:
        expand(["space.hidden=choice(1,2)"], registry)

    (only,) = caught.value.diagnostics
    assert only.code is Code.UNQUOTED_DOMAIN
    assert only.help == """type `'space.hidden="choice(1, 2)"'`"""


def test_a_combination_that_fails_does_not_stop_the_others(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Sequence[str]] = []

    def run(overrides: Sequence[str]) -> int:
        seen.append(overrides)
        if "seed=1" in overrides:
            raise PluginError("coin (coins 1): is broken")
        return 1 if "seed=2" in overrides else 0

    code = run_combinations(expand(["seed=0,1,2,3"], registry), run)

    assert code == 2
    assert seen == [("seed=0",), ("seed=1",), ("seed=2",), ("seed=3",)]
    assert "[2 of 4] seed=1\nerror: coin (coins 1): is broken\n" in capsys.readouterr().err


@pytest.mark.parametrize("code", [130, 143])
def test_an_interrupted_sweep_ends_the_multirun(registry: Registry, code: int) -> None:
    seen: list[Sequence[str]] = []

    def run(overrides: Sequence[str]) -> int:
        seen.append(overrides)
        return code

    assert run_combinations(expand(["seed=0,1,2,3"], registry), run) == code
    assert len(seen) == 1
