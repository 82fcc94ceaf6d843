"""Control characters in text from trials, stores and files never reach a terminal."""

import io
import json

import pytest
from rich.console import Console

from sweepwright.core.driver.study import Study
from sweepwright.core.views.diagnostics_text import render_diagnostics
from sweepwright.core.views.live_display import LiveDisplay
from sweepwright.core.views.output import CONTROLS, escape_controls, json_text
from sweepwright.diagnostics import Code, Diagnostic, Span
from sweepwright.events import Failure, FailureKind
from tests.core.examples import plan
from tests.core.recorded_sweeps import trial_events

HOSTILE = "a\x1b[2J\x1b]0;title\x07b\rc\x9bd\u202ee\u2066f\x7fg\x00\ud83d"
ESCAPED = r"a\x1b[2J\x1b]0;title\x07b\rc\x9bd\u202ee\u2066f\x7fg\x00\ud83d"


def test_controls_are_escaped_and_other_text_is_not() -> None:
    assert escape_controls(HOSTILE) == ESCAPED
    assert escape_controls("é 漢字 👍🏽 ├─ \\x1b") == "é 漢字 👍🏽 ├─ \\x1b"
    assert escape_controls("one\n\ttwo\r", keep="\n\t") == "one\n\ttwo\\r"


def test_escaped_json_has_the_same_values() -> None:
    body = {HOSTILE: [HOSTILE, 1.5]}
    text = json_text(body, indent=2)

    assert json.loads(text) == body
    assert set(CONTROLS.findall(text)) == {"\n"}


def test_a_live_display_shows_escapes() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=300, color_system=None)
    running = Study(plan(), "s1")
    failure = Failure(FailureKind.ERROR, f"before{HOSTILE}after")
    with LiveDisplay(console) as display:
        display.update(running, trial_events(running, failure))

    assert f"before{ESCAPED}after" in screen.getvalue()


@pytest.mark.parametrize("color", [True, False])
def test_carets_stand_below_an_escaped_source_line(color: bool) -> None:  # noqa: FBT001 - a case
    span = Span("a\x1b.yaml", 1, 4, 3, "\tx\x1b: y\x9bz", "space.x\r")
    finding = Diagnostic(Code.EMPTY_DOMAIN, HOSTILE, span, "he\rre", ("note\r",), "help\r")
    text = render_diagnostics([finding], color=color)
    plain = text.replace("\x1b[31;1m", "").replace("\x1b[34;1m", "").replace("\x1b[1m", "")
    lines = plain.replace("\x1b[0m", "").splitlines()

    assert lines[1:5] == [
        r"  --> a\x1b.yaml:1:4  (space.x\r)",
        "   |",
        " 1 | \tx\\x1b: y\\x9bz",
        "   | \t     ^^^ he\\rre",
    ]
    assert set(CONTROLS.findall("\n".join(lines))) == {"\n", "\t"}
