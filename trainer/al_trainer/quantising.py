"""The job `quantise`: an int8 copy of an exported model, calibrated on images of the pool."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from al_trainer.atomic import write_json
from al_trainer.config import Config, PredictOptions
from al_trainer.detections import Prepared
from al_trainer.errors import TrainerError

# Layers at the beginning, whose few channels at high resolution lose most by rounding.
_FIRST_LAYERS = 5
_LAYER = re.compile(r"^/model\.(\d+)/")


def quantise(config: Config, folder: Path, private: Path, check_cancelled: Callable[[], None]) -> None:
    """Writes weights/model.onnx (int8, QDQ) and weights/model.json. @raises TrainerError `export-failed`, …"""
    from al_trainer.detector import Detector, OnnxNetwork

    source = Path(config.weights)
    info = read_info(source)
    options = PredictOptions("own", 0.001, 0.7, 300, None, False, False, False, 1, False)
    detector = Detector(OnnxNetwork(source, config.plan.threads), options, config.plan.image_size)
    images = []
    for path in config.calibration:
        check_cancelled()
        try:
            images.append(detector.prepare(path))
        except ValueError:
            continue
    if not images:
        raise TrainerError(
            "dataset-invalid",
            f"None of the {len(config.calibration)} images for the calibration can be read.",
            "Check the images of the pool.",
        )
    weights = folder / "weights"
    weights.mkdir(exist_ok=True)
    part = private / "int8.onnx"
    write_quantised(source, part, info["input"]["name"], images, private)
    shutil.move(part, weights / "model.onnx")
    write_json(weights / "model.json", info)


def read_info(source: Path) -> dict[str, Any]:
    """model.json beside the model, otherwise what the file itself tells."""
    from al_trainer.describe import describe_onnx

    try:
        info: dict[str, Any] = json.loads(source.with_suffix(".json").read_text(encoding="utf-8"))
    except OSError:
        info = describe_onnx(source)
    return info


def write_quantised(source: Path, target: Path, input_name: str, images: Sequence[Prepared], private: Path) -> None:
    """Static QDQ quantisation: activations uint8, weights int8 for each channel.

    The head stays in float: with one scale for pixels 0…640 and scores 0…1 every score would be 0. Without VNNI,
    products of 8-bit numbers overflow the 16 bits that they are added in: then weights keep 7 bits.
    """
    import onnx
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(quantization.CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left = list(images)

        def get_next(self) -> dict[str, np.ndarray[Any, Any]] | None:
            if not self._left:
                return None
            return {input_name: self._left.pop(0).pixels[None].astype(np.float32) / 255}

    prepared = private / "prepared.onnx"
    # Symbolic inference would need a further package, and finds nothing that the plain one does not.
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    quantization.quantize_static(
        str(prepared),
        str(target),
        Reader(),
        quant_format=quantization.QuantFormat.QDQ,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        per_channel=True,
        reduce_range=not has_vnni(),
        nodes_to_exclude=kept_in_float(onnx.load(str(prepared))),
        extra_options={"CalibMovingAverage": True},
    )


def kept_in_float(model: Any) -> list[str]:
    """Names of the nodes of the head, of the first layers, and of what belongs to no layer, as our own outputs."""
    layers = {node.name: int(found.group(1)) for node in model.graph.node if (found := _LAYER.match(node.name))}
    head = max(layers.values(), default=-1)
    names = [node.name for node in model.graph.node]
    return [name for name in names if layers.get(name, -1) < _FIRST_LAYERS or layers[name] == head]


def has_vnni() -> bool:
    """Whether the processor adds products of 8-bit numbers without overflow; unknown counts as not."""
    try:
        return "vnni" in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
