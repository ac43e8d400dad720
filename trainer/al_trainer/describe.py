"""`model.json` for an ONNX file that has none beside it: read from its metadata and its shapes."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

from al_trainer.errors import TrainerError

_HEADS = {"RTDETRDecoder": "rtdetr", "v10Detect": "end2end"}


def describe_onnx(path: Path) -> dict[str, Any]:
    """The content of `model.json` for an Ultralytics detector. The name of the file does not matter.

    @raises TrainerError `weights-broken` for any other file.
    """
    import onnx

    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as error:
        raise _unknown(path, f"it cannot be read ({error})") from error
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    initial = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in initial]
    if len(inputs) != 1 or not model.graph.output:
        raise _unknown(path, f"it has {len(inputs)} inputs and {len(model.graph.output)} outputs")
    if metadata.get("task", "detect") != "detect":
        raise _unknown(path, f"it was made for the task {metadata['task']}")
    names = _literal(metadata, "names", path)
    size = _literal(metadata, "imgsz", path)
    shape = _shape(model.graph.output[0])
    dims = _shape(inputs[0])
    dynamic = not (isinstance(dims[2], int) and isinstance(dims[3], int))
    side = max(size) if dynamic else int(dims[2])
    return {
        "schema": 1,
        "head": _head(path, metadata, shape, len(names), side),
        "names": [str(names[index]) for index in range(len(names))],
        "stride": int(metadata.get("stride", "32")),
        "imageSize": side,
        "dynamic": dynamic,
        "input": {"name": inputs[0].name},
        "outputs": [_output(value, index) for index, value in enumerate(model.graph.output)],
    }


def print_description(path: Path) -> int:
    """Prints the description as one JSON line, or the error. @returns the exit code."""
    try:
        sys.stdout.write(json.dumps(describe_onnx(path)) + "\n")
    except TrainerError as error:
        sys.stdout.write(json.dumps({"error": error.report()}) + "\n")
        return 1
    return 0


def _head(path: Path, metadata: dict[str, str], shape: list[int | str], classes: int, side: int) -> str:
    """By the shape first: six columns mean a head without duplicates, 4 + classes channels a dense one."""
    probed = None
    if any(not isinstance(dim, int) for dim in shape[1:]):
        probed = _probe(path, side)
        shape = list(probed.shape)
    if len(shape) != 3:
        raise _unknown(path, f"its output has the shape {shape}")
    if shape[1] == 4 + classes and shape[2] != 6:
        return "dense"
    if shape[2] != 6:
        raise _unknown(path, f"its output has the shape {shape}, which no decoder knows")
    named = _HEADS.get(metadata.get("head", ""))
    if named is not None or metadata.get("end2end") == "True":
        return named or "end2end"
    # The file does not name its head: boxes within 0…1 are relative, as those of RT-DETR.
    boxes = (_probe(path, side) if probed is None else probed)[0, :, :4]
    return "rtdetr" if float(abs(boxes).max()) <= 2 else "end2end"


def _probe(path: Path, side: int) -> Any:
    """The first output for one image of noise."""
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    noise = np.random.default_rng(0).random((1, 3, side, side), dtype=np.float32)
    return session.run(None, {session.get_inputs()[0].name: noise})[0]


def _output(value: Any, index: int) -> dict[str, Any]:
    shape = _shape(value)
    if index == 0:
        return {"name": value.name, "role": "detections"}
    if value.name == "embedding" and len(shape) == 2 and isinstance(shape[1], int):
        return {"name": value.name, "role": "embedding", "dimensions": shape[1]}
    return {"name": value.name, "role": "dfl" if value.name == "dfl" else "feature"}


def _shape(value: Any) -> list[int | str]:
    return [dim.dim_value or dim.dim_param for dim in value.type.tensor_type.shape.dim]


def _literal(metadata: dict[str, str], key: str, path: Path) -> Any:
    """Ultralytics writes Python literals."""
    try:
        return ast.literal_eval(metadata[key])
    except (KeyError, ValueError, SyntaxError) as error:
        raise _unknown(path, f"its metadata has no readable {key}") from error


def _unknown(path: Path, why: str) -> TrainerError:
    return TrainerError(
        "weights-broken",
        f"{path} is not a detector exported by Ultralytics: {why}.",
        "Choose a detection model that Ultralytics exported to ONNX, or its .pt weights.",
        str(path),
    )
