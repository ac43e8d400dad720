"""The predictor `ultralytics`: Ultralytics' own predictions, to compare ours with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from al_trainer.job import RunContext
from al_trainer.prediction.detections import Boxes, Prediction
from al_trainer.prediction.image_queue import POLL_SECONDS, NamedImage
from al_trainer.prediction.options import PredictOptions
from al_trainer.prediction.prediction_log import PredictionLog


def predict_by_reference(
    images: Iterator[NamedImage | None], run: RunContext, options: PredictOptions, log: PredictionLog
) -> tuple[int, float]:
    """Ultralytics' own `predict`, one image after another. @returns images, and seconds since the first one."""
    from al_trainer.describe import describe_onnx
    from al_trainer.ultralytics_adapter.models import load_network
    from al_trainer.ultralytics_adapter.prediction import reference_predict

    weights = run.config.weights
    is_rtdetr = (
        describe_onnx(Path(weights))["head"] == "rtdetr"
        if weights.lower().endswith(".onnx")
        else load_network(weights, "cpu")[1] == "rtdetr"
    )
    predict = reference_predict(
        weights,
        is_rtdetr=is_rtdetr,
        image_size=run.config.image_size,
        options=options,
        device=run.device,
        private=run.private / "ultralytics",
    )
    count, began = 0, 0.0
    for image in images:
        if image is None:
            time.sleep(POLL_SECONDS)
            continue
        began = began or time.monotonic()
        count += 1
        try:
            width, height, rows = predict(image[1])
        except OSError as error:
            log.write([log.failed(image[0], "unreadable-image", str(error))])
            continue
        best = float(rows[:, 4].max()) if len(rows) else 0.0
        prediction = Prediction(Boxes(rows, None, None), best)
        log.write([log.predicted(image[0], width, height, prediction)])
    return count, time.monotonic() - began if count else 0.0
