"""`explain` prints the history of a value as text."""

from pathlib import Path
from textwrap import dedent

import pytest

from sweepwright.events import FailureKind
from tests.core.cli.application import App, read_json, write_files


def test_every_change_of_a_value_is_shown_in_order(folder: Path, explain: App) -> None:
    write_files(folder, {"experiment/mine.yaml": "# @package _global_\nspace: {a: {x: 5}}\n"})
    code, out, err = explain("space.a.x", "+experiment=mine", "space.a.x=7")

    assert (code, err) == (0, "")
    assert out == dedent(
        """\
        `space.a.x` is 7

        set to 1
          --> space/mine.yaml:1:8
           |
         1 | a: {x: 1, y: [2, 3]}
           |        ^
          = `space=mine` on the command line chose this file

        set to 5
          --> experiment/mine.yaml:2:16
           |
         2 | space: {a: {x: 5}}
           |                ^
          = `+experiment=mine` on the command line chose this file

        set to 7, in force
          --> <command line>:3:11
           |
         3 | space.a.x=7
           |           ^
        """
    )


def test_interpolations_are_followed(explain: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIN", "fields")
    out = explain("space.c").out

    assert "`space.c` is '${.b}-${oc.env:PLAIN}', which is '1-fields'" in out
    assert "\n = the resolver `oc.env` returns 'fields' for `PLAIN`\n" in out
    assert "\n`space.b` is '${.a.x}', which is 1\n" in out
    assert "\n`space.a.x` is 1\n" in out


@pytest.mark.parametrize(
    ("key", "given", "head"),
    [
        ("space.b", ["space.b=${nope}"], "does not resolve: Interpolation key 'nope' not found"),
        ("space.b", ["space.b=${.b}"], "does not resolve: "),
        ("space.section", [], "`space.section` is '${.a}', which is another section"),
        ("space.section.x", [], "`space.section.x` is `space.a.x`, which is 1"),
        ("space.a.y[1]", ["space.a.y.1=7"], "`space.a.y[1]` is 7"),
        ("space.a.y.1", [], "`space.a.y[1]` is 3"),
        ("space.i", [], "`space.i` is 'word'"),
        ("space.a.x", ["~space.a.x"], "`space.a.x` was removed"),
        ("space.a.x", ["++space.a=5"], "`space.a.x` was removed"),
        ("space.a", ["~space.a"], "`space.a` was removed"),
        ("assessor", [], "`assessor` is left empty"),
        ("tuner", ["~tuner"], "`tuner` is left empty"),
        ("retries", [], f"`retries` is a section of {len(FailureKind)} values"),
        ("max_duration", [], "`max_duration` is null"),
        ("seed", ["seed=7"], "`seed` is 7"),
    ],
)
def test_the_first_line_states_the_value(
    explain: App, key: str, given: list[str], head: str
) -> None:
    assert head in explain(key, *given).out.splitlines()[0]


@pytest.mark.parametrize(
    ("key", "given", "line"),
    [
        ("space.i", [], "  = an alias at space/mine.yaml:6:1 repeats it"),
        ("space.a.x", ["~space.a.x"], "removed"),
        ("space.a.y", ["space.a.y.1=7"], "space.a.y[1]  7      <command line>:2:13"),
        ("tuner.name", [], "  = a default of `tuner=tpe` in sweepwright 0.1.0"),
        ("trial.folder", [], "  = a default of the section `trial`"),
        ("tuner", ["~tuner"], "chosen by `tuner: tpe`"),
        ("tuner", ["~tuner"], "chosen by `~tuner`, in force"),
        ("space", ["+experiment=mnist_optimizer"], "chosen by `space=mine`, in force"),
        ("space", ["+experiment=mnist_optimizer"], "chosen by `override /space: mnist_optimizer`"),
        ("space", ["+experiment=mnist_optimizer"], "chosen by `space: mnist`"),
        (
            "space",
            ["+experiment=mnist_optimizer"],
            "  = `+experiment=mnist_optimizer` on the command line chose this file",
        ),
    ],
)
def test_notes_name_the_choices(explain: App, key: str, given: list[str], line: str) -> None:
    assert line in explain(key, *given).out.splitlines()


def test_a_section_is_explained_by_its_choice_and_its_values(explain: App) -> None:
    out = explain("trial.entries", "trial=noop").out
    head, row, *_ = [line for line in out.splitlines() if line.startswith(("key", "trial."))]

    assert head.split() == ["key", "value", "from"]
    assert row.split()[:2] == ["trial.entries.python", "'sweepwright.trials.noop'"]
    assert row.endswith("conf/trial/noop.yaml:6:11")


def test_an_unknown_origin_is_stated(folder: Path, explain: App) -> None:
    base = "a: {x: 1, y: 2}\nb: ${.a}\n"
    write_files(
        folder, {"space/base.yaml": base, "space/over.yaml": "defaults: [base]\nb: {x: 3}\n"}
    )
    text = explain("space.b.y", "space=over").out
    known = read_json(explain("space.b.y", "space=over", "--format", "json"))
    (leaf,) = (
        line for line in explain("space.b", "space=over").out.splitlines() if "space.b.y" in line
    )

    assert " = the origin of this value is unknown" in text.splitlines()
    assert (known["value"], known["known"]) == (2, False)
    assert not any(step["in_force"] for step in known["steps"])
    assert leaf.endswith("unknown")


SECRETS = """
    a: ${oc.env:API_TOKEN}
    b: ${oc.env:API_TOKEN,s3cr3t}
    c: ${oc.decode:${oc.env:API_TOKEN,s3cr3t}}
    d: ${.a}
    e: ${..trial.environment.DB_PASSWORD}
    f: ${..trial.environment}
    """


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "key",
    [
        *(f"space.{letter}" for letter in "abcdef"),
        "space",
        "trial",
        "trial.environment",
        "trial.environment.DB_PASSWORD",
        "trial.environment.LANG",
    ],
)
def test_no_secret_is_shown(
    folder: Path, explain: App, monkeypatch: pytest.MonkeyPatch, key: str, form: str
) -> None:
    monkeypatch.setenv("API_TOKEN", "s3cr3t")
    write_files(folder, {"space/mine.yaml": SECRETS})
    given = "+trial.environment={DB_PASSWORD: s3cr3t, LANG: C}"
    code, out, _ = explain(key, given, "--format", form)

    assert code == 0
    assert "s3cr3t" not in out
    assert "***" in out or key in ("trial.environment.LANG", "space.f")


