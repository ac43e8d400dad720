"""Detections of prepared images, decoded as the TypeScript worker decodes them: one result for one image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from al_trainer import engine
from al_trainer.config import PredictOptions
from al_trainer.detections import Boxes, Prediction, Prepared
from al_trainer.errors import TrainerError


class Network(Protocol):
    """A loaded model. `head` as in model.json; `fixed_size` the side of its input where the graph fixes it."""

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
        """`pixels` [batch, 3, height, width] float 0…1. @returns `output0` and those of `wanted` that there are."""
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
        found = self._session.run([self._outputs[role] for role in roles], {self._input: pixels.numpy()})
        return {role: torch.from_numpy(value) for role, value in zip(roles, found, strict=True)}


class TorchNetwork:
    """Ultralytics weights in torch, with full class scores."""

    fixed_size: int | None = None

    def __init__(self, source: str, device: str) -> None:
        self._network, self.head = engine.load_network(source, device)
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


class Detector:
    """A network with its options."""

    def __init__(self, network: Network, options: PredictOptions, image_size: int) -> None:
        self._network = network
        self._options = options
        stretch, fixed = network.head == "rtdetr", network.fixed_size is not None
        side = network.fixed_size or math.ceil(image_size / network.stride) * network.stride
        self._letterbox = engine.LetterBox(
            (side, side), auto=not stretch and not fixed, scale_fill=stretch, stride=network.stride
        )

    def prepare(self, path: str) -> Prepared:
        """Reads an image as Ultralytics does. @raises ValueError when it cannot be read."""
        image = engine.imread(path)
        if image is None:
            raise ValueError(f"The image {path} cannot be read.")
        height, width = image.shape[:2]
        pixels = self._letterbox(image=image)[..., ::-1].transpose(2, 0, 1)
        return Prepared(np.ascontiguousarray(pixels), width, height)

    @torch.inference_mode()
    def predict(self, images: Sequence[Prepared]) -> list[Prediction]:
        """One prediction an image; all `pixels` must have the same shape."""
        options = self._options
        stacked = torch.from_numpy(np.stack([image.pixels for image in images]))
        if self._network.device != "cpu":
            stacked = stacked.to(engine.torch_device(self._network.device))
        pixels = stacked.float() / 255
        wanted = [name for name, on in (("embedding", options.embedding), ("dfl", options.localisation)) if on]
        outputs = self._network.run(pixels, wanted)
        mirrored = None
        if options.flip:
            outside = self._network.run(torch.flip(pixels, [3]).contiguous(), [])
            mirrored = self._decode(outside, images, pixels.shape[2:], mirror=True)
        plain = self._decode(outputs, images, pixels.shape[2:], mirror=False)
        embeddings = outputs.get("embedding")
        return [
            Prediction(
                boxes,
                best,
                None if embeddings is None else embeddings[index].float().cpu().numpy(),
                None if mirrored is None else mirrored[index][0],
            )
            for index, (boxes, best) in enumerate(plain)
        ]

    def _decode(
        self, outputs: dict[str, torch.Tensor], images: Sequence[Prepared], shape: Sequence[int], *, mirror: bool
    ) -> list[tuple[Boxes, float]]:
        output = outputs["output0"].float()
        decode = self._dense if self._network.head == "dense" else self._rows
        found = []
        for index, image in enumerate(images):
            rows, vectors, localisation, best = decode(output[index], outputs.get("dfl"), index)
            if mirror:
                width = 1.0 if self._network.head == "rtdetr" else float(shape[1])
                rows[:, [0, 2]] = width - rows[:, [2, 0]]
            if self._network.head == "rtdetr":
                rows[:, [0, 2]] *= image.width
                rows[:, [1, 3]] *= image.height
                rows[:, [0, 2]] = rows[:, [0, 2]].clamp(0, image.width)
                rows[:, [1, 3]] = rows[:, [1, 3]].clamp(0, image.height)
            elif len(rows):
                rows[:, :4] = engine.scale_boxes(shape, rows[:, :4], (image.height, image.width))
            inside = ((rows[:, 2] > rows[:, 0]) & (rows[:, 3] > rows[:, 1])).cpu()
            boxes = Boxes(
                rows.cpu()[inside].numpy(),
                None if vectors is None else vectors.cpu()[inside].numpy(),
                None if localisation is None else localisation.cpu()[inside].numpy(),
            )
            found.append((boxes, best))
        return found

    def _dense(
        self, output: torch.Tensor, dfl: torch.Tensor | None, index: int
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None, float]:
        options, classes = self._options, self._network.classes
        if output.shape[0] < 4 + classes:
            raise TrainerError(
                "weights-broken",
                f"The model's output has {output.shape[0]} channels; {classes} classes need {4 + classes}.",
                "Export the model again.",
            )
        found, kept = engine.non_max_suppression(
            output[None],
            options.min_confidence,
            options.iou_threshold,
            max_det=options.max_detections,
            nc=classes,
            return_idxs=True,
        )
        at = kept[0].view(-1).long()
        best = float(output[4 : 4 + classes].max()) if output.shape[1] else 0.0
        vectors = None if options.class_scores_above is None else output[4 : 4 + classes, at].T
        localisation = None if dfl is None else side_entropy(dfl[index][:, :, at])
        return found[0][:, :6], vectors, localisation, best

    def _rows(
        self, output: torch.Tensor, _dfl: torch.Tensor | None, _index: int
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None, float]:
        options = self._options
        rows = output[output[:, 4] > options.min_confidence][: options.max_detections].clone()
        rows = rows[rows[:, 4].argsort(descending=True, stable=True)]
        if self._network.head == "rtdetr" and len(rows):
            rows[:, :4] = engine.xywh2xyxy(rows[:, :4])
        best = max(0.0, float(output[:, 4].max())) if len(output) else 0.0
        return rows, None, None, best


def side_entropy(distributions: torch.Tensor) -> torch.Tensor:
    """Mean over the four sides of -Σ p ln p / ln bins, 0…1. `distributions` [bins, 4, n] → [n]."""
    bins = distributions.shape[0]
    p = distributions.float().clamp_min(1e-12)
    return (-(p * p.log()).sum(0) / math.log(bins)).mean(0).clamp(0, 1)
