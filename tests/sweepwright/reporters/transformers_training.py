"""Trains a tiny network with the trainer of Hugging Face, which reports by our callback."""

from typing import Any

import transformers

from sweepwright.reporters.transformers import Report

DATA = [{"input_ids": [number % 7, number % 5], "labels": number % 2} for number in range(8)]
TINY = {
    "vocab_size": 8,
    "hidden_size": 4,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "intermediate_size": 4,
    "max_position_embeddings": 4,
}
CHOSEN = {
    "output_dir": "out",
    "num_train_epochs": 2,
    "per_device_train_batch_size": 4,
    "eval_strategy": "epoch",
    "save_strategy": "no",
    "report_to": "none",
    "use_cpu": True,
    "disable_tqdm": True,
    "dataloader_pin_memory": False,
}


def accuracy(predicted: Any) -> dict[str, Any]:
    right = predicted.predictions.argmax(axis=1) == predicted.label_ids
    return {"accuracy": float(right.mean()), "each": right.tolist()}


def trainer(callback: Report, evaluated: Any = DATA, **options: Any) -> Any:
    config = transformers.BertConfig(**TINY)
    return transformers.Trainer(
        transformers.BertForSequenceClassification(config),
        transformers.TrainingArguments(**{**CHOSEN, **options}),
        train_dataset=DATA,
        eval_dataset=evaluated,
        compute_metrics=accuracy,
        callbacks=[callback],
    )
