"""Weights are loaded as data: every family of detectors loads, and code is refused by its name."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
import yaml

from al_trainer import onnx_graph
from al_trainer.checkpoints import Checkpoints
from al_trainer.config import open_config
from al_trainer.dataset import prepare_dataset
from al_trainer.errors import TrainerError
from al_trainer.exporting import export_model
from al_trainer.training_hooks import TrainingHooks
from al_trainer.training_plan import read_train_options, training_overrides
from al_trainer.weights import BaseWeights
from tests.helpers import RunFolder, config, write_dataset

# Ultralytics' own descriptions, at the width that each can be made at.
FAMILIES: dict[str, tuple[str, float]] = {
    "v3": ("v3/yolov3.yaml", 0.0625),
    "v3-tiny": ("v3/yolov3-tiny.yaml", 0.0625),
    "v5": ("v5/yolov5.yaml", 0.0625),
    "v6": ("v6/yolov6.yaml", 0.0625),
    "v8": ("v8/yolov8.yaml", 0.0625),
    "v9": ("v9/yolov9t.yaml", 1),
    "v10": ("v10/yolov10n.yaml", 0.125),
    "11": ("11/yolo11.yaml", 0.125),
    "12": ("12/yolo12.yaml", 0.25),
    "26": ("26/yolo26.yaml", 0.125),
}


def write_small(folder: Path, name: str, width: float) -> Path:
    """An architecture of Ultralytics at another width."""
    import ultralytics

    assert ultralytics.__file__ is not None
    source = Path(ultralytics.__file__).parent / "cfg" / "models" / name
    description: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    if "scales" in description:
        description["scales"] = {"n": [0.33, width, 512]}
    elif width != 1:
        description.update(depth_multiple=0.33, width_multiple=width)
    path = folder / Path(name).name
    path.write_text(yaml.safe_dump(description))
    return path


class Quiet:
    def batch(self, epoch: int, batch: int, batches: int) -> None: ...
    def epoch(self, *_: Any) -> None: ...
    def metrics(self, *_: Any) -> None: ...
    def warning(self, code: str, message: str) -> None: ...


# One family with a dense head and one without NMS are part of the default tests.
@pytest.mark.parametrize(
    "family", [pytest.param(name, marks=() if name in ("v8", "26") else pytest.mark.families) for name in FAMILIES]
)
def test_weights_of_the_family_are_saved_and_loaded(
    adapter: ModuleType, tmp_path: Path, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trains, reads the checkpoint, strips it, loads the result, exports and scores it."""
    assert os.environ["ULTRALYTICS_SAFE_LOAD"] == "1"
    unsafe: list[object] = []
    load = torch.load

    def watched(*arguments: Any, **options: Any) -> Any:
        unsafe.extend([arguments[0]] if options.get("weights_only") is not True else [])
        return load(*arguments, **options)

    monkeypatch.setattr(torch, "load", watched)
    # Takes longer than the rest, and does not change weights.
    monkeypatch.setattr(onnx_graph, "_slim", lambda model: model)
    architecture = write_small(tmp_path, *FAMILIES[family])
    folder = RunFolder(tmp_path / "run", {"train": 2, "val": 1, "size": 32})
    files = Checkpoints(folder.path / "weights")
    files.folder.mkdir()

    folder.configure(
        config(str(architecture), plan={"epochs": 1, "batch": 2, "imageSize": 64, "closeMosaic": 0, "warmupEpochs": 0})
    )
    settings = read_train_options(open_config(folder.path), folder.path)
    private = folder.path / ".trainer"
    private.mkdir()
    dataset = prepare_dataset(settings.dataset, settings.class_names, private)
    job = TrainingHooks(
        checkpoints=files,
        observer=Quiet(),
        validate_every=1,
        has_validation=True,
        best_by="last",
        check_cancelled=lambda: None,
        started=lambda _: None,
        optimizer_seen=lambda _: None,
        dataset_read=lambda _: None,
    )
    overrides = training_overrides(settings, str(dataset.description), "cpu", str(private / "ultralytics"))
    overrides["amp"] = False
    adapter.training.train(overrides, job, base=BaseWeights("architecture", str(architecture)), resume=None)
    found = adapter.models.inspect_checkpoint(files.last)
    assert (found.epochs_done, found.resumable) == (1, True)
    adapter.models.strip(files.last, files.best)
    export_model(BaseWeights("checkpoint", str(files.best)), 32, private, files.folder)
    session = onnxruntime.InferenceSession(str(files.folder / "model.onnx"), providers=["CPUExecutionProvider"])
    images = np.random.default_rng(0).random((1, 3, 64, 64), dtype=np.float32)
    (scores,) = session.run(["output0"], {"images": images})
    network, head = adapter.models.load_network(str(files.best), "cpu")
    with torch.no_grad():
        expected = network(torch.from_numpy(images))[0].numpy()
    assert head == folder.model_info()["head"] == "dense"
    assert np.abs(scores - expected).max() < 1e-3 * max(1.0, float(np.abs(expected).max()))
    assert unsafe == []


