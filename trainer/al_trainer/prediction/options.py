"""How images are predicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Predictor = Literal["own", "ultralytics"]


@dataclass(frozen=True)
class PredictOptions:
    """Thresholds 0…1. `class_scores_above` None leaves the class vectors out.

    `predictor` `own` is the decoding of the product, `ultralytics` Ultralytics' own `predict`, for comparisons.
    """

    min_confidence: float
    iou_threshold: float
    max_detections: int
    predictor: Predictor = "own"
    class_scores_above: float | None = None
    embedding: bool = False
    localisation: bool = False
    flip: bool = False
    batch: int = 1
