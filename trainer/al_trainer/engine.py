"""The one module that imports Ultralytics. Import it after `prepare_environment` and `ensure_torchvision`."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch

# Read while Ultralytics is imported, whoever started this process.
os.environ["ULTRALYTICS_SAFE_LOAD"] = "1"

# Imported here, before any seeding: importing it consumes a random number.
import ultralytics.data.dataset
import ultralytics.data.utils
import ultralytics.nn.tasks
import ultralytics.utils.downloads
import ultralytics.utils.events
import ultralytics.utils.nms
import ultralytics.utils.torch_utils
from ultralytics import RTDETR, SETTINGS, YOLO
from ultralytics.cfg import get_cfg
from ultralytics.data.augment import LetterBox
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.nn.tasks import DetectionModel, RTDETRDetectionModel, WorldModel, load_checkpoint
from ultralytics.utils import DEFAULT_CFG_DICT, LOGGER, callbacks
from ultralytics.utils.ops import scale_boxes, xywh2xyxy
from ultralytics.utils.patches import imread
from ultralytics.utils.torch_utils import strip_optimizer

from al_trainer.checkpoints import CheckpointInfo
from al_trainer.config import PredictOptions
from al_trainer.dataset import left_out
from al_trainer.errors import TrainerError, packages_missing
from al_trainer.job import DatasetRead, Observer, RawExport, TrainingJob
from al_trainer.log_bridge import LogBridge
from al_trainer.offline import QUIET_SETTINGS
from al_trainer.places import without_places
from al_trainer.recipe import is_validation_epoch
from al_trainer.translate import dataset_invalid, export_failed, weights_error
from al_trainer.weights import BaseWeights, local_file_first

__all__ = ["LetterBox", "imread", "scale_boxes", "xywh2xyxy"]

_METRICS = {
    "precision": "metrics/precision(B)",
    "recall": "metrics/recall(B)",
    "map50": "metrics/mAP50(B)",
    "map50_95": "metrics/mAP50-95(B)",
}
_OPSET = 17  # IR version 8: every ONNX Runtime since 1.15 reads it.


class RecipeTrainer(DetectionTrainer):
    """Ultralytics' training with our checkpoints, our events and the plan's rhythm of validation."""

    def __init__(
        self, overrides: dict[str, Any], _callbacks: dict[str, Any] | None = None, *, job: TrainingJob
    ) -> None:
        self.job = job
        self._validated_epoch = -1
        self._optimizer_seen = False
        self._batch = 0
        self._epoch_began = 0.0
        super().__init__(overrides=overrides, _callbacks=_callbacks)
        self.wdir = job.checkpoints.folder
        self.last, self.best = job.checkpoints.last, job.checkpoints.best
        self.add_callback("on_train_start", lambda _: job.started(self.start_epoch))
        self.add_callback("on_train_epoch_start", lambda _: self._begin_epoch())
        self.add_callback("on_train_batch_end", lambda _: self._end_batch())
        for event in ("on_train_start", "on_train_batch_start", "on_val_batch_start", "on_fit_epoch_end"):
            self.add_callback(event, lambda _: job.check_cancelled())

    def _begin_epoch(self) -> None:
        self._batch = 0
        self._epoch_began = time.monotonic()

    def _end_batch(self) -> None:
        self._batch += 1
        self.job.observer.batch(self.epoch + 1, self._batch, len(self.train_loader))

    def build_dataset(self, img_path: str, mode: str = "train", batch: int | None = None) -> Any:
        try:
            dataset = super().build_dataset(img_path, mode, batch)
        except (FileNotFoundError, ValueError, AssertionError, RuntimeError) as error:
            self._tell_dataset(img_path, [], 0)
            raise dataset_invalid(error, img_path) from error
        if mode == "train" or self.job.has_validation:
            self._tell_dataset(img_path, dataset.im_files, sum(len(label["cls"]) for label in dataset.labels))
        return dataset

    def _tell_dataset(self, img_path: str, taken: list[str], boxes: int) -> None:
        reasons = next((handler.ignored for handler in LOGGER.handlers if isinstance(handler, LogBridge)), {})
        missing = left_out(Path(img_path), taken, reasons)
        self.job.dataset_read(DatasetRead(Path(img_path).name, len(taken), boxes, missing))

    def get_dataset(self) -> Any:
        try:
            return super().get_dataset()
        except RuntimeError as error:
            raise dataset_invalid(error, str(self.args.data)) from error

    def optimizer_step(self) -> None:
        if not self._optimizer_seen:
            self._optimizer_seen = True
            self.job.optimizer_seen(self._read_optimizer())
        super().optimizer_step()

    def _read_optimizer(self) -> dict[str, Any]:
        """The live numbers at the first step of this process, when a fresh warm-up still holds its starting rates."""
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
        """Skips the epochs that the plan does not validate; without validation images, all of them."""
        due = is_validation_epoch(self.epoch + 1, self.epochs, self.job.validate_every)
        if not (due and self.job.has_validation):
            return self.metrics, None
        result = super().validate()
        self._validated_epoch = self.epoch
        return result

    def save_model(self) -> Any:
        """Writes beside the checkpoints and moves into place: Ultralytics itself writes last.pt in place."""
        files = self.job.checkpoints
        self.last, self.best = files.new_last, files.new_best
        # Ultralytics writes through whatever lies there.
        files.drop_unfinished()
        try:
            saved = super().save_model()
        finally:
            self.last, self.best = files.last, files.best
        # Told before the rename: after a kill in between, an epoch is told twice rather than never.
        self._tell_epoch()
        if files.new_last.exists():
            validated = self._validated_epoch == self.epoch
            files.rotate(keep_best=validated and self.job.best_by == "map50_95")
        return saved

    def _tell_epoch(self) -> None:
        epoch = self.epoch + 1
        losses = {
            name.removeprefix("train/"): float(value)
            for name, value in self.label_loss_items(self.tloss, prefix="train").items()
        }
        seconds = time.monotonic() - self._epoch_began
        self.job.observer.epoch(epoch, self.epochs, seconds, losses, float(self._group("weight")["lr"]))
        if self._validated_epoch == self.epoch:
            values = {name: float(self.metrics[key]) for name, key in _METRICS.items() if key in self.metrics}
            self.job.observer.metrics(epoch, values)

    def final_eval(self) -> None:
        """Nothing: the last epoch is validated already, and `choose_best` strips what is kept."""


def configure(threads: int, observer: Observer) -> None:
    """Once, before anything else here: silences Ultralytics, its integrations and its settings, and has it load safely.

    @raises TrainerError `packages-missing` where this Ultralytics or torch cannot.
    """
    _load_safely()
    SETTINGS.update({name: value for name, value in QUIET_SETTINGS.items() if name in SETTINGS})
    callbacks.add_integration_callbacks = lambda _instance: None
    # Every dataset check would fetch a font, for plots that are never drawn.
    ultralytics.data.utils.check_font = lambda _font: None
    ultralytics.utils.downloads.attempt_download_asset = local_file_first(
        ultralytics.utils.downloads.attempt_download_asset
    )
    # Its time limit drops boxes on a busy machine: the same weights would be worth less, and another epoch be the best.
    ultralytics.utils.nms.non_max_suppression = partial(
        ultralytics.utils.nms.non_max_suppression, max_time_img=float("inf")
    )
    torch.set_num_threads(threads)
    for handler in list(LOGGER.handlers):
        LOGGER.removeHandler(handler)
    LOGGER.addHandler(LogBridge(observer))
    LOGGER.setLevel(logging.INFO)


def amp_mode(device: str) -> Any:
    """Mixed precision without Ultralytics' check, which downloads a model: bfloat16 where the GPU has it."""
    if device in ("cpu", "mps") or not torch.cuda.is_bf16_supported():
        return False
    try:
        get_cfg(overrides={"amp": "bf16"})
    except (TypeError, ValueError):
        return False
    return "bf16"


