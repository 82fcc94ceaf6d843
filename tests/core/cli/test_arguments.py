"""The command line: whatever the order, verb, flags and overrides are told apart."""

from pathlib import Path

import pytest

from sweepwright.core.cli.arguments import UsageError, program, read_arguments, store_path
from sweepwright.core.cli.command_table import VERBS


def test_no_arguments_mean_run() -> None:
    arguments = read_arguments([])

    assert arguments.verb is VERBS["run"]
    assert not arguments.named


def test_a_word_after_a_verb_is_a_sweep_or_a_group() -> None:
    show, schema = read_arguments(["show", "s1"]), read_arguments(["schema", "space"])

    assert (show.sweep, show.group) == ("s1", None)
    assert (schema.sweep, schema.group) == (None, "space")


def test_flags_and_overrides_may_come_in_any_order() -> None:
    typed = ["seed=1", "check", "--format", "json", "-m", "tuner=a,b", "~x", "+y=2"]
    arguments = read_arguments(typed)

    assert arguments.verb is VERBS["check"]
    assert arguments.named
    assert arguments.multirun
    assert arguments.format == "json"
    assert arguments.overrides == ("seed=1", "tuner=a,b", "~x", "+y=2")
    assert read_arguments([*typed[2:], *typed[:2]]) == read_arguments(
        ["check", "--format=json", "-m", "tuner=a,b", "~x", "+y=2", "seed=1"]
    )


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["chek"], r"no verb is called `chek`; did you mean `check`\?"),
        (
            ["trial.entries={python:", "x.py}"],
            r"`trial.entries=\{python:` ends at a space; quote all of it: '.* x.py} …'",
        ),
        (["frobnicate"], "no verb is called `frobnicate`; known are `best`, `check`"),
        (["show", "a", "b"], r"`b` is one word too many; the usage is: show \[SWEEP\]"),
        (["check", "a"], r"`a` is one word too many"),
        (["schema", "a", "b"], r"`b` is one word too many; the usage is: schema \[GROUP\]"),
        (["--fromat", "json"], r"no flag is called `--fromat`; did you mean `--format`\?"),
        (["check", "--quiet"], "`check` has no flag `--quiet`; it has `--config-dir`, `--format`"),
        (["list", "-m"], "`list` has no flag `--multirun`; it has `--help`, `--version`"),
        (["check", "--cfg", "job"], "`check` has no flag `--cfg`"),
        (
            ["best", "--format", "csv"],
            "`best` has no format `csv`; it has `table`, `yaml`, `json`",
        ),
        (["best", "--format"], "`--format` wants a value after it"),
        (["show", "seed=1"], r"`seed=1` means nothing to `show`, which takes \[SWEEP\]"),
        (["plugins", "seed=1"], "`seed=1` means nothing to `plugins`, which takes no overrides"),
        (["--config-dir", "nowhere"], "`--config-dir` names nowhere, which is no folder"),
        (["--cfg", "jobb"], "`--cfg` has no `jobb`; it has `job`, `hydra`, `all`"),
        (["--info=x"], "`--info` has no `x`; it has `all`, `config`"),
        (["--resolve"], "`--resolve` says how `--cfg` prints; give that as well"),
        (["plan", "--space", "--format", "json"], "`--space` writes YAML; leave `--format` out"),
        (["check", "--space"], "`check` has no flag `--space`"),
        (["tensorboard", "--port", "http"], "`--port` wants a number below 65536, not `http`"),
        (["tensorboard", "--port", "65536"], "`--port` wants a number below 65536, not `65536`"),
        (["tensorboard", "--port=-1"], "`--port` wants a number below 65536, not `-1`"),
        (["tensorboard", "--port=1", "--write-only"], "`--write-only` serves nothing; leave `--p"),
        (["show", "--port", "6007"], "`show` has no flag `--port`"),
        (["--config-name", "x"], "no flag is called `--config-name`; did you mean"),
    ],
)
def test_a_command_line_that_makes_no_sense_says_what_would(
    typed: list[str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read_arguments(typed)


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
def test_flags_of_hydra_are_passed_on_in_front(typed: list[str], passed: tuple[str, ...]) -> None:
    assert read_arguments(typed).hydra == passed


def test_a_config_folder_becomes_part_of_the_search_path(tmp_path: Path) -> None:
    arguments = read_arguments(["seed=1", "-cd", str(tmp_path)])

    assert arguments.config_dir == str(tmp_path)
    assert arguments.overrides == ("seed=1", f'hydra.searchpath=["file://{tmp_path}"]')


@pytest.mark.parametrize("flag", ["-q", "--quiet"])
def test_flags_have_short_forms(flag: str) -> None:
    assert read_arguments([flag]).quiet


def test_a_sweep_may_be_named() -> None:
    arguments = read_arguments(["export", "s2024", "--output", "x.csv"])

    assert (arguments.sweep, arguments.output, arguments.format) == ("s2024", "x.csv", "csv")


def test_tensorboard_is_told_where_to_be_or_that_it_need_not_be() -> None:
    served = read_arguments(["tensorboard", "--port", "6007"])
    written = read_arguments(["tensorboard", "s2024", "--write-only"])

    assert (served.sweep, served.port, served.write_only) == (None, 6007, False)
    assert (written.sweep, written.port, written.write_only) == ("s2024", None, True)


@pytest.mark.parametrize("typed", ["store.path=a/b", "store.path='a/b'", 'store.path="a/b"'])
def test_the_store_is_what_was_named(typed: str) -> None:
    assert store_path(read_arguments(["list", typed])) == Path("a/b")
    assert store_path(read_arguments(["list"])) == Path("sweeps")


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("run.py", "python run.py"),
        ("/a b/run.py", "python '/a b/run.py'"),
        ("/on/path/sweepwright", "sweepwright"),
        ("/elsewhere/sweepwright", "/elsewhere/sweepwright"),
    ],
)
def test_commands_are_shown_as_they_were_called(
    name: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [name])
    monkeypatch.setattr(
        "sweepwright.core.cli.arguments.which", lambda called: f"/on/path/{called}"
    )

    assert program() == typed
