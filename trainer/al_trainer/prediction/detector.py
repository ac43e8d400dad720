"""Decodes predictions as the TypeScript worker does: both give the same boxes for the same image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from al_trainer.errors import TrainerError
from al_trainer.paths import native_path
from al_trainer.prediction.detections import Boxes, Prediction, Prepared
from al_trainer.prediction.inferred import Candidates, Inferred
from al_trainer.prediction.networks import Network
from al_trainer.prediction.options import PredictOptions
from al_trainer.ultralytics_adapter.models import torch_device
from al_trainer.ultralytics_adapter.prediction import (
    LetterBox,
    imread,
    non_max_suppression,
    scale_boxes,
    xywh2xyxy,
)


class Detector:
    """A network with its options."""

    def __init__(self, network: Network, options: PredictOptions, image_size: int) -> None:
        self._network = network
        self._options = options
        stretch, fixed = network.head == "rtdetr", network.fixed_size is not None
        side = network.fixed_size or math.ceil(image_size / network.stride) * network.stride
        self._letterbox = LetterBox(
            (side, side), auto=not stretch and not fixed, scale_fill=stretch, stride=network.stride
        )

    def prepare(self, path: str) -> Prepared:
        """Reads an image as Ultralytics does. @raises ValueError when it cannot be read."""
        image = imread(native_path(path))
        if image is None:
            raise ValueError(f"The image {path} cannot be read.")
        height, width = image.shape[:2]
        pixels = self._letterbox(image=image)[..., ::-1].transpose(2, 0, 1)
        return Prepared(np.ascontiguousarray(pixels), width, height)

    @torch.inference_mode()
    def infer(self, images: Sequence[Prepared]) -> Inferred:
        """Runs the network. All `pixels` must have the same shape. @returns its output, in host memory."""
        options = self._options
        pixels = to_device([image.pixels for image in images], self._network.device).float() / 255
        wanted = [name for name, on in (("embedding", options.embedding), ("dfl", options.localisation)) if on]
        outputs = self._network.run(pixels, wanted)
        tensors = [*self._candidates(outputs["output0"].float(), outputs.get("dfl"))]
        parts = len(tensors)
        if options.flip:
            mirrored = self._network.run(torch.flip(pixels, [3]).contiguous(), [])
            tensors += self._candidates(mirrored["output0"].float(), None)
        embeddings = outputs.get("embedding")
        if embeddings is not None:
            tensors.append(embeddings.float())
        # One copy for everything: a GPU is idle during each wait.
        host = to_host(tensors)
        return Inferred(
            tuple((image.width, image.height) for image in images),
            (int(pixels.shape[2]), int(pixels.shape[3])),
            Candidates(*host[:parts]),
            Candidates(*host[parts : parts + 3]) if options.flip else None,
            host[-1].numpy() if embeddings is not None else None,
        )

    @torch.inference_mode()
    def decode(self, inferred: Inferred) -> list[Prediction]:
        """Decodes on the processor: one prediction for each image. May run while `infer` runs."""
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
        """The output of the network for one image of a batch."""
        return inferred.alone(index)

    def _candidates(self, output: torch.Tensor, dfl: torch.Tensor | None) -> list[torch.Tensor]:
        """The rows above the threshold, of all images together: the fields of `Candidates`."""
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
        predictions = []
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
                rows[:, :4] = scale_boxes((input_height, input_width), rows[:, :4], (height, width))
            inside = (rows[:, 2] > rows[:, 0]) & (rows[:, 3] > rows[:, 1])
            boxes = Boxes(
                rows[inside].numpy(),
                None if vectors is None else vectors[inside].numpy(),
                None if localisation is None else localisation[inside].numpy(),
            )
            predictions.append((boxes, max(0.0, float(candidates.best[index]))))
        return predictions

    def _dense(
        self, rows: torch.Tensor, dfl: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        options, classes = self._options, self._network.classes
        output = rows.T
        if output.shape[1] == 6:
            # Ultralytics takes six columns for rows of an end-to-end head. The extra column is below every threshold.
            output = torch.cat([output, output.new_zeros(output.shape[0], 1)], 1)
        boxes, kept = non_max_suppression(
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
        return boxes[0][:, :6], vectors, localisation

    def _rows(
        self, rows: torch.Tensor, _dfl: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        rows = rows[: self._options.max_detections].clone()
        rows = rows[rows[:, 4].argsort(descending=True, stable=True)]
        if self._network.head == "rtdetr" and len(rows):
            rows[:, :4] = xywh2xyxy(rows[:, :4])
        return rows, None, None


def to_device(pixels: Sequence[np.ndarray[Any, Any]], device: str) -> torch.Tensor:
    """Images of one shape as one tensor [batch, 3, height, width], on the device. A GPU reads pinned memory itself."""
    target = torch_device(device)
    pinned = target.type == "cuda"
    stacked = torch.empty((len(pixels), *pixels[0].shape), dtype=torch.uint8, pin_memory=pinned)
    np.stack(pixels, out=stacked.numpy())
    return stacked.to(target, non_blocking=pinned)


def to_host(tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Copies of tensors in host memory, after a single wait."""
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
