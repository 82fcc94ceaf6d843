"""Train one network in several processes, each on its share of the digits, with PyTorch.

The processes find one another by the variables that torchrun sets too, and add up their
gradients by gloo. Run by hand, with none of them set, it is one process.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from sweepwright.trial import (
    get_next_parameter,
    report_final_result,
    report_intermediate_result,
)
from sweepwright.trials.mnist.command_line import clear_errors, load_pictures
from sweepwright.trials.mnist.data import Part
from sweepwright.trials.mnist.torch_cnn import DEFAULTS, build_network
from sweepwright.trials.mnist.torch_training import Training


def main() -> None:
    """Train with the parameters of the assignment; the first process reports accuracies."""
    parameters = get_next_parameter(DEFAULTS)
    with clear_errors():
        digits = load_pictures("Train a network in several processes, on handwritten digits.")
    with _world() as (rank, size):
        training = Training(
            _joined(build_network(parameters), size),
            share(digits.train, rank, size),
            parameters["batch_size"],
            parameters["learning_rate"],
        )
        for epoch in range(1, ceil(parameters["TRIAL_BUDGET"]) + 1):
            training.train_epoch()
            if rank == 0:
                accuracy = training.accuracy(digits.validation)
                report_intermediate_result({"default": accuracy, "epoch": epoch})
        if rank == 0:
            accuracy = training.accuracy(digits.validation)
            test_accuracy = training.accuracy(digits.test)
            report_final_result({"default": accuracy, "test_accuracy": test_accuracy})


def share(part: Part, rank: int, size: int) -> Part:
    """Take every size-th picture; each process gets equally many, since all make every step."""
    each = len(part.labels) // size
    return Part(part.images[rank::size][:each], part.labels[rank::size][:each])


@contextmanager
def _world() -> Iterator[tuple[int, int]]:
    """Join the group of processes; return this process's rank, and their number."""
    if "WORLD_SIZE" not in os.environ:
        yield 0, 1
        return
    dist.init_process_group("gloo")
    yield dist.get_rank(), dist.get_world_size()
    dist.destroy_process_group()


def _joined(network: nn.Module, size: int) -> nn.Module:
    """Average gradients over all processes, and start from the weights of the first one."""
    if size == 1:
        return network
    # Without buffers to keep alike, the first process can use it while the others wait.
    return DistributedDataParallel(network, broadcast_buffers=False)


if __name__ == "__main__":
    main()
