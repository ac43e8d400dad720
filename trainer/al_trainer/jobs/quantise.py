"""The job `quantise`: an int8 copy of an exported model, calibrated on images of the pool."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from al_trainer.atomic import write_json
from al_trainer.config import ConfigReader
from al_trainer.errors import TrainerError
from al_trainer.job import Job, RunContext
from al_trainer.weights import check_content

if TYPE_CHECKING:
    from al_trainer.prediction.detections import Prepared


class Quantise(Job):
    """`careful` keeps more layers in float: for a model whose int8 copy ranks images too differently."""

    name = "quantise"

    def __init__(self, run: RunContext, config: ConfigReader) -> None:
        super().__init__(run, config)
        options = config.object("quantise")
        self._images = options.texts("images")
        self._careful = options.boolean("careful")

    def check(self) -> None:
        check_content(self.run.config.weights, self.run.config.weights_sha256)

    def work(self) -> None:
        """@raises TrainerError `dataset-invalid` if no image can be read."""
        from al_trainer.quantisation import read_info, write_quantised

        self.report_started()
        run = self.run
        source = Path(run.config.weights)
        info = read_info(source)
        images = self._prepare_images(source)
        part = run.private / "int8.onnx"
        write_quantised(source, part, info["input"]["name"], images, run.private, careful=self._careful)
        shutil.move(part, run.checkpoints.folder / "model.onnx")
        write_json(run.checkpoints.folder / "model.json", info)

    def _prepare_images(self, source: Path) -> list[Prepared]:
        from al_trainer.prediction.detector import Detector
        from al_trainer.prediction.networks import OnnxNetwork
        from al_trainer.prediction.options import PredictOptions

        config = self.run.config
        options = PredictOptions(min_confidence=0.001, iou_threshold=0.7, max_detections=300)
        detector = Detector(OnnxNetwork(source, config.threads), options, config.image_size)
        images = []
        for path in self._images:
            self.run.cancellation.check()
            try:
                images.append(detector.prepare(path))
            except ValueError:
                continue
        if not images:
            raise TrainerError(
                "dataset-invalid",
                f"None of the {len(self._images)} images for the calibration can be read.",
                "Check the images of the pool.",
            )
        return images


JOB = Quantise
