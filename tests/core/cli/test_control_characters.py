"""Text from stores is escaped where it is shown, and exact where it is exported."""

import json
import os
from contextlib import suppress
from pathlib import Path

import yaml

from sweepwright.core.cli.commands import export
from sweepwright.core.store.history import read_history
from sweepwright.core.views.output import CONTROLS
from sweepwright.core.views.yaml_text.space_yaml import scalar
from sweepwright.events import Failure, FailureKind
from tests.core.cli.application import App
from tests.core.recorded_sweeps import record

HOSTILE = "a\x1b[2J\x1b]0;title\x07b\rc\x9bd\u202ee\u2066f\x7fg\x00"
ESCAPED = r"a\x1b[2J\x1b]0;title\x07b\rc\x9bd\u202ee\u2066f\x7fg\x00"


def test_the_failure_of_a_trial_is_shown_escaped(app: App) -> None:
    """An exception's text comes from the trial, and the name of a sweep from a folder."""
    failure = Failure(FailureKind.ERROR, f"ValueError: {HOSTILE}")
    folder = record(Path("sweeps"), [0.5, failure])
    folder.rename(folder.with_name("z\x1b]0;sweep\x07\n"))
    shown = [app(*argv) for argv in (["show"], ["list"], ["best"], ["resume", "--quiet"])]

    assert f"ValueError: {ESCAPED}" in shown[0].out
    for ran in shown:
        assert r"z\x1b]0;sweep\x07" in ran.out + ran.err
        assert set(CONTROLS.findall(ran.out + ran.err)) <= {"\n"}
    assert app("check-store").out.startswith(r"z\x1b]0;sweep\x07\n  whole, ")


def test_exports_to_files_are_exact_and_a_terminal_gets_escapes(app: App) -> None:
    record(Path("sweeps"), [Failure(FailureKind.ERROR, "\x1b[2Jhello\u202e")])
    line = app("export", "--format", "jsonl").out

    assert json.loads(line)["failure"] == "error: \x1b[2Jhello\u202e"
    assert set(CONTROLS.findall(line)) == {"\n"}
    assert "error: \x1b[2Jhello\u202e" in app("export").out

    (folder,) = Path("sweeps").iterdir()
    controller, terminal = os.openpty()
    with os.fdopen(terminal, "w", encoding="utf-8") as file:
        export._write_csv(read_history(folder), file)
    seen = ""
    with suppress(OSError):  # the end of a terminal is an error
        while part := os.read(controller, 10_000):
            seen += part.decode()
    os.close(controller)

    assert r"error: \x1b[2Jhello\u202e" in seen


def test_yaml_of_a_name_with_controls_is_exact(app: App) -> None:
    record(Path("sweeps"), [0.5], activation="x\u202ey")
    ran = app("best", "--format", "yaml")

    assert yaml.safe_load(ran.out)["assignment"]["activation"] == "x\u202ey"
    assert set(CONTROLS.findall(ran.out)) == {"\n"}
    assert scalar("choice('x\u202ey')") == "\"choice('x\\u202ey')\""
