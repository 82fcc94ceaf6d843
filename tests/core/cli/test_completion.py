"""Tab completion of commands, flags, sweeps and keys; Hydra completes the rest."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from sweepwright.core.cli.arguments import parse_arguments
from sweepwright.core.cli.completion import LINE, complete
from tests.core.recorded_sweeps import record

QUERY = parse_arguments(["-sc", "query=bash"])


Typed: TypeAlias = Callable[[str], tuple[list[str], str, bool]]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Complete a line; return our words, the line for Hydra, and whether Hydra is asked."""

    def complete_line(line: str) -> tuple[list[str], str, bool]:
        monkeypatch.setenv(LINE, line)
        asks_hydra = complete(QUERY)
        return capsys.readouterr().out.split(), os.environ[LINE], asks_hydra

    return complete_line


@pytest.mark.parametrize("program", ["python run.py", "/usr/bin/python3.11 run.py", "sweepwright"])
def test_commands_are_completed(typed: Typed, program: str) -> None:
    assert typed(f"{program} ch") == (["check", "check-store"], "python run.py ch", True)
    assert typed(f"{program} pl")[0] == ["plan", "platform", "plugins"]


def test_an_empty_line_offers_every_command(typed: Typed) -> None:
    words, line, asks_hydra = typed("sweepwright ")

    assert {"run", "check", "resume"} <= set(words)
    assert (line, asks_hydra) == ("python run.py ", True)


def test_a_sweep_is_completed_after_a_trial(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = record(Path("sweeps"), [0.5])

    assert typed("sweepwright logs 0 s")[0] == [folder.name, "store.path="]
    assert typed("sweepwright logs s")[0] == ["store.path="]
    assert typed("sweepwright logs 0 --f")[0] == ["--follow"]


def test_the_line_for_hydra_holds_neither_the_command_nor_our_flags(typed: Typed) -> None:
    assert typed("sweepwright check --format json seed=1 tun") == (
        [],
        "python run.py seed=1 tun",
        True,
    )


def test_flags_of_the_command_are_completed(typed: Typed) -> None:
    assert typed("sweepwright export --")[0] == [
        "--format",
        "--output",
        "--predicted",
        "--help",
        "--version",
    ]
    assert typed("sweepwright --m") == (["--multirun"], "python run.py --m", False)


def test_config_groups_are_completed_where_one_may_follow(typed: Typed) -> None:
    words, _, asks_hydra = typed("sweepwright schema t")

    assert (words, asks_hydra) == (["tuner", "trial"], False)
    assert typed("sweepwright schema space t")[0] == []


def test_sweeps_are_completed(typed: Typed, tmp_path: Path) -> None:
    folder = record(tmp_path, [0.5])
    words, _, asks_hydra = typed(f"sweepwright resume store.path={tmp_path} s")

    assert folder.name in words
    assert not asks_hydra


def test_keys_are_completed_for_the_command_that_explains_one(typed: Typed) -> None:
    words, _, asks_hydra = typed("sweepwright explain trial=noop trial.")

    assert {"trial.name", "trial.entries", "trial.entries.python"} <= set(words)
    assert not asks_hydra


def test_overrides_are_completed_after_the_key(typed: Typed) -> None:
    assert typed("sweepwright explain seed sto") == ([], "python run.py sto", True)
    assert typed("sweepwright explain --f")[0] == ["--format"]
    assert typed("sweepwright explain +experiment=nowhere se")[0] == []


def test_hydra_is_not_asked_for_a_command_that_composes_nothing(typed: Typed) -> None:
    assert typed("sweepwright list st") == (["store.path="], "python run.py st", False)


def test_a_wrong_line_has_no_completions_of_ours(typed: Typed) -> None:
    assert typed("sweepwright show a b c")[0] == []


def test_a_store_that_cannot_be_read_offers_no_sweeps(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    assert typed(f"sweepwright show store.path={file} s")[0] == ["store.path="]
    assert typed(f"sweepwright show store.path={'x' * 5000} s")[0] == ["store.path="]


def test_installing_completion_is_left_to_hydra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LINE, raising=False)

    assert complete(parse_arguments(["-sc", "install=bash"]))
    assert complete(QUERY)
