"""The callback reports what the trainer of Hugging Face evaluates while it trains."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sweepwright.protocol import TrialLine
from tests.late_import import import_late

MODULE = "tests.sweepwright.reporters.transformers_training"
training = import_late(MODULE, "transformers", "accelerate")
Sent = Callable[[], list[TrialLine]]
SCRIPT = Path(__file__).with_name("transformers_training.py").read_text()


def test_each_evaluation_is_reported_and_the_last_is_the_result(sent: Sent) -> None:
    """That leaves out what is evaluated before and after training."""
    trainer = training.trainer(training.Report())
    trainer.evaluate()
    trainer.train()
    loss = trainer.evaluate()["eval_loss"]
    first, second, result = sent()

    assert [line.metrics["epoch"] for line in (first, second)] == [1, 2]
    assert [line.metrics["step"] for line in (first, second)] == [2, 4]
    assert [line.final for line in (first, second, result)] == [False, False, True]
    assert result.metrics == second.metrics
    assert result.metrics["default"] == result.metrics["eval_accuracy"]
    assert result.metrics["eval_loss"] == pytest.approx(loss)
    assert "eval_each" not in result.metrics


def test_the_script_may_report_the_result_itself(sent: Sent) -> None:
    training.trainer(training.Report("eval_loss", final=False)).train()

    assert [line.final for line in sent()] == [False, False]


def test_of_several_data_sets_one_has_the_metric(sent: Sent) -> None:
    training.trainer(
        training.Report("eval_hard_accuracy"),
        {"easy": training.DATA[:4], "hard": training.DATA[4:]},
    ).train()

    assert [line.final for line in sent()] == [False, False, True]
    assert all(
        {"eval_easy_accuracy", "eval_hard_accuracy"} <= set(line.metrics) for line in sent()
    )
    assert all(line.metrics["default"] == line.metrics["eval_hard_accuracy"] for line in sent())


@pytest.mark.parametrize(("epochs", "steps"), [(1, 2), (3, 2)])
def test_a_missing_metric_is_an_error_during_training(sent: Sent, epochs: int, steps: int) -> None:
    trainer = training.trainer(training.Report("eval_f1"), num_train_epochs=epochs)
    with pytest.raises(
        KeyError, match=r"no metric is called eval_f1; .* eval_loss, eval_accuracy"
    ):
        trainer.train()

    assert trainer.state.global_step == steps
    assert not sent()


def test_a_training_without_evaluation_has_no_result(sent: Sent) -> None:
    trainer = training.trainer(training.Report(), eval_strategy="no")
    with pytest.raises(KeyError, match=r"no metric is called eval_accuracy; .* nothing"):
        trainer.train()

    assert not sent()


TOGETHER = """
import os
from multiprocessing import get_context

def work(rank):
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_PORT": PORT}
    os.environ.update({"MASTER_ADDR": "127.0.0.1", **{k: str(v) for k, v in place.items()}})
    trainer(Report(), ddp_backend="gloo", per_device_train_batch_size=2).train()

processes = [get_context("fork").Process(target=work, args=(rank,)) for rank in range(2)]
for process in processes:
    process.start()
for process in processes:
    process.join()
assert [process.exitcode for process in processes] == [0, 0]
"""


@pytest.mark.ci_only
def test_only_the_first_of_several_processes_reports(
    sent: Sent, run_script, free_port: int
) -> None:
    run_script(SCRIPT + TOGETHER.replace("PORT}", f"{free_port}}}"))
    steps = [line.metrics["step"] for line in sent()]

    assert steps == [2, 4, 4]