def _load_safely() -> None:
    """A file of weights is a program of its maker's: of all classes, only those of a detector are made from one."""
    safe = getattr(ultralytics.nn.tasks, "_SafeLoad", None)
    if safe is None or not safe.SUPPORTED or ultralytics.nn.tasks.SAFE_LOAD is not True:
        raise packages_missing(["ultralytics", "torch"], "versions that can load weights without running code")
    # Ultralytics' own loads that the switch does not reach: the checkpoint that is stripped, and label caches.
    ultralytics.utils.torch_utils.torch_load = lambda file, **_: load_checkpoint_file(file)
    ultralytics.data.dataset.load_dataset_cache_file = _no_cache


def load_checkpoint_file(file: str | Path) -> dict[str, Any]:
    """The content of a checkpoint, loaded safely."""
    content: dict[str, Any] = ultralytics.nn.tasks.torch_safe_load(str(file))[0]
    return content


def _no_cache(path: Path) -> Any:
    raise FileNotFoundError(path)


@contextmanager
def _code_allowed(allowed: bool) -> Iterator[None]:
    """Lets one file run code while it is loaded, where the user said that it may."""
    ultralytics.nn.tasks.SAFE_LOAD = not allowed
    try:
        yield
    finally:
        ultralytics.nn.tasks.SAFE_LOAD = True


