"""The analysis lists the metrics that a trial reports, unless a metric is unknown."""

import pytest

from sweepwright.core.compiler.trial_analysis import BUDGETS
from tests.core.compiler.trial_analysis.scripts import facts


@pytest.mark.parametrize(
    ("text", "metrics"),
    [
        ("", set()),
        ("nni.report_final_result(0.5)", {"default"}),
        ("nni.report_final_result(-1)", {"default"}),
        ("nni.report_final_result(float(x))", {"default"}),
        ("nni.report_final_result(right / len(x))", {"default"}),
        ("nni.report_final_result(1 - loss)", {"default"}),
        ("nni.report_final_result(loss.item())", {"default"}),
        ("nni.report_final_result(metric={'loss': x})", {"loss"}),
        ("nni.report_final_result({'loss': x, 'accuracy': y})", {"loss", "accuracy"}),
        ("nni.report_final_result(dict(loss=x))", {"loss"}),
        ("m = {}\nm['loss'] = x\nnni.report_final_result(m)", {"loss"}),
        (
            "m = {'loss': x}\nm.update(accuracy=y)\nnni.report_final_result(m)",
            {"loss", "accuracy"},
        ),
        ("m = {'loss': x}\nfor i in x:\n    m['loss'] += i\nnni.report_final_result(m)", {"loss"}),
        ("loss = 1.0\nfor i in x:\n    loss *= i\nnni.report_final_result(loss)", {"default"}),
        ("def f():\n    return {'loss': x}\nnni.report_final_result(f())", {"loss"}),
        ("def f(m):\n    nni.report_final_result(m)\nf({'loss': x})\nf(3)", {"loss", "default"}),
        (
            "if x:\n    nni.report_final_result({'a': x})\nelse:\n    nni.report_final_result(2)",
            {"a", "default"},
        ),
        ("nni.report_final_result({'a': x} if y else {'b': x})", {"a", "b"}),
        ("for _ in x:\n    nni.report_final_result({'a': x})", {"a"}),
        ("report = nni.report_final_result\nreport({'a': x})", {"a"}),
        ("nni.report_intermediate_result(x)", set()),
        ("m = {'a': x}\nnni.report_intermediate_result(m)\nnni.report_final_result(m)", {"a"}),
    ],
)
def test_reported_metrics_are_named(text: str, metrics: set[str]) -> None:
    assert set(facts(text).metrics(final=True) or ()) == metrics


@pytest.mark.parametrize(
    "text",
    [
        "nni.report_final_result(x)",
        "nni.report_final_result(a + b)",
        "nni.report_final_result()",
        "nni.report_final_result(model.evaluate())",
        "nni.report_final_result({'a': x, **others})",
        "nni.report_final_result({name: x})",
        "nni.report_final_result(dict(pairs))",
        "m = {'a': x}\nfill(m)\nnni.report_final_result(m)",
        "m = {'a': x}\nm[name] = x\nnni.report_final_result(m)",
        "nni.report_final_result(nni.get_next_parameter())",
        "nni.report_final_result(nni.get_next_parameter()['lr'])",
        "nni.report_final_result({'a': x})\nnni.report_final_result(x)",
        "fit(callback=nni.report_final_result)",
        "def f(m):\n    nni.report_final_result(m)\nf({'a': x})\nfit(f)",
        "def f(m):\n    nni.report_final_result(m)\nf({'a': x})\nf(x)",
        "def f(m):\n    nni.report_final_result(m)",
        "fit(nni)",
    ],
)
def test_one_unknown_report_makes_the_metrics_unknown(text: str) -> None:
    assert facts(text).metrics(final=True) is None


@pytest.mark.parametrize(
    "text",
    [
        "from sweepwright.reporters.keras import Report",
        "from sweepwright.reporters import keras as theirs",
        "import sweepwright.reporters.pytorch",
        "def main():\n    import sweepwright.reporters.pytorch as report",
    ],
)
def test_a_reporter_may_report_anything_and_reads_nothing(text: str) -> None:
    found = facts(text)

    assert found.may_report(final=True)
    assert found.may_report(final=False)
    assert found.metrics(final=True) is None
    assert not found.may_read(("lr",))
    assert not found.reads_raw_budget


def test_intermediate_and_final_results_are_told_apart() -> None:
    found = facts("nni.report_intermediate_result({'a': x})\nnni.report_final_result({'b': x})")

    assert found.metrics(final=False) == frozenset({"a"})
    assert found.metrics(final=True) == frozenset({"b"})
    assert [(sent.final, sent.span.line) for sent in found.reports] == [(False, 2), (True, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "nni.get_next_parameter()['TRIAL_BUDGET']",
        "nni.get_next_parameter().get('STEPS', 3)",
        "nni.get_budget()",
        "import json, os\njson.loads(os.environ['SWEEPWRIGHT_TRIAL'])['budget']",
        "import json, os\njson.loads(os.getenv('SWEEPWRIGHT_TRIAL')).get('budget')",
    ],
)
def test_a_budget_is_recognised_by_its_usual_names(text: str) -> None:
    assert any(facts(text).may_read_budget(name) for name in BUDGETS)


def test_a_trial_that_reads_no_budget_has_none() -> None:
    assert not facts("nni.get_next_parameter()['lr']").may_read_budget("TRIAL_BUDGET")


def test_a_budget_is_read_under_its_own_name() -> None:
    found = facts("nni.get_next_parameter()['STEPS']")

    assert found.may_read_budget("STEPS")
    assert not found.may_read_budget("TRIAL_BUDGET")
    assert not found.may_read_budget(None)
