"""The plan in Ultralytics' own words."""

from __future__ import annotations

from typing import Any

from al_trainer.config import Config


def training_overrides(config: Config, data: str, device: str, save_dir: str) -> dict[str, Any]:
    """Ultralytics' training arguments for a run. The plan's numbers are passed as they are.

    `patience` is off: the plan decides how long to train. An explicit optimizer keeps `lr0` (only `auto` ignores it).
    """
    plan = config.plan
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
        "seed": config.seed,
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
