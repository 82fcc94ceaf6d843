from dataclasses import replace

from sweepwright.core.views.diagnostics_text import diagnostics_body, render_diagnostics
from sweepwright.diagnostics import Code, Diagnostic, Severity, Span

EMPTY = Diagnostic(
    Code.EMPTY_DOMAIN,
    "the domain of `lr` is empty",
    Span(
        "conf/space/resnet.yaml",
        4,
        8,
        8,
        "  lr: {low: 0.1, high: 0.001, log: true}",
        "space.lr.low",
    ),
    "above `high`",
    ("`space=resnet` on the command line chose this file",),
    "put the smaller bound in `low`",
)
NOWHERE = Diagnostic(
    Code.MISSING_VALUE, "no `tuner` is chosen", Span(None, key="tuner"), severity=Severity.WARNING
)


def test_a_finding_shows_its_line_with_a_caret() -> None:
    assert (
        render_diagnostics([EMPTY], color=False)
        == """\
error[D104]: the domain of `lr` is empty
  --> conf/space/resnet.yaml:4:8  (space.lr.low)
   |
 4 |   lr: {low: 0.1, high: 0.001, log: true}
   |        ^^^^^^^^ above `high`
  = note: `space=resnet` on the command line chose this file
  = help: put the smaller bound in `low`

1 error, 0 warnings
"""
    )


def test_a_finding_without_a_file_shows_its_key() -> None:
    assert (
        render_diagnostics([NOWHERE], color=False)
        == """\
warning[C107]: no `tuner` is chosen
  --> tuner

0 errors, 1 warning
"""
    )


def test_a_finding_without_file_or_key_is_its_message() -> None:
    bare = replace(NOWHERE, span=Span(None))

    assert render_diagnostics([bare], color=False).startswith(
        "warning[C107]: no `tuner` is chosen\n\n"
    )


def test_findings_are_counted() -> None:
    text = render_diagnostics([EMPTY, NOWHERE, EMPTY], color=False)

    assert text.endswith("\n2 errors, 1 warning\n")


def test_silenced_findings_are_counted_in_text_and_listed_in_json() -> None:
    silenced = replace(NOWHERE, severity=Severity.SILENCED, notes=("silenced: why",))
    text = render_diagnostics([EMPTY, silenced], color=False)

    assert "no `tuner`" not in text
    assert text.endswith("\n1 error, 0 warnings, 1 silenced\n")
    assert diagnostics_body([silenced])[0]["notes"] == ["silenced: why"]


def test_the_margin_is_as_wide_as_the_line_number() -> None:
    found = replace(EMPTY, span=Span("x.yaml", 120, 1, 2, "lr: 1"), notes=(), help=None, label="")

    assert render_diagnostics([found], color=False).splitlines()[1:5] == [
        "    --> x.yaml:120:1",
        "     |",
        " 120 | lr: 1",
        "     | ^^",
    ]


def test_tabs_keep_the_carets_below_the_span() -> None:
    found = replace(EMPTY, span=Span("x.yaml", 1, 3, 1, "a:\tb"), label="")

    assert "   | a:\tb" not in render_diagnostics([found], color=False)
    assert " 1 | a:\tb\n   |   ^" in render_diagnostics([found], color=False)


def test_a_long_line_is_cut_around_the_span() -> None:
    found = replace(EMPTY, span=Span("x.yaml", 1, 501, 3, "a" * 500 + "BAD" + "c" * 500), label="")
    shown, carets = render_diagnostics([found], color=False).splitlines()[3:5]

    assert len(shown) < 110
    assert shown[carets.index("^") :].startswith("BAD")
    assert carets.count("^") == 3
    assert shown.startswith(" 1 | …")
    assert shown.endswith("…")


def test_an_empty_file_has_no_line_to_show() -> None:
    found = replace(EMPTY, span=Span("x.yaml"), notes=(), help=None)

    assert render_diagnostics([found], color=False).splitlines()[1:3] == ["  --> x.yaml:1:1", ""]


def test_errors_and_warnings_have_different_colors() -> None:
    text = render_diagnostics([EMPTY, NOWHERE], color=True)

    assert "\033[31;1merror[D104]\033[0m" in text
    assert "\033[33;1mwarning[C107]\033[0m" in text


def test_json_contains_all_that_the_text_contains() -> None:
    first, second = diagnostics_body([EMPTY, NOWHERE])

    assert first == {
        "code": "D104",
        "severity": "error",
        "message": "the domain of `lr` is empty",
        "file": "conf/space/resnet.yaml",
        "line": 4,
        "column": 8,
        "length": 8,
        "key": "space.lr.low",
        "notes": ["`space=resnet` on the command line chose this file"],
        "help": "put the smaller bound in `low`",
    }
    assert (second["file"], second["line"], second["key"]) == (None, None, "tuner")
