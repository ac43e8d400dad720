"""Stands in for torchvision where its C++ operators do not load (a CPU torch beside a CUDA torchvision).

Ultralytics needs torchvision for one thing here, `torchvision.ops.nms`, and carries an exact replacement of its own.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


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
    """Replaces torchvision, and whatever a failed import left of it, by the stub."""
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
    # Imported late: Ultralytics itself asks for torchvision.
    from al_trainer.engine import plain_nms

    return plain_nms(boxes, scores, iou_threshold)
