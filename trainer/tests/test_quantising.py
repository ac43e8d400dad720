"""The job `quantise`, on the model of a small training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from tests.conftest import FinishedRun
from tests.helpers import RunFolder, config


def quantise(folder: RunFolder, model: Path, images: list[Path]) -> int:
    value = config(str(model), job="quantise")
    value["plan"] = {"imageSize": 64, "threads": 1}
    value["quantise"] = {"images": [str(path) for path in images]}
    return folder.configure(value).run().returncode


def pixels(path: Path) -> np.ndarray:
    image = np.asarray(Image.open(path).convert("RGB"), np.float32) / 255
    return image.transpose(2, 0, 1)[None]


def test_scores_stay_what_they_are(finished: FinishedRun, tmp_path: Path) -> None:
    source = finished.folder.path / "weights" / "model.onnx"
    images = sorted((finished.folder.path / "dataset" / "images" / "train").iterdir())
    folder = RunFolder(tmp_path / "run")
    assert quantise(folder, source, [*images, tmp_path / "gone.png"]) == 0
    assert folder.result()["model"] == "weights/model.onnx"
    assert folder.result()["weights"] is None
    assert folder.model_info() == finished.folder.model_info()
    target = folder.path / "weights" / "model.onnx"
    operators = {node.op_type for node in onnx.load(str(target)).graph.node}
    assert "QuantizeLinear" in operators
    sessions = [
        onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (source, target)
    ]
    for path in images[:4]:
        full, fast = (session.run(["output0"], {"images": pixels(path)})[0] for session in sessions)
        # Boxes in pixels beside scores: with one scale for both, every score would be 0.
        assert fast[0, 4:].max() > 0
        assert np.abs(full[0, 4:] - fast[0, 4:]).max() < 0.05
        assert np.abs(full[0, :4] - fast[0, :4]).max() < 8


def test_what_turns_numbers_into_boxes_stays_in_float(finished: FinishedRun) -> None:
    from al_trainer.quantising import kept_in_float

    model = onnx.load(str(finished.folder.path / "weights" / "model.onnx"))
    kept = set(kept_in_float(model))
    operators = {node.name: node.op_type for node in model.graph.node}
    assert {"Softmax", "Sub"} <= {operators[name] for name in kept}
    convolutions = [name for name, kind in operators.items() if kind == "Conv"]
    in_float = {int(name.split(".")[1].split("/")[0]) for name in convolutions if name in kept}
    rounded = {int(name.split(".")[1].split("/")[0]) for name in convolutions if name not in kept}
    assert in_float == {0, 1, 2, 3, 4, 22}
    assert {6, 12, 21} <= rounded
    assert not in_float & rounded


@pytest.mark.parametrize("images", [[], ["missing.png"]])
def test_without_a_readable_image_it_says_so(finished: FinishedRun, tmp_path: Path, images: list[str]) -> None:
    folder = RunFolder(tmp_path / "run")
    source = finished.folder.path / "weights" / "model.onnx"
    assert quantise(folder, source, [tmp_path / name for name in images]) == 1
    assert folder.error()["code"] == ("dataset-invalid" if images else "config-invalid")
