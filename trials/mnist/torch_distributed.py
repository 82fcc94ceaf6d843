"""Train one network in several PyTorch processes, each on its share of the digits.

The processes find one another by the same variables as torchrun's processes, and add up their
gradients with gloo. If the script is run by hand, without these variables, it is one process.
"""

from __future__ import annotations

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
    """Train with the assignment's parameters; the first process reports accuracies."""
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
    """Return every size-th picture, so that all processes make the same number of steps."""
    each = len(part.labels) // size
    return Part(part.images[rank::size][:each], part.labels[rank::size][:each])


@contextmanager
def _world() -> Iterator[tuple[int, int]]:
    """Join the group of processes; yield this process's rank and the number of processes."""
    if "WORLD_SIZE" not in os.environ:
        yield 0, 1
        return
    dist.init_process_group("gloo")
    yield dist.get_rank(), dist.get_world_size()
    dist.destroy_process_group()


def _joined(network: nn.Module, size: int) -> nn.Module:
    """Copy the first process's weights, and make training average gradients over all processes."""
    if size == 1:
        return network
    # The network has no buffers to synchronise. So the first process can use the network alone
    # while the others wait.
    return DistributedDataParallel(network, broadcast_buffers=False)


if __name__ == "__main__":
    main()
