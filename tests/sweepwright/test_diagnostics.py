"""Findings are collected, ordered by place, and suggest the nearest word."""

import pytest

from sweepwright.diagnostics import (
    NOWHERE,
    Code,
    CompileError,
    Diagnostic,
    Report,
    Severity,
    Span,
    did_you_mean,
    name_help,
    plural,
)


def test_a_span_is_written_as_editors_read_it() -> None:
    assert str(Span("conf/space/a.yaml", 4, 8)) == "conf/space/a.yaml:4:8"
    assert str(Span(None, key="space.lr")) == "space.lr"


def test_only_errors_stop_a_sweep() -> None:
    report = Report()
    report.warn(Code.UNKNOWN_KEY, "odd", notes=("a note",))

    assert not report.failed
    assert [found.severity for found in report] == [Severity.WARNING]


def test_findings_come_in_the_order_of_their_places() -> None:
    report = Report()
    report.error(Code.WRONG_TYPE, "nowhere")
    report.error(Code.WRONG_TYPE, "second", Span("a.yaml", 2, 1), label="here")
    report.error(Code.WRONG_TYPE, "third", Span("b.yaml", 1, 1), help="do so")
    report.error(Code.WRONG_TYPE, "first", Span("a.yaml", 1, 9))

    assert report.failed
    assert [found.message for found in report] == ["first", "second", "third", "nowhere"]


def test_a_compile_error_has_a_line_for_each_finding() -> None:
    spans = (Span("a.yaml", 3, 5), NOWHERE)
    error = CompileError([Diagnostic(Code.EMPTY_DOMAIN, "it is empty", span) for span in spans])

    assert str(error) == "[D104] a.yaml:3:5: it is empty\n[D104] : it is empty"
    assert len(error.diagnostics) == 2


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("randon", ["random", "grid"], "did you mean `random`?"),
        ("zzz", ["random", "grid"], "known are `grid`, `random`"),
        ("zzz", [], None),
    ],
)
def test_the_nearest_word_is_suggested(word: str, known: list[str], said: str | None) -> None:
    assert did_you_mean(word, known) == said


def test_whether_a_name_was_misspelt_is_told_without_reading_the_help() -> None:
    near, far = name_help("tpa", ["tpe", "grid"]), name_help("bayes", ["tpe", "grid"])

    assert near
    assert (near.is_near, near.text) == (True, "did you mean `tpe`?")
    assert far
    assert (far.is_near, far.text) == (False, "known are `grid`, `tpe`")
    assert name_help("tpe", []) is None


def test_counts_agree_with_their_nouns() -> None:
    counts = [plural(count, "trial") for count in (0, 1, 2, 20_000)]

    assert counts == ["0 trials", "1 trial", "2 trials", "20,000 trials"]


def test_codes_are_unique_and_of_known_families() -> None:
    values = [code.value for code in Code]

    assert len(set(values)) == len(list(Code.__members__))
    assert {value[0] for value in values} <= set("ABCDEMPRST")
