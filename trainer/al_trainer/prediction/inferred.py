"""The output of a network for a batch, before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True)
class Candidates:
    """Rows of a model's output above the threshold, of all images of a batch, in host memory.

    `best` [batch]: the best score of any row. `image` [n]: the index of each row's image in the batch, ascending.
    `rows` [n, 4 + classes], or [n, 6] of heads without class scores. `dfl` [n, bins, 4], if the head has it.
    """

    best: torch.Tensor
    image: torch.Tensor
    rows: torch.Tensor
    dfl: torch.Tensor | None = None

    def alone(self, index: int) -> Candidates:
        """The candidates of one image."""
        own = self.image == index
        dfl = None if self.dfl is None else self.dfl[own]
        return Candidates(self.best[index : index + 1], torch.zeros_like(self.image[own]), self.rows[own], dfl)


@dataclass(frozen=True)
class Inferred:
    """The output for a batch. `sizes`: width, height of each image; `shape`: height, width of the input."""

    sizes: tuple[tuple[int, int], ...]
    shape: tuple[int, int]
    plain: Candidates
    mirrored: Candidates | None
    embeddings: np.ndarray[Any, Any] | None

    def alone(self, index: int) -> Inferred:
        """The same for one image of the batch."""
        return Inferred(
            self.sizes[index : index + 1],
            self.shape,
            self.plain.alone(index),
            None if self.mirrored is None else self.mirrored.alone(index),
            None if self.embeddings is None else self.embeddings[index : index + 1],
        )
