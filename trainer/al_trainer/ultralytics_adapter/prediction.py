"""The parts of a prediction that are Ultralytics' own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ultralytics.utils.nms
from ultralytics import RTDETR, YOLO
from ultralytics.data.augment import LetterBox
from ultralytics.utils.ops import scale_boxes, xywh2xyxy
from ultralytics.utils.patches import imread

from al_trainer.prediction.options import PredictOptions
from al_trainer.ultralytics_adapter.onnx_export import full_scores

__all__ = ["LetterBox", "imread", "scale_boxes", "xywh2xyxy"]


def non_max_suppression(*arguments: Any, **options: Any) -> Any:
    """Ultralytics' own, as `configure` left it."""
    return ultralytics.utils.nms.non_max_suppression(*arguments, **options)


def reference_predict(
    source: str, *, is_rtdetr: bool, image_size: int, options: PredictOptions, device: str, private: Path
) -> Callable[[str], tuple[int, int, Any]]:
    """Ultralytics' own `predict`: image path → width, height, rows [n, 6] of x1, y1, x2, y2, confidence, class.

    The returned function raises OSError for a file that Ultralytics skips because it cannot read it.
    """
    model = RTDETR(source) if is_rtdetr else YOLO(source, task="detect")
    arguments = {
        "conf": options.min_confidence,
        "iou": options.iou_threshold,
        "max_det": options.max_detections,
        "imgsz": image_size,
        "rect": True,
        "device": device,
        "verbose": False,
        "save": False,
        "project": str(private),
        # The comparison is with the head that has full class scores, as it is exported.
        **(full_scores() if source.endswith(".pt") and not is_rtdetr else {}),
    }

    def predict(path: str) -> tuple[int, int, Any]:
        results = model.predict(path, **arguments)
        if not results:
            raise OSError(f"Ultralytics cannot read the image {path}.")
        result = results[0]
        height, width = result.orig_shape
        return width, height, result.boxes.data.cpu().numpy()

    return predict