def test_a_failing_resolver_is_stated_in_the_explanation(explain: App) -> None:
    out = explain("space.b", "space.b=${oc.env:NOBODY_SETS_THIS}").out

    assert "does not resolve: KeyError raised while resolving" in out.splitlines()[0]
    assert "the resolver `oc.env` returns null for `NOBODY_SETS_THIS`" in out


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("space.aa", "no key is called `space.aa`; did you mean `space.a`?"),
        ("max_trails", "no key is called `max_trails`; did you mean `max_trials`?"),
        ("seed.deep", "no key is called `seed.deep`"),
        ("direction", "no key is called `direction`; did you mean `objective.direction`?"),
        ("space.a.y[9]", "no key is called `space.a.y[9]`"),
        ("store.q", "no key is called `store.q`; known are `store.path`"),
        ("[", "no key is called `[`"),
    ],
)
def test_an_unknown_key_is_reported_in_one_line(explain: App, key: str, error: str) -> None:
    code, out, err = explain(key)

    assert (code, out) == (2, "")
    assert err.startswith(f"error: {error}")
    assert len(err.splitlines()) == 1


def test_exactly_one_key_is_required(explain: App) -> None:
    usage = "usage: explain KEY [key=value ...] [-m]"

    assert explain().err == f"error: `explain` needs a key; {usage}\n"
    assert explain("a", "b").err == f"error: unexpected `b`; {usage}\n"


def test_a_sweep_with_faults_elsewhere_is_explained(explain: App) -> None:
    """Only findings of the composition are printed; later passes do not run."""
    sound = explain("space.a.x", "tuner.nope=1", "trial.entries=3")
    faulty = explain("space.a.x", "sede=1")

    assert "C105" in sound.err
    assert (faulty.code, faulty.err.count("no key is called `sede`")) == (2, 1)
    assert faulty.out.startswith("`space.a.x` is 1\n")


def test_an_invalid_domain_is_explained(explain: App) -> None:
    assert explain("space.b", "space.b='uniform(1, 0)'") == (
        0,
        explain("space.b", "space.b='uniform(1, 0)'").out,
        "",
    )


def test_a_configuration_that_does_not_compose_is_only_reported(explain: App) -> None:
    code, out, err = explain("space", "+experiment=nowhere")

    assert (code, out) == (2, "")
    assert "error[C102]" in err


def test_a_key_in_a_broken_file_is_reported_with_the_fault(folder: Path, explain: App) -> None:
    write_files(folder, {"space/mine.yaml": "a: [1,\n"})
    code, out, err = explain("space.a")

    assert (code, out) == (2, "")
    assert "error[C101]" in err
    assert "error: no key is called `space.a`" in err


def test_each_combination_is_explained(explain: App) -> None:
    code, out, err = explain("seed", "-m", "seed=1,2")

    assert code == 0
    assert [line for line in out.splitlines() if line.startswith("`seed`")] == [
        "`seed` is 1",
        "`seed` is 2",
    ]
    assert "<command line>:2:8" in out
    assert err.startswith("[1 of 2]")
