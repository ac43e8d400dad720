"""Replaces torchvision if its C++ operators do not load (a CPU torch beside a CUDA torchvision).

Ultralytics needs only `torchvision.ops.nms` here.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# Ultralytics' `max_det`: its caller drops the boxes beyond it.
MOST_KEPT = 300


def ensure_torchvision() -> bool:
    """Imports torchvision, or puts the stub in its place. @returns whether the stub is used."""
    try:
        import torchvision.ops

        _ = torchvision.ops.nms
    except (ImportError, RuntimeError, OSError, AttributeError):
        install_stub()
        return True
    return False


def install_stub() -> None:
    """Replaces torchvision, and the modules of a failed import of it, by the stub."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    package = ModuleType("torchvision")
    operators = ModuleType("torchvision.ops")
    package.__spec__ = ModuleSpec("torchvision", None, is_package=True)
    package.__path__ = []
    operators.__spec__ = ModuleSpec("torchvision.ops", None)
    operators.nms = _nms  # type: ignore[attr-defined]
    package.ops = operators  # type: ignore[attr-defined]
    package.__version__ = "0"  # type: ignore[attr-defined]
    sys.modules["torchvision"] = package
    sys.modules["torchvision.ops"] = operators


def _nms(boxes: Any, scores: Any, iou_threshold: float) -> Any:
    """The indexes of the boxes that are kept, best first: torchvision's greedy suppression, at most `MOST_KEPT`.

    `boxes` [n, 4] xyxy, `scores` [n]. Ultralytics' own replacement takes seconds for the thousands of weak boxes that a
    model finds in its first epochs.
    """
    # Imported late: the check of the packages comes after the import of this module.
    import numpy as np

    order = scores.argsort(descending=True, stable=True)
    x1, y1, x2, y2 = boxes[order].float().cpu().numpy().T
    areas = (x2 - x1) * (y2 - y1)
    left = np.arange(len(areas))
    kept: list[int] = []
    while left.size > 0 and len(kept) < MOST_KEPT:
        best, left = left[0], left[1:]
        kept.append(int(best))
        width = np.minimum(x2[best], x2[left]) - np.maximum(x1[best], x1[left])
        height = np.minimum(y2[best], y2[left]) - np.maximum(y1[best], y1[left])
        overlap = width.clip(0) * height.clip(0)
        # Without a division, since a box without area overlaps nothing.
        left = left[overlap <= iou_threshold * (areas[best] + areas[left] - overlap)]
    return order[kept]
