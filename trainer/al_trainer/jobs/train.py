"""The job `train`: trains on the snapshot of the run, then exports the chosen weights."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from al_trainer.atomic import write_json
from al_trainer.config import ConfigReader
from al_trainer.dataset import Dataset, prepare_dataset, remove_caches
from al_trainer.job import Job, RunContext
from al_trainer.jobs.export import export_weights
from al_trainer.training_hooks import DatasetRead, TrainingHooks
from al_trainer.training_plan import read_train_options, training_overrides
from al_trainer.weights import BaseWeights


class Train(Job):
    name = "train"

    def __init__(self, run: RunContext, config: ConfigReader) -> None:
        super().__init__(run, config)
        self.options = read_train_options(config, run.folder)
        self._base: BaseWeights | None = None
        self._steps = 0

    def check(self) -> None:
        # A run that continues needs no base weights.
        files = self.run.checkpoints
        if not files.last.exists() and not files.previous.exists():
            self._base = self.run.resolve_weights()

    def work(self) -> None:
        self._train()
        export_weights(self.run, BaseWeights("checkpoint", str(self.run.checkpoints.best)))

    def _train(self) -> None:
        from al_trainer.ultralytics_adapter import models, training

        run, options = self.run, self.options
        dataset = prepare_dataset(options.dataset, options.class_names, run.private)
        if dataset.val_images == 0:
            run.progress.warning("no-validation", "There are no validation images: the last weights are kept.")
        resume = run.checkpoints.find_resume_point(models.inspect_checkpoint)
        if resume.warning is not None:
            run.progress.warning(*resume.warning)
        run.progress.epochs_completed, self._steps = resume.epochs_done, resume.steps
        if resume.epochs_done < options.plan.epochs:
            overrides = training_overrides(
                options, str(dataset.description), run.device, str(run.private / "ultralytics")
            )
            overrides["amp"] = training.amp_mode(run.device)
            base = self._base
            if resume.path is None and base is None:
                base = run.resolve_weights()
            self._steps = training.train(overrides, self._hooks(dataset), base=base, resume=resume.path)
        else:
            self.report_started(epochs=options.plan.epochs, epochs_done=resume.epochs_done)
        self._choose_best()

    def _hooks(self, dataset: Dataset) -> TrainingHooks:
        plan = self.options.plan
        return TrainingHooks(
            checkpoints=self.run.checkpoints,
            observer=self.run.progress,
            validate_every=plan.validate_every,
            has_validation=dataset.val_images > 0,
            best_by=plan.best_by,
            check_cancelled=self.run.cancellation.check,
            started=lambda done: self.report_started(epochs=plan.epochs, epochs_done=done),
            optimizer_seen=self._keep_optimizer,
            dataset_read=self._keep_dataset,
        )

    def _choose_best(self) -> None:
        """Leaves the chosen weights in best.pt, without their optimizer."""
        from al_trainer.ultralytics_adapter.models import strip

        files = self.run.checkpoints
        by_metric = self.options.plan.best_by == "map50_95" and files.best.exists()
        strip(files.best if by_metric else files.last, files.best)

    def _keep_optimizer(self, live: dict[str, Any]) -> None:
        """Writes a file, so that a resume after the warm-up still knows the rates at the start of the warm-up."""
        earlier = self._kept("optimizer.json")
        if self.run.progress.epochs_completed > 0 and earlier is not None:
            live["warmupBiasLearningRate"] = earlier["warmupBiasLearningRate"]
        write_json(self.run.private / "optimizer.json", live)

    def _keep_dataset(self, read: DatasetRead) -> None:
        """Reports the images that are left out, and writes a file for a resume that has no epoch left to train."""
        for image in read.left_out:
            self.run.progress.warning(
                "image-ignored",
                f"Ultralytics leaves out image {image.image} ({image.split}): {image.reason}",
                asdict(image),
            )
        path = self.run.private / "dataset.json"
        write_json(path, {**(self._kept("dataset.json") or {}), read.split: asdict(read)})

    def _kept(self, name: str) -> dict[str, Any] | None:
        try:
            kept: dict[str, Any] = json.loads((self.run.private / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return kept

    def keep_weights(self) -> bool:
        if not self.run.checkpoints.last.exists():
            return False
        self._choose_best()
        return True

    def result(self, *, finished: bool) -> dict[str, Any]:
        optimizer = self._kept("optimizer.json")
        return {
            "weights": "weights/best.pt" if finished else None,
            "optimizer": None if optimizer is None else {**optimizer, "steps": self._steps},
            "dataset": self._dataset_result(),
        }

    def _dataset_result(self) -> dict[str, Any] | None:
        """The images and boxes that were trained and validated on, as Ultralytics counts them."""
        kept = self._kept("dataset.json")
        if kept is None:
            return None
        train, val = kept.get("train") or {}, kept.get("val") or {}
        return {
            "trainImages": train.get("images"),
            "trainBoxes": train.get("boxes"),
            "valImages": val.get("images"),
            "leftOut": [*train.get("left_out", []), *val.get("left_out", [])],
        }

    def tidy(self, *, finished: bool) -> None:
        """A run that ended early keeps its checkpoints whole."""
        remove_caches(self.options.dataset)
        files = self.run.checkpoints
        if finished and files.last.exists():
            from al_trainer.ultralytics_adapter.models import strip

            strip(files.last, files.last)
            files.previous.unlink(missing_ok=True)


JOB = Train
