"""The exported graph against the network it came from."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path, PureWindowsPath
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
import yaml

from al_trainer.places import without_places
from al_trainer.weights import BaseWeights
from tests.conftest import FinishedRun
from tests.helpers import RunFolder, config

SIZES = [(1, 64, 64), (2, 320, 256)]


def reference(network: Any, images: torch.Tensor) -> dict[str, torch.Tensor]:
    """The outputs by torch's own hooks: what enters the head, pooled; the softmax of its distributions."""
    head = network.model[-1]
    seen: dict[str, torch.Tensor] = {}

    def entering(_module: Any, inputs: tuple[list[torch.Tensor]]) -> None:
        seen["embedding"] = torch.cat([level.mean((2, 3)) for level in inputs[0]], 1)

    def distributing(_module: Any, inputs: tuple[torch.Tensor]) -> None:
        raw = inputs[0]
        seen["dfl"] = raw.view(raw.shape[0], 4, -1, raw.shape[2]).transpose(2, 1).softmax(1)

    handles = [head.register_forward_pre_hook(entering)]
    if head.reg_max > 1:
        handles.append(head.dfl.register_forward_pre_hook(distributing))
    with torch.no_grad():
        seen["output0"] = network.eval()(images)[0]
    for handle in handles:
        handle.remove()
    return seen


