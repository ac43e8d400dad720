"""Static int8 quantisation of an exported model."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from al_trainer.prediction.detections import Prepared

if TYPE_CHECKING:
    import onnx
    from onnxruntime.quantization import TensorsData

# The layers that lose most by rounding for the time they take, by their index in the families of Ultralytics: the first
# ones, with few channels at high resolution, and the pooling at the end of the backbone.
_SENSITIVE_LAYERS = frozenset({0, 1, 2, 3, 4, 9})
# The next ones: the widest block at stride 16, which the neck reads too, and the stage before the last in the branch of
# the classes, where a few large values leave too few steps for small ones.
_DELICATE_LAYERS = frozenset({6})
_DELICATE_STAGE = re.compile(r"/(?:one2one_)?cv3\.\d+/(?:one2one_)?cv3\.\d+\.1/")
_LAYER = re.compile(r"^/model\.(\d+)/")
# Below it SiLU is nearly 0 (-0.03), whatever its input: the 256 steps are better spent above.
_SILU_FLOOR = -5.0


def read_info(source: Path) -> dict[str, Any]:
    """model.json beside the model; without it, the description that the file itself gives."""
    from al_trainer.describe import describe_onnx

    try:
        info: dict[str, Any] = json.loads(source.with_suffix(".json").read_text(encoding="utf-8"))
    except OSError:
        info = describe_onnx(source)
    return info


def write_quantised(
    source: Path, target: Path, input_name: str, images: Sequence[Prepared], private: Path, *, careful: bool
) -> None:
    """Static QDQ quantisation: activations uint8, weights int8 for each channel.

    The nodes that make boxes stay in float: with one scale for pixels 0…640 and scores 0…1, every score would be 0.
    Without VNNI, sums of 8-bit products overflow their 16 bits: then weights keep 7 bits.
    """
    import onnx
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared, ranges = private / "prepared.onnx", private / "ranges.json"
    # Symbolic shape inference needs another package, and adds nothing here.
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    model = onnx.load(str(prepared))
    quantization.save_tensors_data(_calibrate(prepared, model, input_name, images, private), ranges)
    quantization.quantize_static(
        str(prepared),
        str(target),
        quant_format=quantization.QuantFormat.QDQ,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        per_channel=True,
        reduce_range=not has_vnni(),
        nodes_to_exclude=kept_in_float(model, careful=careful),
        calibration_cache_path=ranges,
    )


def _calibrate(
    prepared: Path, model: onnx.ModelProto, input_name: str, images: Sequence[Prepared], private: Path
) -> TensorsData:
    """The range of every tensor: the mean over the ranges of the images, without the part in which SiLU is almost 0."""
    from onnxruntime import quantization

    class Reader(quantization.CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left = list(images)

        def get_next(self) -> dict[str, np.ndarray[Any, Any]] | None:
            if not self._left:
                return None
            return {input_name: self._left.pop(0).pixels[None].astype(np.float32) / 255}

    augmented = str(private / "augmented.onnx")
    calibrator = quantization.create_calibrator(
        prepared, augmented_model_path=augmented, extra_options={"moving_average": True}
    )
    calibrator.collect_data(Reader())
    ranges = calibrator.compute_data()
    for name in silu_inputs(model):
        if name in ranges:
            lowest, highest = ranges[name].range_value
            floor = np.maximum(lowest, np.float32(_SILU_FLOOR))
            ranges[name] = quantization.TensorData(lowest=floor, highest=np.maximum(highest, floor))
    return ranges


def silu_inputs(model: onnx.ModelProto) -> set[str]:
    """Tensors that are multiplied by their own sigmoid and have no other reader."""
    graph = model.graph
    readers = Counter(name for node in graph.node for name in node.input)
    readers.update(output.name for output in graph.output)
    gates = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Sigmoid"}
    products = [node.input for node in graph.node if node.op_type == "Mul"]
    found = {one for inputs in products for one, other in (inputs, reversed(inputs)) if gates.get(other) == one}
    return {name for name in found if readers[name] == 2}


def kept_in_float(model: onnx.ModelProto, *, careful: bool) -> list[str]:
    """Names of the nodes that are not quantised.

    These are the nodes of the layers that lose most, those that belong to no layer, such as our own outputs, and those
    of the head that make boxes. The convolutions of the head that a SiLU follows are a third of the work: they are
    quantised, with their SiLU. With `careful`, more layers that lose much stay in float.
    """
    layers = {node.name: int(found.group(1)) for node in model.graph.node if (found := _LAYER.match(node.name))}
    head = max(layers.values(), default=-1)
    hidden = silu_inputs(model)
    in_float = _SENSITIVE_LAYERS | _DELICATE_LAYERS if careful else _SENSITIVE_LAYERS

    def is_hidden(node: onnx.NodeProto) -> bool:
        if careful and _DELICATE_STAGE.search(node.name):
            return False
        if node.op_type == "Conv":
            return node.output[0] in hidden
        return node.op_type in ("Sigmoid", "Mul") and not hidden.isdisjoint(node.input)

    def is_kept(node: onnx.NodeProto) -> bool:
        layer = layers.get(node.name, -1)
        return layer < 0 or layer in in_float or (layer == head and not is_hidden(node))

    return [node.name for node in model.graph.node if is_kept(node)]


def has_vnni() -> bool:
    """Whether the processor adds products of 8-bit numbers without overflow. False if this is unknown."""
    try:
        return "vnni" in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
