"""What a training needs to know and whom it tells, apart from Ultralytics' own arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from al_trainer.checkpoints import Checkpoints


class Observer(Protocol):
    """Who wants to know how a training goes. Epochs and batches are 1-based."""

    def batch(self, epoch: int, batch: int, batches: int) -> None: ...
    def epoch(
        self, epoch: int, epochs: int, seconds: float, losses: Mapping[str, float], learning_rate: float
    ) -> None: ...
    def metrics(self, epoch: int, values: Mapping[str, float]) -> None: ...
    def warning(self, code: str, message: str, fields: Mapping[str, Any] | None = None) -> None: ...


@dataclass(frozen=True)
class LeftOut:
    """An image of the snapshot that Ultralytics leaves out. `image`: its id there."""

    image: int
    split: str
    reason: str


@dataclass(frozen=True)
class DatasetRead:
    """What Ultralytics took of a split."""

    split: str
    images: int
    boxes: int
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class TrainingJob:
    """What a training needs besides Ultralytics' arguments.

    `check_cancelled` raises at safe points; `started` gets the epochs done before; `optimizer_seen` gets the numbers
    read from the live optimizer at its first step; `dataset_read` gets what Ultralytics took of a split.
    """

    checkpoints: Checkpoints
    observer: Observer
    validate_every: int
    has_validation: bool
    best_by: Literal["map50_95", "last"]
    check_cancelled: Callable[[], None]
    started: Callable[[int], None]
    optimizer_seen: Callable[[dict[str, Any]], None]
    dataset_read: Callable[[DatasetRead], None]


@dataclass(frozen=True)
class RawExport:
    """An ONNX file as Ultralytics wrote it. `feature_layers`: the layers that feed the head, finest first."""

    path: Path
    names: tuple[str, ...]
    stride: int
    image_size: int
    head_layer: int
    feature_layers: tuple[int, ...]
    is_rtdetr: bool
