"""The job `export`: base weights as an ONNX model."""

from __future__ import annotations

from typing import Any

from al_trainer.config import ConfigReader
from al_trainer.console import say
from al_trainer.job import Job, RunContext
from al_trainer.weights import BaseWeights


class Export(Job):
    name = "export"

    def __init__(self, run: RunContext, config: ConfigReader) -> None:
        super().__init__(run, config)
        self._base: BaseWeights | None = None

    def check(self) -> None:
        self._base = self.run.resolve_weights()

    def work(self) -> None:
        base = self._base
        assert base is not None
        self.report_started()
        export_weights(self.run, base)

    def result(self, *, finished: bool) -> dict[str, Any]:
        is_file = self._base is not None and self._base.kind == "checkpoint"
        return {"exportedFrom": self._base.source if self._base is not None and is_file else None}


def export_weights(run: RunContext, base: BaseWeights) -> None:
    """Writes weights/model.onnx and weights/model.json of a run. @raises TrainerError, CancelledRunError."""
    run.cancellation.check()
    from al_trainer.exporting import export_model

    say("exporting to ONNX")
    export_model(base, run.config.image_size, run.private, run.checkpoints.folder)


JOB = Export
