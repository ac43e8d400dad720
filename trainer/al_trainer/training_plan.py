"""The part of config.json that describes a training, and the plan as Ultralytics' arguments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from al_trainer.config import ConfigReader

BestBy = Literal["map50_95", "last"]


@dataclass(frozen=True)
class Plan:
    """The numbers of a training. `warmup_epochs` may be fractional; `validate_every` 0 = only at the end."""

    epochs: int
    batch: int
    image_size: int
    learning_rate: float
    optimizer: str
    cosine: bool
    warmup_epochs: float
    warmup_bias_learning_rate: float
    nominal_batch: int
    close_mosaic: int
    validate_every: int
    best_by: BestBy


@dataclass(frozen=True)
class TrainOptions:
    """A training. `dataset`: absolute path of data.yaml; `class_names` by class id."""

    dataset: Path
    class_names: tuple[str, ...]
    plan: Plan
    seed: int


def read_train_options(config: ConfigReader, folder: Path) -> TrainOptions:
    """@raises TrainerError `config-invalid`, naming the key."""
    return TrainOptions(
        dataset=folder / config.text("dataset"),
        class_names=config.texts("classNames"),
        plan=_read_plan(config.object("plan")),
        seed=config.integer("seed", 0),
    )


def _read_plan(raw: ConfigReader) -> Plan:
    return Plan(
        epochs=raw.integer("epochs", 1),
        batch=raw.integer("batch", 1),
        image_size=raw.integer("imageSize", 32),
        learning_rate=raw.number("learningRate", lambda x: x > 0, "above 0"),
        optimizer=raw.choice("optimizer", ("AdamW", "SGD", "Adam")),
        cosine=raw.boolean("cosine"),
        warmup_epochs=raw.number("warmupEpochs", lambda x: x >= 0, "0 or more"),
        warmup_bias_learning_rate=raw.number("warmupBiasLearningRate", lambda x: x >= 0, "0 or more"),
        nominal_batch=raw.integer("nominalBatch", 1),
        close_mosaic=raw.integer("closeMosaic", 0),
        validate_every=raw.integer("validateEvery", 0),
        best_by=cast("BestBy", raw.choice("bestBy", ("map50_95", "last"))),
    )


def training_overrides(options: TrainOptions, data: str, device: str, save_dir: str) -> dict[str, Any]:
    """Ultralytics' arguments for a training. The numbers of the plan are passed as they are.

    `patience` is off: the plan decides how long to train. An explicit optimizer keeps `lr0` (only `auto` ignores it).
    """
    plan = options.plan
    return {
        "data": data,
        "device": device,
        "save_dir": save_dir,
        "epochs": plan.epochs,
        "batch": plan.batch,
        "imgsz": plan.image_size,
        "optimizer": plan.optimizer,
        "lr0": plan.learning_rate,
        "cos_lr": plan.cosine,
        "warmup_epochs": plan.warmup_epochs,
        "warmup_bias_lr": plan.warmup_bias_learning_rate,
        "nbs": plan.nominal_batch,
        "close_mosaic": plan.close_mosaic,
        "seed": options.seed,
        "deterministic": True,
        "patience": 0,
        "val": True,
        "save": True,
        "plots": False,
        "cache": False,
        "verbose": False,
        "exist_ok": True,
        "pretrained": True,
    }


def is_validation_epoch(epoch: int, epochs: int, every: int) -> bool:
    """Whether to validate after `epoch` (1-based): every n epochs, and always after the last."""
    return epoch >= epochs or (every > 0 and epoch % every == 0)
