"""The callback reports validations, for either name that Lightning goes by."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from sweepwright.protocol import TrialLine
from tests.late_import import import_late

training = import_late("tests.sweepwright.reporters.lightning_training", "lightning")
Sent = Callable[[], list[TrialLine]]
SCRIPT = Path(__file__).with_name("lightning_training.py").read_text()
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),
]


def test_each_validation_is_reported_and_the_last_is_the_result(sent: Sent) -> None:
    """That includes no check before training, and nothing that is validated by itself."""
    trainer = training.fit(training.Report("val_loss"), num_sanity_val_steps=2)
    loss = float(trainer.callback_metrics["val_loss"])
    trainer.validate(training.Line())
    first, second, result = sent()

    assert [line.metrics["epoch"] for line in (first, second)] == [1, 2]
    assert [line.metrics["step"] for line in (first, second)] == [4, 8]
    assert set(first.metrics) == {"default", "epoch", "step", "loss", "val_loss"}
    assert [line.final for line in (first, second, result)] == [False, False, True]
    assert result.metrics == second.metrics
    assert result.metrics["default"] == result.metrics["val_loss"] == loss


def test_validations_within_an_epoch_differ_in_their_step(sent: Sent) -> None:
    training.fit([training.Report("val_loss")], val_check_interval=0.5)
    steps = [(line.metrics["epoch"], line.metrics["step"]) for line in sent()]

    assert steps == [(1, 2), (1, 4), (2, 6), (2, 8), (2, 8)]


def test_the_script_may_report_the_result_itself(sent: Sent) -> None:
    training.fit(training.Report("val_loss", final=False))

    assert [line.final for line in sent()] == [False, False]


def test_a_missing_metric_is_an_error_after_the_first_validation(sent: Sent) -> None:
    with pytest.raises(KeyError, match=r"no metric is called val_acc; .* has loss, val_loss"):
        training.fit(training.Report("val_acc"))

    assert not sent()


def test_a_training_without_validation_has_no_result(sent: Sent) -> None:
    with pytest.raises(KeyError, match=r"no metric is called val_loss; .* has nothing"):
        training.fit(training.Report("val_loss"), limit_val_batches=0)

    assert not sent()


@pytest.mark.ci_only
def test_only_the_first_of_several_processes_reports(sent: Sent, run_script) -> None:
    """Any of them would otherwise write to the same file."""
    together = "fit(Report('val_loss'), strategy='ddp_fork', devices=2)"
    run_script(f"{SCRIPT}\n\nif __name__ == '__main__':\n    {together}\n")
    steps = [(line.metrics["epoch"], line.metrics["step"]) for line in sent()]

    assert steps == [(1, 2), (2, 4), (2, 4)]


@pytest.mark.ci_only
@pytest.mark.skipif(not find_spec("pytorch_lightning"), reason="needs pytorch_lightning")
@pytest.mark.parametrize("before", ["", "import sys; sys.modules['lightning'] = None"])
def test_pytorch_lightning_has_a_callback_of_its_own(sent: Sent, run_script, before: str) -> None:
    older = SCRIPT.replace("from lightning import pytorch as", "import pytorch_lightning as")
    run_script(f"{before}\n{older}\n\nfit(Report('val_loss'), max_epochs=1)\n")

    assert [line.final for line in sent()] == [False, True]
