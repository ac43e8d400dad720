"""Detections of prepared images, decoded as the TypeScript worker decodes them: one result for one image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from al_trainer import engine
from al_trainer.config import PredictOptions
from al_trainer.detections import Boxes, Prediction, Prepared
from al_trainer.errors import TrainerError
from al_trainer.inferred import Candidates, Inferred
from al_trainer.paths import native_path


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
        image = engine.imread(native_path(path))
        if image is None:
            raise ValueError(f"The image {path} cannot be read.")
        height, width = image.shape[:2]
        pixels = self._letterbox(image=image)[..., ::-1].transpose(2, 0, 1)
        return Prepared(np.ascontiguousarray(pixels), width, height)

    @torch.inference_mode()
    def infer(self, images: Sequence[Prepared]) -> Inferred:
        """The network's part; all `pixels` must have the same shape. What it finds is in host memory afterwards."""
        options = self._options
        pixels = to_device([image.pixels for image in images], self._network.device).float() / 255
        wanted = [name for name, on in (("embedding", options.embedding), ("dfl", options.localisation)) if on]
        outputs = self._network.run(pixels, wanted)
        found = [*self._candidates(outputs["output0"].float(), outputs.get("dfl"))]
        parts = len(found)
        if options.flip:
            mirrored = self._network.run(torch.flip(pixels, [3]).contiguous(), [])
            found += self._candidates(mirrored["output0"].float(), None)
        embeddings = outputs.get("embedding")
        if embeddings is not None:
            found.append(embeddings.float())
        # All of it in one go: each wait for a GPU is one in which it has nothing to do.
        host = to_host(found)
        return Inferred(
            tuple((image.width, image.height) for image in images),
            (int(pixels.shape[2]), int(pixels.shape[3])),
            Candidates(*host[:parts]),
            Candidates(*host[parts : parts + 3]) if options.flip else None,
            host[-1].numpy() if embeddings is not None else None,
        )

    @torch.inference_mode()
    def decode(self, inferred: Inferred) -> list[Prediction]:
        """The rest, on the processor: one prediction an image. It may run beside `infer`."""
        plain = self._decode(inferred, inferred.plain, mirror=False)
        mirrored = None if inferred.mirrored is None else self._decode(inferred, inferred.mirrored, mirror=True)
        return [
            Prediction(
                boxes,
                best,
                None if inferred.embeddings is None else inferred.embeddings[index],
                None if mirrored is None else mirrored[index][0],
            )
            for index, (boxes, best) in enumerate(plain)
        ]

    @torch.inference_mode()
    def alone(self, inferred: Inferred, index: int) -> Inferred:
        """What the network gave for one image of a batch."""
        return inferred.alone(index)

    def _candidates(self, output: torch.Tensor, dfl: torch.Tensor | None) -> list[torch.Tensor]:
        """What may become a box, of all images together: the fields of `Candidates`."""
        classes, least = self._network.classes, self._options.min_confidence
        if self._network.head != "dense":
            best = output[:, :, 4].amax(1) if output.shape[1] else output.new_zeros(len(output))
            image, at = torch.nonzero(output[:, :, 4] > least, as_tuple=True)
            return [best, image, output[image, at]]
        if output.shape[1] < 4 + classes:
            raise TrainerError(
                "weights-broken",
                f"The model's output has {output.shape[1]} channels; {classes} classes need {4 + classes}.",
                "Export the model again.",
            )
        scores = output[:, 4 : 4 + classes].amax(1)
        best = scores.amax(1) if scores.shape[1] else output.new_zeros(len(output))
        image, at = torch.nonzero(scores > least, as_tuple=True)
        rows = output.transpose(1, 2)[image, at]
        return [best, image, rows] if dfl is None else [best, image, rows, dfl.permute(0, 3, 1, 2)[image, at]]

    def _decode(self, inferred: Inferred, candidates: Candidates, *, mirror: bool) -> list[tuple[Boxes, float]]:
        decode = self._dense if self._network.head == "dense" else self._rows
        input_height, input_width = inferred.shape
        counts = torch.bincount(candidates.image, minlength=len(inferred.sizes)).tolist()
        of_images = torch.split(candidates.rows, counts)
        distributions = None if candidates.dfl is None else torch.split(candidates.dfl, counts)
        found = []
        for index, (width, height) in enumerate(inferred.sizes):
            rows, vectors, localisation = decode(
                of_images[index], None if distributions is None else distributions[index]
            )
            if mirror:
                edge = 1.0 if self._network.head == "rtdetr" else float(input_width)
                rows[:, [0, 2]] = edge - rows[:, [2, 0]]
            if self._network.head == "rtdetr":
                rows[:, [0, 2]] = (rows[:, [0, 2]] * width).clamp(0, width)
                rows[:, [1, 3]] = (rows[:, [1, 3]] * height).clamp(0, height)
            elif len(rows):
                rows[:, :4] = engine.scale_boxes((input_height, input_width), rows[:, :4], (height, width))
            inside = (rows[:, 2] > rows[:, 0]) & (rows[:, 3] > rows[:, 1])
            boxes = Boxes(
                rows[inside].numpy(),
                None if vectors is None else vectors[inside].numpy(),
                None if localisation is None else localisation[inside].numpy(),
            )
            found.append((boxes, max(0.0, float(candidates.best[index]))))
        return found

    def _dense(
        self, rows: torch.Tensor, dfl: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        options, classes = self._options, self._network.classes
        output = rows.T
        if output.shape[1] == 6:
            # Ultralytics takes six columns for rows of an end-to-end head. The one more is below every threshold.
            output = torch.cat([output, output.new_zeros(output.shape[0], 1)], 1)
        found, kept = engine.non_max_suppression(
            output[None],
            options.min_confidence,
            options.iou_threshold,
            max_det=options.max_detections,
            nc=classes,
            return_idxs=True,
        )
        at = kept[0].view(-1).long()
        vectors = None if options.class_scores_above is None else rows[at, 4 : 4 + classes]
        localisation = None if dfl is None else side_entropy(dfl[at].permute(1, 2, 0))
        return found[0][:, :6], vectors, localisation

    def _rows(
        self, rows: torch.Tensor, _dfl: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        rows = rows[: self._options.max_detections].clone()
        rows = rows[rows[:, 4].argsort(descending=True, stable=True)]
        if self._network.head == "rtdetr" and len(rows):
            rows[:, :4] = engine.xywh2xyxy(rows[:, :4])
        return rows, None, None


def to_device(pixels: Sequence[np.ndarray[Any, Any]], device: str) -> torch.Tensor:
    """Images of one shape as one tensor [batch, 3, height, width]; to a GPU from memory that it reads by itself."""
    target = engine.torch_device(device)
    pinned = target.type == "cuda"
    stacked = torch.empty((len(pixels), *pixels[0].shape), dtype=torch.uint8, pin_memory=pinned)
    np.stack(pixels, out=stacked.numpy())
    return stacked.to(target, non_blocking=pinned)


def to_host(tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Copies in host memory, after one wait for all of them."""
    if not any(tensor.is_cuda for tensor in tensors):
        return [tensor.cpu() for tensor in tensors]
    copies = [torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True) for tensor in tensors]
    for copy, tensor in zip(copies, tensors, strict=True):
        copy.copy_(tensor, non_blocking=True)
    torch.cuda.current_stream(next(tensor.device for tensor in tensors if tensor.is_cuda)).synchronize()
    return copies


def side_entropy(distributions: torch.Tensor) -> torch.Tensor:
    """Mean over the four sides of -Σ p ln p / ln bins, 0…1. `distributions` [bins, 4, n] → [n]."""
    bins = distributions.shape[0]
    p = distributions.float().clamp_min(1e-12)
    return (-(p * p.log()).sum(0) / math.log(bins)).mean(0).clamp(0, 1)
