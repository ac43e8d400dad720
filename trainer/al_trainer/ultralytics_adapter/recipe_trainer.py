"""Ultralytics' training with our checkpoints and events."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.utils import LOGGER

from al_trainer.dataset import left_out
from al_trainer.log_bridge import LogBridge
from al_trainer.training_hooks import DatasetRead, TrainingHooks
from al_trainer.training_plan import is_validation_epoch
from al_trainer.translate import dataset_invalid

_METRICS = {
    "precision": "metrics/precision(B)",
    "recall": "metrics/recall(B)",
    "map50": "metrics/mAP50(B)",
    "map50_95": "metrics/mAP50-95(B)",
}


class RecipeTrainer(DetectionTrainer):
    """Ultralytics' training with our checkpoints, our events and the validation interval of the plan."""

    def __init__(
        self, overrides: dict[str, Any], _callbacks: dict[str, Any] | None = None, *, hooks: TrainingHooks
    ) -> None:
        self.hooks = hooks
        self._validated_epoch = -1
        self._optimizer_seen = False
        self._batch = 0
        self._epoch_began = 0.0
        super().__init__(overrides=overrides, _callbacks=_callbacks)
        self.wdir = hooks.checkpoints.folder
        self.last, self.best = hooks.checkpoints.last, hooks.checkpoints.best
        self.add_callback("on_train_start", lambda _: hooks.started(self.start_epoch))
        self.add_callback("on_train_epoch_start", lambda _: self._begin_epoch())
        self.add_callback("on_train_batch_end", lambda _: self._end_batch())
        for event in ("on_train_start", "on_train_batch_start", "on_val_batch_start", "on_fit_epoch_end"):
            self.add_callback(event, lambda _: hooks.check_cancelled())

    def _begin_epoch(self) -> None:
        self._batch = 0
        self._epoch_began = time.monotonic()

    def _end_batch(self) -> None:
        self._batch += 1
        self.hooks.observer.batch(self.epoch + 1, self._batch, len(self.train_loader))

    def build_dataset(self, img_path: str, mode: str = "train", batch: int | None = None) -> Any:
        try:
            dataset = super().build_dataset(img_path, mode, batch)
        except (FileNotFoundError, ValueError, AssertionError, RuntimeError) as error:
            self._report_dataset(img_path, [], 0)
            raise dataset_invalid(error, img_path) from error
        if mode == "train" or self.hooks.has_validation:
            self._report_dataset(img_path, dataset.im_files, sum(len(label["cls"]) for label in dataset.labels))
        return dataset

    def _report_dataset(self, img_path: str, taken: list[str], boxes: int) -> None:
        reasons = next((handler.ignored for handler in LOGGER.handlers if isinstance(handler, LogBridge)), {})
        missing = left_out(Path(img_path), taken, reasons)
        self.hooks.dataset_read(DatasetRead(Path(img_path).name, len(taken), boxes, missing))

    def get_dataset(self) -> Any:
        try:
            return super().get_dataset()
        except RuntimeError as error:
            raise dataset_invalid(error, str(self.args.data)) from error

    def optimizer_step(self) -> None:
        if not self._optimizer_seen:
            self._optimizer_seen = True
            self.hooks.optimizer_seen(self._read_optimizer())
        super().optimizer_step()

    def _read_optimizer(self) -> dict[str, Any]:
        """The numbers at the first step of this process, when a new warm-up still has its starting rates."""
        weight, bias = self._group("weight"), self._group("bias")
        warmup_steps = self._get_warmup_iterations(len(self.train_loader))
        fresh = self.start_epoch == 0 and warmup_steps > 0
        return {
            "name": type(self.optimizer).__name__,
            "learningRate": weight["initial_lr"],
            "batch": self.train_loader.batch_size,
            "imageSize": self.train_loader.dataset.imgsz,
            "accumulate": max(1, round(self.args.nbs / self.batch_size)) if fresh else self.accumulate,
            "warmupBiasLearningRate": bias["lr"] if fresh else self.args.warmup_bias_lr,
            "warmupSteps": warmup_steps,
            "weightDecay": weight["weight_decay"],
            "momentum": weight["betas"][0] if "betas" in weight else weight.get("momentum"),
            "parameterGroups": len(self.optimizer.param_groups),
        }

    def _group(self, name: str) -> dict[str, Any]:
        groups: list[dict[str, Any]] = self.optimizer.param_groups
        return next((group for group in groups if group.get("param_group") == name), groups[0])

    def validate(self) -> Any:
        """Skips the epochs that the plan does not validate, and all of them if there are no validation images."""
        due = is_validation_epoch(self.epoch + 1, self.epochs, self.hooks.validate_every)
        if not (due and self.hooks.has_validation):
            return self.metrics, None
        result = super().validate()
        self._validated_epoch = self.epoch
        return result

    def save_model(self) -> Any:
        """Writes beside the checkpoints and renames: Ultralytics itself writes last.pt in place."""
        files = self.hooks.checkpoints
        self.last, self.best = files.new_last, files.new_best
        # Ultralytics would write through a link of that name.
        files.drop_unfinished()
        try:
            saved = super().save_model()
        finally:
            self.last, self.best = files.last, files.best
        # Before the rename: after a kill in between, an epoch is reported twice rather than never.
        self._report_epoch()
        if files.new_last.exists():
            validated = self._validated_epoch == self.epoch
            files.rotate(keep_best=validated and self.hooks.best_by == "map50_95")
        return saved

    def _report_epoch(self) -> None:
        epoch = self.epoch + 1
        losses = {
            name.removeprefix("train/"): float(value)
            for name, value in self.label_loss_items(self.tloss, prefix="train").items()
        }
        seconds = time.monotonic() - self._epoch_began
        self.hooks.observer.epoch(epoch, self.epochs, seconds, losses, float(self._group("weight")["lr"]))
        if self._validated_epoch == self.epoch:
            values = {name: float(self.metrics[key]) for name, key in _METRICS.items() if key in self.metrics}
            self.hooks.observer.metrics(epoch, values)

    def final_eval(self) -> None:
        """Does nothing: the last epoch is validated already, and the job strips the weights that it keeps."""
