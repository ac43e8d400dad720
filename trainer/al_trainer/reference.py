"""The predictor `ultralytics`: what Ultralytics itself finds, to compare ours with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from al_trainer.config import Config, PredictOptions
from al_trainer.detections import Boxes, Prediction
from al_trainer.jobs import POLL_SECONDS, Job
from al_trainer.prediction_log import PredictionLog


def run_reference(
    jobs: Iterator[Job | None],
    config: Config,
    options: PredictOptions,
    log: PredictionLog,
    *,
    private: Path,
    device: str,
) -> tuple[int, float]:
    """Ultralytics' own `predict`, one image after another. @returns images, and seconds from the first one on."""
    from al_trainer import engine
    from al_trainer.describe import describe_onnx

    onnx = config.weights.lower().endswith(".onnx")
    is_rtdetr = (
        describe_onnx(Path(config.weights))["head"] == "rtdetr"
        if onnx
        else engine.load_network(config.weights, "cpu")[1] == "rtdetr"
    )
    run = engine.reference_predict(
        config.weights,
        is_rtdetr=is_rtdetr,
        image_size=config.plan.image_size,
        options=options,
        device=device,
        private=private / "ultralytics",
    )
    count, began = 0, 0.0
    for job in jobs:
        if job is None:
            time.sleep(POLL_SECONDS)
            continue
        began = began or time.monotonic()
        count += 1
        try:
            width, height, rows = run(job[1])
        except OSError as error:
            log.write([log.failed(job[0], "unreadable-image", str(error))])
            continue
        best = float(rows[:, 4].max()) if len(rows) else 0.0
        prediction = Prediction(Boxes(rows, None, None), best)
        log.write([log.found(job[0], width, height, prediction)])
    return count, time.monotonic() - began if count else 0.0