def load_base(base: BaseWeights, *, to_train: bool) -> Any:
    """Loads base weights as an Ultralytics model.

    @raises TrainerError `weights-missing`, `weights-broken`, `weights-unsafe`.
    """
    try:
        # A checkpoint says what it is; of an architecture, only the name does.
        is_rtdetr = base.kind == "architecture" and "rtdetr" in Path(base.source).stem.lower()
        with _code_allowed(base.may_run_code):
            model = RTDETR(base.source) if is_rtdetr else YOLO(base.source)
    except Exception as error:
        raise weights_error(base, error) from error
    kinds = (RTDETRDetectionModel, WorldModel) if to_train else ()
    if not isinstance(model.model, DetectionModel) or model.task != "detect" or isinstance(model.model, kinds):
        raise TrainerError(
            "weights-broken",
            f"{base.source} is a {type(model.model).__name__} for the task {model.task}, not a YOLO detector.",
            "Choose detection weights, for example yolov8n.pt or yolo11n.pt.",
            base.source,
        )
    return model


def inspect_checkpoint(path: Path) -> CheckpointInfo | None:
    """What a checkpoint holds; None when it cannot be read, for whatever reason."""
    try:
        _, checkpoint = load_checkpoint(str(path))
        epoch = int(checkpoint["epoch"])
        resumable = epoch >= 0 and checkpoint.get("optimizer") is not None and checkpoint.get("ema") is not None
        return CheckpointInfo(epoch + 1, int(checkpoint.get("updates") or 0), resumable)
    except MemoryError:
        raise
    except Exception:
        return None


def train(overrides: dict[str, Any], job: TrainingJob, *, base: BaseWeights | None, resume: Path | None) -> int:
    """Trains from base weights, or continues from a checkpoint. @returns optimizer steps, those before a resume too.

    @raises TrainerError, CancelledRunError (through the job's `check_cancelled`).
    """
    if resume is not None:
        model = YOLO(str(resume))
        kept = ("data", "device", "save_dir", "val", "plots", "cache")
        arguments = {"resume": True, **{key: overrides[key] for key in kept}}
    elif base is not None:
        model = load_base(base, to_train=True)
        arguments = overrides
    else:
        raise ValueError("neither base weights nor a checkpoint")
    try:
        model.train(trainer=partial(RecipeTrainer, job=job), **arguments)
    except ValueError as error:
        if "BatchNorm" in str(error):
            raise TrainerError(
                "config-invalid",
                f"The image size is too small for the last batch: {error}",
                "Use an image size of 64 or more, or another batch size.",
            ) from error
        raise
    finally:
        for name in ("train_loader", "test_loader"):
            loader = getattr(model.trainer, name, None)
            if loader is not None and hasattr(loader, "close"):
                loader.close()
    return int(model.trainer.ema.updates)


