"""weights/model.onnx and weights/model.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from al_trainer.atomic import write_json
from al_trainer.weights import BaseWeights


def export_model(base: BaseWeights, image_size: int, private: Path, weights: Path) -> None:
    """Exports `base` and describes the file. @raises TrainerError `export-failed`, `weights-broken`."""
    import onnx

    from al_trainer import onnx_graph
    from al_trainer.translate import export_failed
    from al_trainer.ultralytics_adapter.onnx_export import export_onnx

    raw = export_onnx(base, image_size, private)
    try:
        model = onnx.load(str(raw.path))
        raw.path.unlink()
        head: onnx_graph.Head = "rtdetr" if raw.is_rtdetr else "end2end" if onnx_graph.read_end2end(model) else "dense"
        added = onnx_graph.add_outputs(model, raw.head_layer, raw.feature_layers)
        input_name = model.graph.input[0].name
        onnx_graph.finish(model, weights / "model.onnx")
    except Exception as error:
        raise export_failed(error, base.source) from error
    outputs: list[dict[str, Any]] = [
        {"name": "output0", "role": "detections"},
        {"name": added.embedding, "role": "embedding", "dimensions": added.embedding_size},
    ]
    if added.dfl is not None:
        outputs.append({"name": added.dfl, "role": "dfl"})
    write_json(
        weights / "model.json",
        {
            "schema": 1,
            "head": head,
            "names": list(raw.names),
            "stride": raw.stride,
            "imageSize": raw.image_size,
            "dynamic": True,
            "input": {"name": input_name},
            "outputs": outputs,
        },
    )
