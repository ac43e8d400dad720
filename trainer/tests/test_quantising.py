"""The job `quantise`, on the model of a small training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper
from PIL import Image

from tests.conftest import FinishedRun
from tests.helpers import RunFolder, config


def quantise(folder: RunFolder, model: Path, images: list[Path], *, careful: bool = False) -> int:
    value = config(str(model), job="quantise")
    value["plan"] = {"imageSize": 64, "threads": 1}
    value["quantise"] = {"images": [str(path) for path in images], "careful": careful}
    return folder.configure(value).run().returncode


def pixels(path: Path) -> np.ndarray:
    image = np.asarray(Image.open(path).convert("RGB"), np.float32) / 255
    return image.transpose(2, 0, 1)[None]


@pytest.mark.parametrize("careful", [False, True])
def test_scores_stay_what_they_are(finished: FinishedRun, tmp_path: Path, careful: bool) -> None:
    source = finished.folder.path / "weights" / "model.onnx"
    images = sorted((finished.folder.path / "dataset" / "images" / "train").iterdir())
    folder = RunFolder(tmp_path / "run")
    assert quantise(folder, source, [*images, tmp_path / "gone.png"], careful=careful) == 0
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
        # With one scale for boxes in pixels and scores, every score would be 0.
        assert fast[0, 4:].max() > 0
        assert np.abs(full[0, 4:] - fast[0, 4:]).max() < 0.05
        assert np.abs(full[0, :4] - fast[0, :4]).max() < 8


@pytest.mark.parametrize(
    ("careful", "in_float", "stages"),
    [
        (False, {0, 1, 2, 3, 4, 9}, [(2, 2), (3, 2)]),
        (True, {0, 1, 2, 3, 4, 6, 9}, [(2, 2), (3, 1), (3, 2)]),
    ],
)
def test_nodes_that_make_boxes_stay_in_float(
    finished: FinishedRun, careful: bool, in_float: set[int], stages: list[tuple[int, int]]
) -> None:
    from al_trainer.quantisation import kept_in_float

    model = onnx.load(str(finished.folder.path / "weights" / "model.onnx"))
    kept = set(kept_in_float(model, careful=careful))
    operators = {node.name: node.op_type for node in model.graph.node}
    assert {"Exp", "Sub"} <= {operators[name] for name in kept}
    convolutions = [name for name, kind in operators.items() if kind == "Conv"]
    layers = {name: int(name.split(".")[1].split("/")[0]) for name in convolutions}
    assert {layers[name] for name in convolutions if name in kept} == {*in_float, 22}
    assert {layers[name] for name in convolutions if name not in kept} == set(layers.values()) - in_float
    # In the head: the ends of both branches at each scale, and what makes lengths of distributions.
    ends = {f"/model.22/cv{b}.{scale}/cv{b}.{scale}.{stage}/" for b, stage in stages for scale in range(3)}
    of_head = {name for name in kept & set(convolutions) if layers[name] == 22}
    assert {name.removesuffix("Conv").removesuffix("conv/") for name in of_head} == {*ends, "/model.22/dfl/"}


def test_steps_are_spent_where_a_silu_tells_them_apart(finished: FinishedRun, tmp_path: Path) -> None:
    from al_trainer.quantisation import silu_inputs

    source = finished.folder.path / "weights" / "model.onnx"
    images = sorted((finished.folder.path / "dataset" / "images" / "train").iterdir())
    full = onnx.load(str(source))
    names = silu_inputs(full)
    assert len(names) == 57
    # Makes the first quantised convolution reach far below 0.
    node = next(node for node in full.graph.node if node.output and node.output[0] in names and "model.5" in node.name)
    bias = next(tensor for tensor in full.graph.initializer if tensor.name == node.input[2])
    low = onnx.numpy_helper.to_array(bias).copy()
    low[0] = -100
    bias.CopyFrom(onnx.numpy_helper.from_array(low, bias.name))
    deep = tmp_path / "deep.onnx"
    onnx.save(full, str(deep))
    folder = RunFolder(tmp_path / "run")
    assert quantise(folder, deep, images) == 0
    graph = onnx.load(str(folder.path / "weights" / "model.onnx")).graph
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    step = next(n for n in graph.node if n.op_type == "QuantizeLinear" and n.input[0] == node.output[0])
    scale, zero = (float(constants[name]) for name in step.input[1:3])
    assert -zero * scale == pytest.approx(-5, abs=scale)


def test_heads_that_need_no_nms_are_quantised_alike() -> None:
    from al_trainer.quantisation import kept_in_float

    def stage(number: int) -> str:
        return f"/model.23/one2one_cv3.0/one2one_cv3.0.{number}/conv"

    value, nodes = "x", []
    for number in (0, 1):
        name = stage(number)
        nodes += [
            helper.make_node("Conv", [value, "w"], [f"{name}.c"], name=f"{name}/Conv"),
            helper.make_node("Sigmoid", [f"{name}.c"], [f"{name}.s"], name=f"{name}/Sigmoid"),
            helper.make_node("Mul", [f"{name}.s", f"{name}.c"], [f"{name}.m"], name=f"{name}/Mul"),
        ]
        value = f"{name}.m"
    nodes.append(helper.make_node("Conv", [value, "w"], ["y"], name=f"{stage(2)}/Conv"))
    model = helper.make_model(helper.make_graph(nodes, "head", [], []))
    ends = {f"{stage(2)}/Conv"}
    assert set(kept_in_float(model, careful=False)) == ends
    assert set(kept_in_float(model, careful=True)) == ends | {f"{stage(1)}/{op}" for op in ("Conv", "Sigmoid", "Mul")}
    # A tensor with another reader does not belong to the SiLU alone.
    model.graph.node.append(helper.make_node("Relu", [f"{stage(0)}.c"], ["z"], name="/model.23/Relu"))
    assert f"{stage(0)}/Conv" in kept_in_float(model, careful=False)


@pytest.mark.parametrize("images", [[], ["missing.png"]])
def test_without_a_readable_image_it_fails(finished: FinishedRun, tmp_path: Path, images: list[str]) -> None:
    folder = RunFolder(tmp_path / "run")
    source = finished.folder.path / "weights" / "model.onnx"
    assert quantise(folder, source, [tmp_path / name for name in images]) == 1
    assert folder.error()["code"] == ("dataset-invalid" if images else "config-invalid")