def assert_same(network: Any, folder: Path, info: dict[str, Any]) -> None:
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    names = [output["name"] for output in info["outputs"]]
    assert [output.name for output in session.get_outputs()] == names
    assert session.get_inputs()[0].name == info["input"]["name"]
    for batch, height, width in SIZES:
        images = torch.rand(batch, 3, height, width, generator=torch.Generator().manual_seed(7))
        expected = reference(network, images)
        found = dict(zip(names, session.run(names, {"images": images.numpy()}), strict=True))
        anchors = sum((height // stride) * (width // stride) for stride in (8, 16, 32))
        assert found["output0"].shape == (batch, 4 + len(info["names"]), anchors)
        for name, value in found.items():
            scale = float(expected[name].abs().max())
            assert np.abs(value - expected[name].numpy()).max() < 1e-4 * max(1.0, scale), name
    embedding = next(output for output in info["outputs"] if output["role"] == "embedding")
    assert found["embedding"].shape == (SIZES[-1][0], embedding["dimensions"])


def test_trained_model(finished: FinishedRun, adapter: ModuleType) -> None:
    info = finished.folder.model_info()
    assert info["schema"] == 1
    assert info["head"] == "dense"
    assert info["names"] == ["disc", "bar"]
    assert info["stride"] == 32
    assert info["imageSize"] == 64
    assert info["dynamic"] is True
    assert [output["role"] for output in info["outputs"]] == ["detections", "embedding", "dfl"]
    weights = finished.folder.path / "weights"
    assert_same(adapter.models.load_checkpoint(str(weights / "best.pt"))[0], weights, info)


def narrow(name: str, folder: Path) -> str:
    """An architecture of Ultralytics with an eighth of its channels and a third of its depth, where they scale."""
    import ultralytics

    source = Path(ultralytics.__file__).parent / "cfg" / "models" / name
    layers = yaml.safe_load(source.read_text())
    if source.stem != "yolov9t":
        layers.pop("scales", None)
        # The attention of 12 comes in 32 channels at least.
        layers |= {"depth_multiple": 0.33, "width_multiple": 0.25 if source.stem == "yolo12" else 0.125}
    layers["nc"] = 3
    folder.mkdir()
    path = folder / source.name
    path.write_text(yaml.safe_dump(layers))
    return str(path)


@pytest.mark.parametrize(
    ("name", "dimensions", "has_dfl"),
    [
        ("yolo26n.yaml", 64 + 128 + 256, False),
        pytest.param("yolov10n.yaml", 64 + 128 + 256, True, marks=pytest.mark.families),
        # Narrow: 256, 512 and 1024 channels enter the head of v3 to v12, as far as a family scales them.
        pytest.param("v3/yolov3.yaml", 32 + 64 + 128, True, marks=pytest.mark.families),
        pytest.param("v5/yolov5.yaml", 32 + 64 + 128, True, marks=pytest.mark.families),
        pytest.param("v9/yolov9t.yaml", 64 + 96 + 128, True, marks=pytest.mark.families),
        ("11/yolo11.yaml", 32 + 64 + 128, True),
        pytest.param("12/yolo12.yaml", 64 + 128 + 256, True, marks=pytest.mark.families),
    ],
)
def test_families(name: str, dimensions: int, has_dfl: bool, adapter: ModuleType, tmp_path: Path) -> None:
    """Every family exports its dense form with full class scores, also where it is end-to-end by default (26, v10)."""
    from al_trainer.exporting import export_model

    torch.manual_seed(0)
    architecture = narrow(name, tmp_path / "narrow") if "/" in name else name
    model = adapter.models.load_base(BaseWeights("architecture", architecture), to_train=False)
    for module in model.model.modules():
        # Fresh batch norms pass everything through; moved ones show that they are exported.
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    network = model.model.float()
    source = tmp_path / "net.pt"
    model.save(str(source))
    before = sorted(tmp_path.iterdir())
    out = tmp_path / "out"
    out.mkdir()
    export_model(BaseWeights("checkpoint", str(source)), 64, out, out)
    assert sorted(path for path in tmp_path.iterdir() if path != out) == before
    info = json.loads((out / "model.json").read_text())
    assert info["head"] == "dense"
    roles = {output["role"]: output for output in info["outputs"]}
    assert roles["embedding"]["dimensions"] == dimensions
    assert ("dfl" in roles) is has_dfl
    # What was saved is half precision.
    network.load_state_dict(adapter.models.load_checkpoint(str(source))[0].state_dict())
    assert_same(network, out, info)


def coco_weights() -> Path:
    folder = os.environ.get("AL_TEST_DATA")
    if not folder:
        pytest.skip("AL_TEST_DATA names no folder with real weights.")
    return Path(folder) / "models" / "yolov8n-coco.pt"


def test_export_job(tmp_path: Path, adapter: ModuleType) -> None:
    """Exports weights as they are: their own classes, no training, no trace beside them."""
    source = coco_weights()
    (tmp_path / "mine").mkdir()
    weights = tmp_path / "mine" / "base.pt"
    weights.write_bytes(source.read_bytes())
    folder = RunFolder(tmp_path / "run").configure(config(str(weights), job="export", classNames=[]))
    process = folder.run()
    assert process.returncode == 0, process.stdout + process.stderr
    result = folder.result()
    assert result["status"] == "finished"
    assert result["weights"] is None
    assert result["optimizer"] is None
    assert result["exportedFrom"] == str(weights)
    own = adapter.models.load_checkpoint(str(weights))[0].names
    assert len(own) == 80
    assert folder.model_info()["names"] == [own[index] for index in range(80)]
    assert [path.name for path in weights.parent.iterdir()] == ["base.pt"]
    assert_same(
        adapter.models.load_checkpoint(str(weights))[0],
        folder.path / result["model"].removesuffix("model.onnx"),
        folder.model_info(),
    )


def test_fine_tuning_starts_from_the_base_weights(tmp_path: Path, adapter: ModuleType) -> None:
    source = coco_weights()
    plan = {"epochs": 2, "learningRate": 1e-5, "warmupEpochs": 0}
    folder = RunFolder(tmp_path / "run", {"train": 8}).configure(config(str(source), plan=plan))
    process = folder.run()
    assert process.returncode == 0, process.stdout + process.stderr
    base = adapter.models.load_checkpoint(str(source))[0].state_dict()
    tuned = adapter.models.load_checkpoint(str(folder.path / "weights" / "best.pt"))[0].state_dict()
    transferred = [name for name in base if base[name].shape == tuned[name].shape and base[name].is_floating_point()]
    assert len(transferred) > 250
    name = "model.4.cv1.conv.weight"
    assert torch.allclose(base[name], tuned[name], atol=1e-3)
    assert not torch.equal(base[name], tuned[name])
    assert folder.model_info()["names"] == ["disc", "bar"]


def test_files_that_are_handed_on_say_nothing_of_the_machine(finished: FinishedRun, adapter: ModuleType) -> None:
    home = str(finished.folder.path.parent)
    weights = finished.folder.path / "weights"
    with zipfile.ZipFile(weights / "best.pt") as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    for name in ("model.onnx", "model.json"):
        texts[name] = (weights / name).read_bytes()
    assert any(name.endswith("data.pkl") for name in texts)
    for name, content in texts.items():
        assert home.encode() not in content, name
        assert str(Path.home()).encode() + b"/" not in content, name
    # What the checkpoint is for stays: Ultralytics goes on from it, and reads its arguments.
    network = adapter.models.YOLO(str(weights / "best.pt"))
    assert network.overrides["task"] == "detect"
    assert network.ckpt["train_args"]["imgsz"] == 64


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/home/me/project/data.yaml", "data.yaml"),
        ("C:\\Users\\me\\data.yaml", "data.yaml"),
        ("\\\\server\\share\\best.pt", "best.pt"),
        ("yolov8n.yaml", "yolov8n.yaml"),
        ({"a": ["/x/y", 3, None], "b": ("/z",)}, {"a": ["y", 3, None], "b": ("z",)}),
        (Path("/home/me/run"), "run"),
        (PureWindowsPath("D:/run"), "run"),
        ("", ""),
    ],
)
def test_paths_become_names(value: object, expected: object) -> None:
    assert without_places(value) == expected
