"""The input and the output of a detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Prepared:
    """An image in the network's input: `pixels` [3, height, width] uint8 RGB; `width`, `height` of the image itself."""

    pixels: np.ndarray[Any, Any]
    width: int
    height: int


@dataclass(frozen=True)
class Boxes:
    """`rows` [n, 6]: x1, y1, x2, y2 in pixels of the image, confidence, class. Parallel to it, if present:
    `vectors` [n, classes], `localisation` [n]."""

    rows: np.ndarray[Any, Any]
    vectors: np.ndarray[Any, Any] | None
    localisation: np.ndarray[Any, Any] | None


@dataclass(frozen=True)
class Prediction:
    """`best_score`: of any box, also of those below the threshold."""

    boxes: Boxes
    best_score: float
    embedding: np.ndarray[Any, Any] | None = None
    flipped: Boxes | None = None
