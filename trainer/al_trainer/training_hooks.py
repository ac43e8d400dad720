"""What a training takes besides Ultralytics' own arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from al_trainer.checkpoints import Checkpoints


class Observer(Protocol):
    """Receives the progress of a training. Epochs and batches are 1-based."""

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
    """The images and boxes of a split that Ultralytics reads."""

    split: str
    images: int
    boxes: int
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class TrainingHooks:
    """Where a training keeps its checkpoints, what it validates, and the functions that it calls.

    `check_cancelled` raises at safe points; `started` gets the epochs done before; `optimizer_seen` gets the numbers
    read from the live optimizer at its first step; `dataset_read` gets the counts of a split.
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
