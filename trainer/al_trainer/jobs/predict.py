"""The job `predict`: detections of images that images.jsonl names while the job runs."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any, cast

from al_trainer.config import ConfigReader
from al_trainer.job import Job, RunContext
from al_trainer.prediction.options import PredictOptions, Predictor
from al_trainer.weights import check_content


class Predict(Job):
    """`endWithInput` ends the process when its standard input ends, so that it does not outlive its parent."""

    name = "predict"
    makes_model = False

    def __init__(self, run: RunContext, config: ConfigReader) -> None:
        super().__init__(run, config)
        raw = config.object("predict")
        self._options = read_options(raw)
        self._ends_with_input = raw.boolean("endWithInput")
        self._images, self._seconds = 0, 0.0

    def check(self) -> None:
        check_content(self.run.config.weights, self.run.config.weights_sha256)

    def work(self) -> None:
        from al_trainer.prediction.image_queue import read_images
        from al_trainer.prediction.prediction_log import PredictionLog

        self.report_started()
        run, options = self.run, self._options
        if self._ends_with_input:
            end_with_input()
        log = PredictionLog(run.folder / "predictions.jsonl", options)
        images = read_images(run.folder / "images.jsonl", run.cancellation.check)
        if options.predictor == "ultralytics":
            from al_trainer.prediction.reference import predict_by_reference

            self._images, self._seconds = predict_by_reference(images, run, options, log)
            return
        from al_trainer.prediction.detector import Detector
        from al_trainer.prediction.networks import open_network
        from al_trainer.prediction.pipeline import predict_images

        config = run.config
        network = open_network(config.weights, run.device, config.threads)
        detector = Detector(network, options, config.image_size)
        # A graph with fixed sizes takes one image.
        batch = options.batch if network.fixed_size is None else 1
        self._images, self._seconds = predict_images(images, detector, log, batch, config.threads)

    def result(self, *, finished: bool) -> dict[str, Any]:
        return {"images": self._images, "predictionSeconds": round(self._seconds, 3)}


def read_options(raw: ConfigReader) -> PredictOptions:
    """The object `predict` of config.json. @raises TrainerError `config-invalid`."""

    def share(key: str, allowed: str = "from 0 to 1") -> float:
        return raw.number(key, lambda x: 0 <= x <= 1, allowed)

    return PredictOptions(
        predictor=cast("Predictor", raw.choice("predictor", ("own", "ultralytics"))),
        min_confidence=share("minConfidence"),
        iou_threshold=share("iouThreshold"),
        max_detections=raw.integer("maxDetections", 1),
        class_scores_above=None
        if raw.is_null("classScoresAbove")
        else share("classScoresAbove", "from 0 to 1, or null"),
        embedding=raw.boolean("embedding"),
        localisation=raw.boolean("localisation"),
        flip=raw.boolean("flip"),
        batch=raw.integer("batch", 1),
    )


def end_with_input() -> None:
    """Ends this process when its standard input ends, as it does when the parent is killed."""

    def wait() -> None:
        try:
            while sys.stdin.buffer.read(4096):
                pass
        finally:
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


JOB = Predict
