"""Loads, inspects and strips weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import ultralytics.nn.tasks
from ultralytics import RTDETR, YOLO
from ultralytics.nn.tasks import DetectionModel, RTDETRDetectionModel, WorldModel, load_checkpoint
from ultralytics.utils.torch_utils import strip_optimizer

from al_trainer.checkpoints import CheckpointInfo
from al_trainer.errors import TrainerError
from al_trainer.places import without_places
from al_trainer.translate import weights_error
from al_trainer.weights import BaseWeights


@contextmanager
def _code_allowed(allowed: bool) -> Iterator[None]:
    """Lets one file run code while it is loaded, if the user trusts it."""
    ultralytics.nn.tasks.SAFE_LOAD = not allowed
    try:
        yield
    finally:
        ultralytics.nn.tasks.SAFE_LOAD = True


def load_base(base: BaseWeights, *, to_train: bool) -> Any:
    """Loads base weights as an Ultralytics model.

    @raises TrainerError `weights-missing`, `weights-broken`, `weights-unsafe`.
    """
    try:
        # A checkpoint holds its kind; of an architecture, only the name shows it.
        named_rtdetr = base.kind == "architecture" and "rtdetr" in Path(base.source).stem.lower()
        with _code_allowed(base.may_run_code):
            model = RTDETR(base.source) if named_rtdetr else YOLO(base.source)
    except Exception as error:
        raise weights_error(base, error) from error
    refused = (RTDETRDetectionModel, WorldModel) if to_train else ()
    if not isinstance(model.model, DetectionModel) or model.task != "detect" or isinstance(model.model, refused):
        raise TrainerError(
            "weights-broken",
            f"{base.source} is a {type(model.model).__name__} for the task {model.task}, not a YOLO detector.",
            "Choose detection weights, for example yolov8n.pt or yolo11n.pt.",
            base.source,
        )
    return model


def is_rtdetr(network: Any) -> bool:
    """Whether a network is an RT-DETR, which is exported but not trained."""
    return isinstance(network, RTDETRDetectionModel)


def load_network(source: str, device: str) -> tuple[Any, str]:
    """Weights as a fused network for predictions, with full class scores, and the name of its head.

    @raises TrainerError `weights-broken`.
    """
    network = load_base(BaseWeights("checkpoint", source), to_train=False).model.float().eval()
    rtdetr = is_rtdetr(network)
    if not rtdetr and hasattr(network, "end2end"):
        network.end2end = False
    network.fuse(verbose=False)
    ends = not rtdetr and getattr(network, "end2end", False)
    return network.to(torch_device(device)), "rtdetr" if rtdetr else "end2end" if ends else "dense"


def torch_device(device: str) -> torch.device:
    """Our name of a device (`cpu`, `mps`, a CUDA index) as torch's."""
    return torch.device(f"cuda:{device}" if device.isdigit() else device)


def inspect_checkpoint(path: Path) -> CheckpointInfo | None:
    """The progress that a checkpoint holds; None if it cannot be read, for any reason."""
    try:
        _, checkpoint = load_checkpoint(str(path))
        epoch = int(checkpoint["epoch"])
        resumable = epoch >= 0 and checkpoint.get("optimizer") is not None and checkpoint.get("ema") is not None
        return CheckpointInfo(epoch + 1, int(checkpoint.get("updates") or 0), resumable)
    except MemoryError:
        raise
    except Exception:
        return None


def strip(source: Path, target: Path) -> None:
    """Writes the smoothed weights of a checkpoint to `target` in one step, without optimizer and the user's paths."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    checkpoint = strip_optimizer(str(source), str(part))
    if not checkpoint:
        raise TrainerError(
            "weights-broken",
            f"{source.name} cannot be read after the training.",
            "Start the training again.",
            str(source),
        )
    network = checkpoint["model"]
    forget_places(network)
    torch.save({**without_places({**checkpoint, "model": None}), "model": network}, str(part))
    part.replace(target)


def forget_places(network: Any) -> None:
    """Removes the paths that Ultralytics keeps with a network: of the description, the run and the architecture."""
    for name in ("args", "yaml", "pt_path", "yaml_file"):
        value = getattr(network, name, None)
        if isinstance(value, dict | str):
            setattr(network, name, without_places(value))
