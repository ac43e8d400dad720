"""Adds outputs to an exported graph: the embedding, and the box distributions of heads that have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import onnx
from onnx import TensorProto, helper, shape_inference

from al_trainer.errors import TrainerError

Head = Literal["dense", "end2end", "rtdetr"]
_LAYER = re.compile(r"^/model\.(\d+)(?:/|$)")
# Versions of ONNX operator sets.
_SOFTMAX_OF_ONE_AXIS = 13
_REDUCE_MAX_TAKES_AXES = 18


@dataclass(frozen=True)
class Outputs:
    """Names of the added outputs. `embedding_size` is the length of the vector; `dfl` None if the head has none."""

    embedding: str
    embedding_size: int
    dfl: str | None


def read_end2end(model: onnx.ModelProto) -> bool:
    """Whether the metadata of Ultralytics names its NMS-free head."""
    return any(entry.key == "end2end" and entry.value == "True" for entry in model.metadata_props)


def add_outputs(model: onnx.ModelProto, head_layer: int, feature_layers: Sequence[int]) -> Outputs:
    """Adds `embedding` [batch, d] and, if the head has it, `dfl` [batch, bins, 4, anchors] to a graph, in place.

    `embedding` concatenates the globally averaged maps that enter the head, in the order of `feature_layers`.
    @raises TrainerError `export-failed` if the graph has an unexpected structure.
    """
    maps = head_inputs(model, head_layer, feature_layers)
    channels = _channels(model, maps)
    graph = model.graph
    pooled = []
    for index, name in enumerate(maps):
        pooled.append(f"embedding_pool_{index}")
        graph.node.append(helper.make_node("GlobalAveragePool", [name], [pooled[-1]], name=f"/embedding/pool_{index}"))
    graph.node.append(helper.make_node("Concat", pooled, ["embedding_maps"], name="/embedding/concat", axis=1))
    graph.node.append(helper.make_node("Flatten", ["embedding_maps"], ["embedding"], name="/embedding/flatten", axis=1))
    graph.output.append(helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", sum(channels)]))
    return Outputs("embedding", sum(channels), _add_dfl(model, head_layer))


def head_inputs(model: onnx.ModelProto, head_layer: int, feature_layers: Sequence[int]) -> list[str]:
    """The tensors that cross from the layers before into the head, in the order of `feature_layers`."""
    producers = {output: node for node in model.graph.node for output in node.output}
    crossing: dict[int, list[str]] = {}
    for node in model.graph.node:
        if _layer(node) != head_layer:
            continue
        for name in node.input:
            producer = producers.get(name)
            layer = None if producer is None else _layer(producer)
            # Layers share constants under the name of the first layer that uses them.
            if producer is None or producer.op_type == "Constant" or layer is None or layer == head_layer:
                continue
            names = crossing.setdefault(layer, [])
            if name not in names:
                names.append(name)
    if sorted(crossing) != sorted(feature_layers) or any(len(names) != 1 for names in crossing.values()):
        raise _failed(f"the head reads {crossing} where the layers {list(feature_layers)} were expected")
    return [crossing[layer][0] for layer in feature_layers]


def _add_dfl(model: onnx.ModelProto, head_layer: int) -> str | None:
    for node in model.graph.node:
        if node.op_type == "Softmax" and _layer(node) == head_layer and "/dfl/" in node.name:
            # Renamed through an Identity: the tensor names of the graph are not part of any contract.
            model.graph.node.append(helper.make_node("Identity", [node.output[0]], ["dfl"], name="/dfl_output"))
            shape: list[str | int | None] = ["batch", "bins", 4, "anchors"]
            model.graph.output.append(helper.make_tensor_value_info("dfl", TensorProto.FLOAT, shape))
            _write_out(model, node)
            return "dfl"
    return None


def _write_out(model: onnx.ModelProto, softmax: onnx.NodeProto) -> None:
    """Replaces a Softmax by its formula, exp(x - max) / sum.

    For any axis but the last, ONNX Runtime's own transposes the tensor twice: a twentieth of the time of YOLOv8n.
    """
    opset = max(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    axis = next((attribute.i for attribute in softmax.attribute if attribute.name == "axis"), -1)
    if opset < _SOFTMAX_OF_ONE_AXIS or axis == -1:
        return
    (source,), (target,) = softmax.input, softmax.output
    name = softmax.name
    axes, highest, shifted, power, total = (f"{name}/{part}" for part in ("axes", "max", "sub", "exp", "sum"))
    model.graph.initializer.append(helper.make_tensor(axes, TensorProto.INT64, [1], [axis]))
    maximum = helper.make_node("ReduceMax", [source, axes], [highest], name=highest)
    if opset < _REDUCE_MAX_TAKES_AXES:
        del maximum.input[1]
        maximum.attribute.append(helper.make_attribute("axes", [axis]))
    written = [
        maximum,
        helper.make_node("Sub", [source, highest], [shifted], name=shifted),
        helper.make_node("Exp", [shifted], [power], name=power),
        helper.make_node("ReduceSum", [power, axes], [total], name=total),
        helper.make_node("Div", [power, total], [target], name=f"{name}/div"),
    ]
    at = list(model.graph.node).index(softmax)
    del model.graph.node[at]
    for offset, node in enumerate(written):
        model.graph.node.insert(at + offset, node)


def _layer(node: onnx.NodeProto) -> int | None:
    found = _LAYER.match(node.name)
    return int(found.group(1)) if found else None


def _channels(model: onnx.ModelProto, names: Sequence[str]) -> list[int]:
    inferred = shape_inference.infer_shapes(model)
    sizes: dict[str, int] = {}
    for info in inferred.graph.value_info:
        dims = info.type.tensor_type.shape.dim
        if len(dims) == 4 and dims[1].dim_value > 0:
            sizes[info.name] = dims[1].dim_value
    missing = [name for name in names if name not in sizes]
    if missing:
        raise _failed(f"the channels of {', '.join(missing)} are unknown")
    return [sizes[name] for name in names]


def finish(model: onnx.ModelProto, target: Path) -> None:
    """Simplifies if onnxslim is installed, checks, and writes the file in one step."""
    finished = _slim(model)
    onnx.checker.check_model(finished)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    onnx.save(finished, str(part))
    part.replace(target)


def _slim(model: onnx.ModelProto) -> onnx.ModelProto:
    try:
        import onnxslim
    except ImportError:
        return model
    names = [output.name for output in model.graph.output]
    slim: Any = onnxslim.slim(model)
    if not isinstance(slim, onnx.ModelProto) or [output.name for output in slim.graph.output] != names:
        return model
    return slim


def _failed(what: str) -> TrainerError:
    return TrainerError(
        "export-failed",
        f"The exported graph cannot be extended: {what}.",
        "The weights themselves are kept. Choose another architecture, or report this with the name of the model.",
    )
