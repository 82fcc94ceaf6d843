"""Parsing of the command line."""

from pathlib import Path

import pytest

from sweepwright.core.cli.arguments import UsageError, invocation, parse_arguments, store_path
from sweepwright.core.cli.command_table import COMMANDS
from sweepwright.core.cli.flag_table import FLAGS


def test_without_arguments_the_command_is_run() -> None:
    arguments = parse_arguments([])

    assert arguments.command is COMMANDS["run"]
    assert not arguments.command_given


def test_a_word_after_a_command_is_a_sweep_or_a_group() -> None:
    show, schema = parse_arguments(["show", "s1"]), parse_arguments(["schema", "space"])

    assert (show.sweep, show.group) == ("s1", None)
    assert (schema.sweep, schema.group) == (None, "space")


def test_flags_and_overrides_may_come_in_any_order() -> None:
    typed = ["seed=1", "check", "--format", "json", "-m", "tuner=a,b", "~x", "+y=2"]
    arguments = parse_arguments(typed)

    assert arguments.command is COMMANDS["check"]
    assert arguments.command_given
    assert arguments.has("--multirun")
    assert arguments.format == "json"
    assert arguments.overrides == ("seed=1", "tuner=a,b", "~x", "+y=2")
    assert parse_arguments([*typed[2:], *typed[:2]]) == parse_arguments(
        ["check", "--format=json", "-m", "tuner=a,b", "~x", "+y=2", "seed=1"]
    )


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["chek"], r"unknown command `chek`; did you mean `check`\?"),
        (
            ["trial.entries={python:", "x.py}"],
            r"`trial.entries=\{python:` ends in the middle of its value; quote .*: '.* x.py} …'",
        ),
        (["frobnicate"], "unknown command `frobnicate`; known are `best`, `check`"),
        (["show", "a", "b"], r"unexpected `b`; usage: show \[SWEEP\] \[store.path=FOLDER\]"),
        (["check", "a"], "unexpected `a`; usage: check"),
        (["schema", "a", "b"], r"unexpected `b`; usage: schema \[GROUP\]"),
        (["--fromat", "json"], r"unknown flag `--fromat`; did you mean `--format`\?"),
        (
            ["check", "--quiet"],
            "`check` does not accept `--quiet`; it accepts `--config-dir`, `--connect`, `--fo",
        ),
        (["list", "-m"], "`list` does not accept `--multirun`; it accepts `--help`, `--version`"),
        (["check", "--cfg", "job"], "`check` does not accept `--cfg`"),
        (
            ["best", "--format", "csv"],
            "`best` has no format `csv`; its formats are `table`, `yaml`, `json`",
        ),
        (["best", "--format"], "`--format` needs a value: --format FORMAT"),
        (["show", "seed=1"], r"`show` does not accept `seed=1`; usage: show \[SWEEP\]"),
        (["plugins", "seed=1"], "`plugins` does not accept `seed=1`; usage: plugins$"),
        (["--config-dir", "nowhere"], "`--config-dir`: `nowhere` is not a folder"),
        (["--cfg", "jobb"], "`--cfg` expects `job`, `hydra`, `all`, not `jobb`"),
        (["--info=x"], "`--info` expects `all`, `config`"),
        (["--resolve"], "`--resolve` works only together with `--cfg`"),
        (
            ["plan", "--space", "--format", "json"],
            "`--space` always prints YAML; leave `--format`",
        ),
        (["check", "--space"], "`check` does not accept `--space`"),
        (["tensorboard", "--port", "http"], "`--port` expects a number below 65536, not `http`"),
        (["tensorboard", "--port", "65536"], "`--port` expects a number below 65536, not `65536`"),
        (["tensorboard", "--port=-1"], "`--port` expects a number below 65536, not `-1`"),
        (["tensorboard", "--port=1", "--write-only"], "`--write-only` starts no server; leave"),
        (["show", "--port", "6007"], "`show` does not accept `--port`"),
        (["--config-name", "x"], "unknown flag `--config-name`; did you mean"),
    ],
)
def test_a_wrong_command_line_is_explained(typed: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_arguments(typed)


@pytest.mark.parametrize(
    ("typed", "passed"),
    [
        (["seed=1", "--cfg", "job", "--resolve"], ("--cfg", "job", "--resolve")),
        (["--info", "seed=1"], ("--info",)),
        (["-i", "searchpath"], ("--info", "searchpath")),
        (["-sc", "install=bash"], ("--shell-completion",)),
        (["--cfg=all", "-p", "tuner"], ("--cfg", "all", "--package", "tuner")),
    ],
)
def test_flags_of_hydra_are_passed_on_with_their_values(
    typed: list[str], passed: tuple[str, ...]
) -> None:
    assert parse_arguments(typed).hydra_flags == passed


def test_a_config_folder_becomes_part_of_the_search_path(tmp_path: Path) -> None:
    arguments = parse_arguments(["seed=1", "-cd", str(tmp_path)])

    assert arguments.value("--config-dir") == str(tmp_path)
    assert arguments.overrides == ("seed=1", f'hydra.searchpath=["file://{tmp_path}"]')


@pytest.mark.parametrize("flag", ["-q", "--quiet"])
def test_flags_have_short_forms(flag: str) -> None:
    assert parse_arguments([flag]).has("--quiet")


def test_a_sweep_and_the_values_of_flags_are_read() -> None:
    arguments = parse_arguments(["export", "s2024", "--output", "x.csv"])

    assert (arguments.sweep, arguments.value("--output"), arguments.format) == (
        "s2024",
        "x.csv",
        "csv",
    )


def test_tensorboard_takes_a_port_or_only_writes() -> None:
    served = parse_arguments(["tensorboard", "--port", "6007"])
    written = parse_arguments(["tensorboard", "s2024", "--write-only"])

    assert (served.sweep, served.value("--port"), served.has("--write-only")) == (
        None,
        "6007",
        False,
    )
    assert (written.sweep, written.value("--port"), written.has("--write-only")) == (
        "s2024",
        None,
        True,
    )


@pytest.mark.parametrize("typed", ["store.path=a/b", "store.path='a/b'", 'store.path="a/b"'])
def test_the_store_is_the_last_one_named(typed: str) -> None:
    assert store_path(parse_arguments(["list", typed])) == Path("a/b")
    assert store_path(parse_arguments(["list"])) == Path("sweeps")


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("run.py", "python run.py"),
        ("/a b/run.py", "python '/a b/run.py'"),
        ("/on/path/sweepwright", "sweepwright"),
        ("/elsewhere/sweepwright", "/elsewhere/sweepwright"),
    ],
)
def test_commands_are_shown_with_the_program_as_it_was_called(
    name: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [name])
    monkeypatch.setattr(
        "sweepwright.core.cli.arguments.which", lambda called: f"/on/path/{called}"
    )

    assert invocation() == typed


def test_every_flag_is_accepted_by_some_command_and_every_accepted_flag_is_declared() -> None:
    accepted = {flag for command in COMMANDS.values() for flag in command.flags}

    assert accepted == set(FLAGS)
    assert all(
        ("--format" in command.flags) == bool(command.formats) for command in COMMANDS.values()
    )


def test_a_flag_that_is_not_declared_cannot_be_asked_for() -> None:
    with pytest.raises(KeyError):
        parse_arguments([]).has("--quite")