@pytest.mark.families
def test_saved_rtdetr_weights_are_loaded(adapter: ModuleType, tmp_path: Path) -> None:
    """It can be exported, not trained."""
    network = adapter.models.load_base(BaseWeights("architecture", "rtdetr-l.yaml"), to_train=False)
    network.save(str(tmp_path / "base.pt"))
    loaded = adapter.models.load_base(BaseWeights("checkpoint", str(tmp_path / "base.pt")), to_train=False)
    assert type(loaded.model).__name__ == "RTDETRDetectionModel"


class Evil:
    """Runs code when a pickle is loaded as a program."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"echo ran > '{self.mark}'",)


def write_evil(folder: Path, mark: Path, **more: Any) -> Path:
    torch.save({"epoch": -1, "model": Evil(mark), **more}, folder / "evil.pt")
    return folder / "evil.pt"


def test_code_in_a_file_is_named_and_does_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    evil = write_evil(tmp_path, mark)
    for job in ("train", "export"):
        folder = RunFolder(tmp_path / job, {"train": 2, "val": 1}).configure(config(str(evil), job=job))
        assert folder.run().returncode == 1
        assert folder.error()["code"] == "weights-unsafe"
        assert "posix.system" in folder.error()["message"] or "nt.system" in folder.error()["message"]
        assert "only if you trust" in folder.error()["hint"]
        assert not mark.exists()


def test_code_runs_only_in_the_file_that_the_user_trusts(adapter: ModuleType, tmp_path: Path) -> None:
    trusted, other = tmp_path / "trusted", tmp_path / "other"
    trusted.mkdir()
    other.mkdir()
    with pytest.raises(TrainerError, match="cannot be loaded"):
        adapter.models.load_base(
            BaseWeights("checkpoint", str(write_evil(trusted, trusted / "ran")), may_run_code=True), to_train=True
        )
    assert (trusted / "ran").exists()
    for load in (
        lambda path: adapter.models.load_base(BaseWeights("checkpoint", path), to_train=True),
        lambda path: adapter.models.load_network(path, "cpu"),
        lambda path: adapter.models.strip(Path(path), other / "stripped.pt"),
    ):
        with pytest.raises(TrainerError):
            load(str(write_evil(other, other / "ran")))
    assert adapter.models.inspect_checkpoint(write_evil(other, other / "ran")) is None
    assert not (other / "ran").exists()


def test_a_label_cache_is_never_unpickled(adapter: ModuleType, tmp_path: Path) -> None:
    """Ultralytics loads `labels/train.cache`, a pickle, if it exists."""
    from ultralytics.data.dataset import YOLODataset

    write_dataset(tmp_path, train=2, val=1)
    np.save(tmp_path / "labels" / "train.cache.npy", np.array(Evil(tmp_path / "ran"), dtype=object), allow_pickle=True)
    (tmp_path / "labels" / "train.cache.npy").rename(tmp_path / "labels" / "train.cache")
    names = {0: "disc", 1: "bar"}
    data = YOLODataset(img_path=str(tmp_path / "images" / "train"), data={"names": names, "channels": 3}, task="detect")
    assert len(data.labels) == 2
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("job", ["train", "export"])
def test_a_file_that_changed_since_it_was_chosen_is_not_loaded(tmp_path: Path, job: str) -> None:
    evil = write_evil(tmp_path, tmp_path / "ran")
    chosen = {"source": str(evil), "allowDownload": False, "sha256": "0" * 64, "mayRunCode": True}
    folder = RunFolder(tmp_path / "run", {"train": 2, "val": 1}).configure(config("", job=job, weights=chosen))
    assert folder.run().returncode == 1
    assert folder.error()["code"] == "weights-changed"
    assert not (tmp_path / "ran").exists()