def strip(source: Path, target: Path) -> None:
    """Writes the smoothed weights of a checkpoint to `target` in one step, without optimizer and the user's paths."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    checkpoint = strip_optimizer(str(source), str(part))
    if not checkpoint:
        raise TrainerError(
            "weights-broken",
            f"{source.name} cannot be read after the training.",
            "Start the training again.",
            str(source),
        )
    network = checkpoint["model"]
    _forget_places(network)
    torch.save({**without_places({**checkpoint, "model": None}), "model": network}, str(part))
    part.replace(target)


def _forget_places(network: Any) -> None:
    """Ultralytics keeps the paths of the description, the run and the architecture with a network."""
    for name in ("args", "yaml", "pt_path", "yaml_file"):
        value = getattr(network, name, None)
        if isinstance(value, dict | str):
            setattr(network, name, without_places(value))


def export_onnx(base: BaseWeights, image_size: int, private: Path) -> RawExport:
    """Exports with full class scores and symbolic sizes, into `private`. @raises TrainerError `export-failed`."""
    model = load_base(base, to_train=False)
    network = model.model
    head = network.model[-1]
    stride = int(max(network.stride))
    step = max(stride, 32)
    size = -(-image_size // step) * step
    _forget_places(network)
    # Ultralytics writes beside the weights: a user's folder must stay as it is.
    network.pt_path = str(private / "model.pt")
    try:
        path = model.export(
            format="onnx", dynamic=True, simplify=False, opset=_OPSET, imgsz=size, batch=1, device="cpu", **_dense()
        )
    except Exception as error:
        raise export_failed(error, base.source) from error
    names = network.names
    return RawExport(
        path=Path(path),
        names=tuple(str(names[index]) for index in range(len(names))),
        stride=stride,
        image_size=size,
        head_layer=int(head.i),
        feature_layers=tuple(int(layer) for layer in head.f),
        is_rtdetr=isinstance(network, RTDETRDetectionModel),
    )


def _dense() -> dict[str, Any]:
    """The argument that asks for full class scores, where this version of Ultralytics knows it."""
    return {"end2end": False} if "end2end" in DEFAULT_CFG_DICT else {}


def torch_device(device: str) -> torch.device:
    """Our name of a device (`cpu`, `mps`, a CUDA index) as torch's."""
    return torch.device(f"cuda:{device}" if device.isdigit() else device)


def load_network(source: str, device: str) -> tuple[Any, str]:
    """Weights as a fused network for predictions, with full class scores, and the name of its head.

    @raises TrainerError `weights-broken`.
    """
    network = load_base(BaseWeights("checkpoint", source), to_train=False).model.float().eval()
    is_rtdetr = isinstance(network, RTDETRDetectionModel)
    if not is_rtdetr and hasattr(network, "end2end"):
        network.end2end = False
    network.fuse(verbose=False)
    ends = not is_rtdetr and getattr(network, "end2end", False)
    return network.to(torch_device(device)), "rtdetr" if is_rtdetr else "end2end" if ends else "dense"


def non_max_suppression(*arguments: Any, **options: Any) -> Any:
    """Ultralytics' own, as `configure` left it."""
    return ultralytics.utils.nms.non_max_suppression(*arguments, **options)


def reference_predict(
    source: str, *, is_rtdetr: bool, image_size: int, options: PredictOptions, device: str, private: Path
) -> Callable[[str], tuple[int, int, Any]]:
    """Ultralytics' own `predict`: image path → width, height, rows [n, 6] of x1, y1, x2, y2, confidence, class.

    What it returns raises OSError for a file that Ultralytics passes over, as it cannot read it.
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
        # What is compared is the head with full class scores, as it is exported.
        **(_dense() if source.endswith(".pt") and not is_rtdetr else {}),
    }

    def predict(path: str) -> tuple[int, int, Any]:
        results = model.predict(path, **arguments)
        if not results:
            raise OSError(f"Ultralytics cannot read the image {path}.")
        result = results[0]
        height, width = result.orig_shape
        return width, height, result.boxes.data.cpu().numpy()

    return predict
