"""Trains a line with the trainer of Lightning, which reports by our callback."""

from typing import Any

import torch
from lightning import pytorch as lightning

from sweepwright.reporters.lightning import Report

QUIET = {
    "accelerator": "cpu",
    "logger": False,
    "enable_checkpointing": False,
    "enable_progress_bar": False,
    "enable_model_summary": False,
}


class Line(lightning.LightningModule):  # type: ignore[misc]
    """A line through points that lie on one."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch: Any, _: int) -> Any:
        (points,) = batch
        loss = ((self.layer(points) - points) ** 2).mean()
        self.log("loss", loss)
        return loss

    def validation_step(self, batch: Any, _: int) -> None:
        (points,) = batch
        self.log("val_loss", ((self.layer(points) - points) ** 2).mean(), sync_dist=True)

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), 0.1)

    def train_dataloader(self) -> Any:
        points = torch.linspace(0, 1, 16)[:, None]
        data = torch.utils.data.TensorDataset(points)
        return torch.utils.data.DataLoader(data, batch_size=4)

    val_dataloader = train_dataloader


def fit(callback: Report | list[Report], **options: Any) -> Any:
    trainer = lightning.Trainer(callbacks=callback, **{"max_epochs": 2, **QUIET, **options})
    trainer.fit(Line())
    return trainer
