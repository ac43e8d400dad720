"""Starts and continues trainings."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import torch
from ultralytics import YOLO
from ultralytics.cfg import get_cfg

from al_trainer.errors import TrainerError
from al_trainer.training_hooks import TrainingHooks
from al_trainer.ultralytics_adapter.models import load_base
from al_trainer.ultralytics_adapter.recipe_trainer import RecipeTrainer
from al_trainer.weights import BaseWeights


def train(overrides: dict[str, Any], hooks: TrainingHooks, *, base: BaseWeights | None, resume: Path | None) -> int:
    """Trains from base weights, or continues from a checkpoint. @returns optimizer steps, those before a resume too.

    @raises TrainerError, CancelledRunError (through `check_cancelled` of the hooks).
    """
    if resume is not None:
        model = YOLO(str(resume))
        kept = ("data", "device", "save_dir", "val", "plots", "cache")
        arguments = {"resume": True, **{key: overrides[key] for key in kept}}
    elif base is not None:
        model = load_base(base, to_train=True)
        arguments = overrides
    else:
        raise ValueError("neither base weights nor a checkpoint")
    try:
        model.train(trainer=partial(RecipeTrainer, hooks=hooks), **arguments)
    except ValueError as error:
        if "BatchNorm" in str(error):
            raise TrainerError(
                "config-invalid",
                f"The image size is too small for the last batch: {error}",
                "Use an image size of 64 or more, or another batch size.",
            ) from error
        raise
    finally:
        for name in ("train_loader", "test_loader"):
            loader = getattr(model.trainer, name, None)
            if loader is not None and hasattr(loader, "close"):
                loader.close()
    return int(model.trainer.ema.updates)


def amp_mode(device: str) -> Any:
    """Mixed precision without Ultralytics' check, which downloads a model: bfloat16 if the GPU has it."""
    if device in ("cpu", "mps") or not torch.cuda.is_bf16_supported():
        return False
    try:
        get_cfg(overrides={"amp": "bf16"})
    except (TypeError, ValueError):
        return False
    return "bf16"
