"""predictions.jsonl, which the job `predict` writes."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from al_trainer.prediction.detections import Boxes, Prediction
from al_trainer.prediction.options import PredictOptions
from al_trainer.run_files import open_plain


class PredictionLog:
    """One line for each image, in the order in which they are done."""

    def __init__(self, path: Path, options: PredictOptions) -> None:
        self._file = open_plain(path, "ab")
        self._options = options

    def predicted(self, image: int, width: int, height: int, prediction: Prediction) -> bytes:
        options = self._options
        line: dict[str, Any] = {
            "id": image,
            "ok": True,
            "width": width,
            "height": height,
            "bestScore": prediction.best_score,
            "detections": plain_boxes(prediction.boxes, options.class_scores_above),
        }
        if prediction.embedding is not None:
            line["embedding"] = base64.b64encode(prediction.embedding.astype("<f4").tobytes()).decode()
        if prediction.flipped is not None:
            line["flipped"] = plain_boxes(prediction.flipped, None)
        return encode(line)

    def failed(self, image: int, code: str, message: str) -> bytes:
        return encode({"id": image, "ok": False, "code": code, "message": message})

    def write(self, lines: Sequence[bytes]) -> None:
        if lines:
            self._file.write(b"".join(lines))


def encode(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def plain_boxes(boxes: Boxes, above: float | None) -> list[dict[str, Any]]:
    """Boxes as in predictions.jsonl: `box` [x1, y1, x2, y2], `confidence`, `classId`, and the optional parts."""
    entries = []
    for index, row in enumerate(boxes.rows.tolist()):
        entry: dict[str, Any] = {"box": row[:4], "confidence": row[4], "classId": int(row[5])}
        if boxes.vectors is not None and above is not None:
            ids = np.nonzero(boxes.vectors[index] >= np.float32(above))[0]
            entry["classScores"] = [ids.tolist(), boxes.vectors[index][ids].tolist()]
        if boxes.localisation is not None:
            entry["localisationEntropy"] = float(boxes.localisation[index])
        entries.append(entry)
    return entries
