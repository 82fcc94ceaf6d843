"""Odd values and keys are findings, or are accepted; none is a traceback, and none hangs."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sweepwright.domains import LARGEST
from tests.core.cli.application import App, write_files

DIGITS = "9" * 5000
LARGE = "9" * 400
SEXAGESIMAL = ":".join(["59"] * 20_000)
PAIR, HALF = r'"\ud83d\udc4d"', r'"\ud83d"'
LONG_NUMBER = "a number has "
TOO_LARGE = "an integer is beyond the range of floats"
NO_TEXT = "a text has half of a surrogate pair or is not UTF-8"
THOUSANDS = "an integer has thousands of digits"
TOO_DEEP = "a value is nested too deeply"

IN_FILES = {
    DIGITS: LONG_NUMBER,
    f"0x{'f' * 5000}": LONG_NUMBER,
    SEXAGESIMAL: LONG_NUMBER,
    f"{SEXAGESIMAL}.5": LONG_NUMBER,
    LARGE: TOO_LARGE,
    "!!int abc": "`abc` is no value of the type `int`",
    "!!bool abc": "`abc` is no value of the type `bool`",
    "!!timestamp abc": "`abc` is no value of the type `timestamp`",
    HALF: NO_TEXT,
}
PLACES = {
    "value of the space": ("space", "lr: uniform(0, 1)\nx: {}\n"),
    "key of the space": ("space", "lr: uniform(0, 1)\n? {}\n: choice(1, 2)\n"),
    "start": ("space", "lr: uniform(0, 1)\nstart: [{{lr: {}}}]\n"),
    "variable": ("experiment", "# @package _global_\ntrial: {{environment: {{A: {}}}}}\n"),
    "argument": ("experiment", "# @package _global_\ntrial: {{argument: {}}}\n"),
    "option": ("experiment", "# @package _global_\ntuner: {{startup: {}}}\n"),
}


def check(app: App, *overrides: str) -> str:
    """Check a sweep; return what is printed."""
    ran = app("check", "--config-dir=conf", "trial=noop", *overrides)

    assert (ran.code == 0) == ("ok: " in ran.out) == ("error[" not in ran.out)
    assert ran.code in (0, 2)
    return ran.out + ran.err


def check_file(app: App, place: str, value: str) -> str:
    group, text = PLACES[place]
    write_files(Path("conf"), {f"{group}/odd.yaml": text.format(value)})
    return check(app, "space=odd" if group == "space" else "+experiment=odd")


def _cases() -> list[Any]:
    """Combine values with places: each once in the suite, and all combinations in CI."""
    places, quick = list(PLACES), []
    for index, value in enumerate(IN_FILES):
        for place in places:
            marks = [] if place == places[index % len(places)] else [pytest.mark.ci_only]
            quick.append(pytest.param(value, place, marks=marks, id=f"{value[:20]}-{place}"))
    return quick


@pytest.mark.parametrize(("value", "place"), _cases())
def test_an_odd_value_in_a_file_is_a_finding(app: App, value: str, place: str) -> None:
    printed = check_file(app, place, value)

    assert f"error[C101]: broken YAML: {IN_FILES[value]}" in printed
    assert "conf/" in printed


@pytest.mark.parametrize(
    "place",
    [
        place if place == "key of the space" else pytest.param(place, marks=pytest.mark.ci_only)
        for place in PLACES
    ],
)
def test_a_surrogate_pair_is_the_character(app: App, place: str) -> None:
    assert "surrogate" not in check_file(app, place, PAIR)


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        (f"seed={DIGITS}", THOUSANDS),
        (f"+space.x={DIGITS}", THOUSANDS),
        (f"platform.cpus={LARGE}", TOO_LARGE),
        (f"+trial.a=[1, {{b: {LARGE}}}]", TOO_LARGE),
        (f"+trial.a={'[' * 2000}", ""),
        (f"+trial.a={'[' * 2000}{']' * 2000}", TOO_DEEP),
        ("+trial.a=\udcff", NO_TEXT),
        (f"space.{'x' * 5000}=1", ""),
        (f"+space.x='int(1, {DIGITS})'", ""),
        (f"+space.x='choice({DIGITS}, 1)'", ""),
        (f"+space.x='choice({LARGE}, 1)'", "the value `inf` is not finite"),
        (f"+space.x='int(1, 3) when learning_rate > {DIGITS}'", ""),
        (f"+space.x='learning_rate ** {DIGITS}'", ""),
    ],
    ids=lambda text: text[:24].encode("ascii", "replace").decode(),
)
def test_an_odd_override_is_a_finding(app: App, override: str, fault: str) -> None:
    Path("conf").mkdir()
    printed = check(app, override)

    assert "error[" in printed
    assert fault in printed


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (DIGITS, THOUSANDS),
        (LARGE, TOO_LARGE),
        (f"{-int(LARGEST) - 1}", TOO_LARGE),
        (f"{int(LARGEST)}", None),
        (f"{'[' * 5000}{']' * 5000}", TOO_DEEP),
        (f"{'{a: ' * 1000}1{'}' * 1000}", TOO_DEEP),
        (HALF, NO_TEXT),
        (f"!!float {SEXAGESIMAL}", LONG_NUMBER),
        ("2001-99-99", "broken YAML: month must be in 1..12"),
        ("!!timestamp abc", "`abc` is no value of the type `timestamp`"),
        (PAIR, None),
    ],
    ids=lambda text: str(text)[:20],
)
def test_an_odd_value_in_a_space_of_nni_is_a_finding(
    app: App, value: str, fault: str | None
) -> None:
    space = json.dumps({"x": {"_type": "choice", "_value": ["@", 1]}})
    write_files(Path("conf"), {"space.yaml": space.replace('"@"', value)})
    printed = check(app, "+space.nni.file=conf/space.yaml")

    assert (fault or "ok: ") in printed


def test_a_surrogate_pair_reaches_the_plan_and_the_journal(app: App) -> None:
    write_files(Path("conf"), {"space/odd.yaml": "x: \"choice('\\ud83d\\udc4d')\"\n"})
    argv = ("--config-dir=conf", "space=odd", "trial=noop", "tuner=random", "max_trials=2")
    plan = json.loads(app("plan", *argv, "--format", "json").out)
    ran = app(*argv, "--quiet")

    assert plan["first"][0] == {"x": "👍"}
    assert ran.code == 0
    assert "👍" in app("show").out


@pytest.mark.parametrize("value", [DIGITS, f"[{'[' * 2000}{']' * 2000}]"], ids=["long", "deep"])
def test_an_odd_override_of_a_resume_is_an_error(app: App, value: str) -> None:
    app("trial=noop", "max_trials=1", "--quiet")
    refused = app("resume", f"max_trials={value}")

    assert refused.code == 2
    assert refused.err.startswith("error: the value of `max_trials` cannot be used: a")
    assert refused.err.count("\n") == 1


def test_a_folder_whose_path_is_not_utf_8_is_a_finding(
    app: App, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    folder.mkdir()
    monkeypatch.chdir(folder)
    checked = app("check", "trial=noop")

    assert checked.code == 2
    assert rf"the path `{tmp_path}/\udcff` is not UTF-8" in checked.out
