"""Loaded models: in torch, and in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import torch

from al_trainer.ultralytics_adapter.models import load_network


class Network(Protocol):
    """A loaded model. `head` as in model.json; `fixed_size`: the side of its input if the graph fixes it."""

    @property
    def head(self) -> str: ...
    @property
    def classes(self) -> int: ...
    @property
    def stride(self) -> int: ...
    @property
    def fixed_size(self) -> int | None: ...
    @property
    def device(self) -> str: ...

    def run(self, pixels: torch.Tensor, wanted: Sequence[str]) -> dict[str, torch.Tensor]:
        """`pixels` [batch, 3, height, width] float 0…1. @returns `output0`, and what it has of `wanted`."""
        ...


class OnnxNetwork:
    """An exported model in ONNX Runtime."""

    def __init__(self, path: Path, threads: int) -> None:
        import onnxruntime

        from al_trainer.describe import describe_onnx

        info = describe_onnx(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input = info["input"]["name"]
        self._outputs = {
            "output0" if output["role"] == "detections" else output["role"]: output["name"]
            for output in info["outputs"]
            if output["role"] != "feature"
        }
        self.head = str(info["head"])
        self.classes = len(info["names"])
        self.stride = int(info["stride"])
        self.fixed_size = None if info["dynamic"] else int(info["imageSize"])
        self.device = "cpu"

    def run(self, pixels: torch.Tensor, wanted: Sequence[str]) -> dict[str, torch.Tensor]:
        roles = ["output0", *(role for role in wanted if role in self._outputs)]
        values = self._session.run([self._outputs[role] for role in roles], {self._input: pixels.numpy()})
        return {role: torch.from_numpy(value) for role, value in zip(roles, values, strict=True)}


class TorchNetwork:
    """Ultralytics weights in torch, with full class scores."""

    fixed_size: int | None = None

    def __init__(self, source: str, device: str) -> None:
        self._network, self.head = load_network(source, device)
        self.device = device
        self.classes = len(self._network.names)
        self.stride = max(int(max(self._network.stride)), 32)

    def run(self, pixels: torch.Tensor, wanted: Sequence[str]) -> dict[str, torch.Tensor]:
        head = self._network.model[-1]
        seen: dict[str, torch.Tensor] = {}
        handles = []
        if "embedding" in wanted:
            handles.append(head.register_forward_pre_hook(lambda _, inputs: seen.update(embedding=pooled(inputs[0]))))
        if "dfl" in wanted and getattr(head, "reg_max", 1) > 1:
            handles.append(head.dfl.register_forward_pre_hook(lambda _, inputs: seen.update(dfl=softened(inputs[0]))))
        try:
            output = self._network(pixels)
        finally:
            for handle in handles:
                handle.remove()
        seen["output0"] = output[0] if isinstance(output, (list, tuple)) else output
        return seen


def pooled(maps: Sequence[torch.Tensor]) -> torch.Tensor:
    """The embedding [batch, d] of the maps that enter the head."""
    return torch.cat([level.mean((2, 3)) for level in maps], 1)


def softened(raw: torch.Tensor) -> torch.Tensor:
    """[batch, 4 · bins, anchors] → distributions [batch, bins, 4, anchors]."""
    return raw.view(raw.shape[0], 4, -1, raw.shape[2]).transpose(2, 1).softmax(1)


def open_network(source: str, device: str, threads: int) -> OnnxNetwork | TorchNetwork:
    """An `.onnx` in ONNX Runtime, on the processor; weights in torch, on `device`."""
    if source.lower().endswith(".onnx"):
        return OnnxNetwork(Path(source), threads)
    return TorchNetwork(source, device)
