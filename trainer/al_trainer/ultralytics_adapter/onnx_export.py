"""The ONNX export as Ultralytics writes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ultralytics.utils import DEFAULT_CFG_DICT

from al_trainer.translate import export_failed
from al_trainer.ultralytics_adapter.models import forget_places, is_rtdetr, load_base
from al_trainer.weights import BaseWeights

_OPSET = 17  # IR version 8: every ONNX Runtime since 1.15 reads it.


@dataclass(frozen=True)
class RawExport:
    """An ONNX file as Ultralytics wrote it. `feature_layers`: the layers that feed the head, finest first."""

    path: Path
    names: tuple[str, ...]
    stride: int
    image_size: int
    head_layer: int
    feature_layers: tuple[int, ...]
    is_rtdetr: bool


def export_onnx(base: BaseWeights, image_size: int, private: Path) -> RawExport:
    """Exports with full class scores and symbolic sizes, into `private`. @raises TrainerError `export-failed`."""
    model = load_base(base, to_train=False)
    network = model.model
    head = network.model[-1]
    stride = int(max(network.stride))
    step = max(stride, 32)
    size = -(-image_size // step) * step
    forget_places(network)
    # Ultralytics writes beside the weights: a user's folder must stay as it is.
    network.pt_path = str(private / "model.pt")
    try:
        path = model.export(
            format="onnx",
            dynamic=True,
            simplify=False,
            opset=_OPSET,
            imgsz=size,
            batch=1,
            device="cpu",
            **full_scores(),
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
        is_rtdetr=is_rtdetr(network),
    )


def full_scores() -> dict[str, Any]:
    """The argument that asks for full class scores, if this version of Ultralytics has it."""
    return {"end2end": False} if "end2end" in DEFAULT_CFG_DICT else {}
