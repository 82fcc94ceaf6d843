"""A loop in PyTorch reports numbers and tensors, from its first process alone."""

from collections.abc import Callable

import pytest

from sweepwright.protocol import TrialLine
from tests.late_import import import_late

torch = import_late("torch")
pytorch = import_late("sweepwright.reporters.pytorch")
Sent = Callable[[], list[TrialLine]]


def test_a_loop_reports_its_metric_and_others(sent: Sent) -> None:
    pytorch.report(0.5, loss=2, epoch=1)
    pytorch.report_final(0.75)
    first, last = sent()

    assert (first.final, first.metrics) == (False, {"default": 0.5, "loss": 2, "epoch": 1})
    assert (last.final, last.metrics) == (True, {"default": 0.75})


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_a_tensor_is_reported_as_the_number_it_holds(sent: Sent, dtype: str) -> None:
    scalar = torch.tensor(0.5, dtype=getattr(torch, dtype), requires_grad=True)
    pytorch.report(
        scalar, loss=scalar.detach() * 2, correct=torch.tensor(7), single=scalar.reshape(1)
    )
    (line,) = sent()

    assert line.metrics == {"default": 0.5, "loss": 1.0, "correct": 7, "single": 0.5}


def test_a_tensor_may_lie_on_an_accelerator(sent: Sent) -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    pytorch.report(torch.tensor(0.5, device="cuda", requires_grad=True))
    (line,) = sent()

    assert line.metrics == {"default": 0.5}


def test_a_tensor_of_several_numbers_is_a_type_error(sent: Sent) -> None:
    with pytest.raises(TypeError, match="a metric is a number, not Tensor"):
        pytorch.report(torch.zeros(2))

    assert not sent()


def test_the_metric_cannot_be_given_twice(sent: Sent) -> None:
    with pytest.raises(TypeError, match="default"):
        pytorch.report(1, default=2)

    assert not sent()


@pytest.mark.parametrize(("rank", "count"), [("0", 2), ("1", 0)])
def test_the_rank_of_the_launcher_decides_which_process_reports(
    monkeypatch: pytest.MonkeyPatch, sent: Sent, rank: str, count: int
) -> None:
    monkeypatch.setenv("RANK", rank)
    pytorch.report(0.5)
    pytorch.report_final(0.5)

    assert len(sent()) == count


TOGETHER = """
import torch
from torch import distributed, multiprocessing
from sweepwright.reporters.pytorch import report, report_final

def work(rank, port):
    store = distributed.TCPStore("127.0.0.1", port, 2, is_master=rank == 0)
    distributed.init_process_group("gloo", store=store, rank=rank, world_size=2)
    total = torch.tensor(float(rank + 1))
    distributed.all_reduce(total)
    report(total, rank=rank)
    distributed.destroy_process_group()

if __name__ == "__main__":
    multiprocessing.start_processes(work, (PORT,), nprocs=2, start_method="fork")
"""


def test_only_the_first_process_of_a_group_reports(sent: Sent, run_script, free_port: int) -> None:
    """The rank is the group's: nobody set ``RANK``."""
    run_script(TOGETHER.replace("PORT", str(free_port)))
    (line,) = sent()

    assert line.metrics == {"default": 3.0, "rank": 0}
