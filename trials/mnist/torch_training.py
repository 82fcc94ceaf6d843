"""Train a PyTorch network by mini-batches, with checkpoints at any step.

A checkpoint holds everything that the next step depends on: the weights, Adam's moments, the
position in the shuffled images, and the states of the generators for shuffling and for dropout.
Loading a checkpoint accepts only tensors and numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import torch
from torch import Tensor, nn

from sweepwright.trials.mnist.data import CheckpointError, Part

FILE = "training.pt"
AT_ONCE = 1000
"""Number of pictures to classify at once; a larger number needs more memory and is not faster."""


class Training:
    """A network that Adam trains, and its progress.

    Parameters
    ----------
    pictures : Part
        Training data, which each epoch uses in a new random order.
    weight_decay : float
        Weight of an L2 penalty: the loss grows by half of it times the sum of squared weights.
    """

    def __init__(
        self,
        network: nn.Module,
        pictures: Part,
        batch_size: int,
        learning_rate: float,
        *,
        weight_decay: float = 0.0,
    ) -> None:
        self.network = network.to(_device())
        self.steps = 0
        self.epochs = 0
        self._optimizer = torch.optim.Adam(
            network.parameters(), lr=learning_rate, weight_decay=weight_decay
        )
        self._images, self._labels = _tensors(pictures)
        self._batch_size = batch_size
        self._order = torch.arange(len(self._labels))
        self._position = 0

    def train_epoch(self) -> None:
        """Train to the end of the current epoch."""
        until = self.epochs + 1
        while self.epochs < until:
            self.train_step()

    def train_step(self) -> None:
        """Train on the next mini-batch."""
        self.network.train()
        batch = self._next_batch()
        self._optimizer.zero_grad()
        guesses = self.network(self._images[batch])
        nn.functional.cross_entropy(guesses, self._labels[batch]).backward()
        self._optimizer.step()
        self.steps += 1

    def accuracy(self, pictures: Part) -> float:
        """Return the share of pictures that the network classifies correctly."""
        self.network.eval()
        chunks = zip(*(tensor.split(AT_ONCE) for tensor in _tensors(pictures)))  # noqa: B905 - Python 3.8
        with torch.no_grad():
            right = sum(int((self.network(x).argmax(1) == y).sum()) for x, y in chunks)
        return right / len(pictures.labels)

    def save(self, folder: Path) -> None:
        """Write a checkpoint."""
        kept = {
            "network": self.network.state_dict(),
            "moments": self._optimizer.state_dict()["state"],
            "progress": {"steps": self.steps, "epochs": self.epochs},
            "order": self._order,
            "position": self._position,
            "generator": torch.get_rng_state(),
            "generators_of_gpus": torch.cuda.get_rng_state_all(),
        }
        torch.save(kept, folder / FILE)

    def restore(self, folder: Path) -> None:
        """Continue from a checkpoint, but with this object's learning rate and batch size.

        Raises
        ------
        CheckpointError
            If the file is missing or damaged, or belongs to another network.
        """
        path = folder / FILE
        kept = _read(path)
        try:
            self.network.load_state_dict(kept["network"])
        except RuntimeError as error:
            raise CheckpointError(f"{path}: is no checkpoint of this network") from error
        own = self._optimizer.state_dict()
        self._optimizer.load_state_dict({**own, "state": kept["moments"]})
        self.steps, self.epochs = kept["progress"]["steps"], kept["progress"]["epochs"]
        self._order, self._position = kept["order"], kept["position"]
        torch.set_rng_state(kept["generator"])
        torch.cuda.set_rng_state_all(kept["generators_of_gpus"][: torch.cuda.device_count()])

    def _next_batch(self) -> Tensor:
        """Return the next mini-batch's indices; an epoch's last mini-batch may be smaller."""
        if self._position == 0:
            self._order = torch.randperm(len(self._order))
        batch = self._order[self._position : self._position + self._batch_size]
        self._position += len(batch)
        if self._position == len(self._order):
            self._position = 0
            self.epochs += 1
        return batch


def _tensors(pictures: Part) -> tuple[Tensor, Tensor]:
    """Return pictures, shape (n, 1, 28, 28), or rows, (n, 1, pixels), and labels on the device."""
    images, labels = map(torch.from_numpy, pictures)
    return images[:, None].to(_device()), labels.to(_device())


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _read(path: Path) -> dict[str, Any]:
    if not is_zipfile(path):
        raise CheckpointError(f"{path}: cannot be read: there is no such file, or not all of it")
    try:
        kept: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except RuntimeError as error:
        said = str(error).splitlines()[0]
        raise CheckpointError(f"{path}: cannot be read: {said}") from error
    return kept
