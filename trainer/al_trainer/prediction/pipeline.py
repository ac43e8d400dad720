"""Reads, predicts and writes images at the same time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

from al_trainer.errors import TrainerError
from al_trainer.prediction.detections import Prediction, Prepared
from al_trainer.prediction.image_queue import POLL_SECONDS, NamedImage
from al_trainer.prediction.prediction_log import PredictionLog

# Images that are decoded ahead of the network, for each image of a batch.
AHEAD = 3
# Batches that wait to be decoded and written while the network runs the next one.
BEHIND = 2


class Predictor(Protocol):
    """The part of a detector that the pipeline uses."""

    def prepare(self, path: str) -> Prepared: ...
    def infer(self, images: Sequence[Prepared]) -> Any:
        """Runs the network on images of one shape. @returns the input of `decode`."""
        ...

    def decode(self, inferred: Any) -> list[Prediction]:
        """One prediction for each image. Called in another thread, while the next `infer` runs."""
        ...

    def alone(self, inferred: Any, index: int) -> Any:
        """The output of `infer` for one image of its batch, as `decode` takes it."""
        ...


def predict_images(
    named: Iterator[NamedImage | None], predictor: Predictor, log: PredictionLog, batch: int, threads: int
) -> tuple[int, float]:
    """Reads images ahead in threads, predicts those of one shape together, and decodes and writes in another thread.

    @returns images, and seconds since the first.
    """
    count, began = 0, 0.0
    reading: list[Decoding] = []
    writing: deque[Future[None]] = deque()
    with (
        ThreadPoolExecutor(max_workers=max(1, threads)) as pool,
        ThreadPoolExecutor(max_workers=1) as writer,
    ):
        open_ended = True
        while open_ended or reading:
            idle = False
            while open_ended and not idle and len(reading) < batch * AHEAD + 1:
                try:
                    image = next(named)
                except StopIteration:
                    open_ended = False
                    break
                if image is None:
                    idle = True
                    continue
                began = began or time.monotonic()
                reading.append((*image, pool.submit(predictor.prepare, image[1])))
            while writing and (len(writing) > BEHIND or writing[0].done()):
                writing.popleft().result()
            if not reading:
                if idle:
                    time.sleep(POLL_SECONDS)
                continue
            chosen, reading = next_batch(reading, batch)
            count += len(chosen)
            writing += [writer.submit(write_lines, lines, log) for lines in predict_batch(chosen, predictor, log)]
        for written in writing:
            written.result()
    return count, time.monotonic() - began if count else 0.0


Lines = Callable[[], Sequence[bytes]]


def write_lines(lines: Lines, log: PredictionLog) -> None:
    log.write(lines())


Decoding = tuple[int, str, "Future[Prepared]"]


def next_batch(waiting: list[Decoding], batch: int) -> tuple[list[Decoding], list[Decoding]]:
    """The first image, and others of its shape that are decoded already, in order. @returns them, and the rest."""
    first = waiting[0]
    shape = shape_of(first[2])
    chosen: list[Decoding] = [first]
    rest: list[Decoding] = []
    for entry in waiting[1:]:
        fits = shape is not None and len(chosen) < batch and entry[2].done() and shape_of(entry[2]) == shape
        (chosen if fits else rest).append(entry)
    return chosen, rest


def shape_of(future: Future[Prepared]) -> tuple[int, ...] | None:
    return None if future.exception() is not None else future.result().pixels.shape


def predict_batch(chosen: Sequence[Decoding], predictor: Predictor, log: PredictionLog) -> list[Lines]:
    """Runs the network on these images. One that cannot be read, or that the model fails on, does not affect the rest.

    @returns functions that make the lines, for another thread.
    """
    image, path, first = chosen[0]
    error = first.exception()
    if error is not None:
        unreadable = str(error) or f"The image {path} cannot be read."
        return [lambda: [log.failed(image, "unreadable-image", unreadable)]]
    images = [future.result() for _, _, future in chosen]
    try:
        inferred = predictor.infer(images)
    except TrainerError:
        raise
    except Exception as failure:
        if len(chosen) > 1:
            return [lines for entry in chosen for lines in predict_batch([entry], predictor, log)]
        broken = f"The model failed on {path}: {failure}"
        return [lambda: [log.failed(image, "worker-crashed", broken)]]
    return [lambda: predicted_lines(chosen, images, inferred, predictor, log)]


def predicted_lines(
    chosen: Sequence[Decoding], images: Sequence[Prepared], inferred: Any, predictor: Predictor, log: PredictionLog
) -> list[bytes]:
    """Decodes a batch. An output that cannot be decoded affects only its image. @returns the lines of the images."""
    try:
        decoded: list[Prediction] | None = predictor.decode(inferred)
    except TrainerError:
        raise
    except Exception:
        decoded = None

    def prediction(at: int) -> Prediction:
        return predictor.decode(predictor.alone(inferred, at))[0] if decoded is None else decoded[at]

    return [
        line_of(entry, image, partial(prediction, at), log)
        for at, (entry, image) in enumerate(zip(chosen, images, strict=True))
    ]


def line_of(entry: Decoding, image: Prepared, decode: Callable[[], Prediction], log: PredictionLog) -> bytes:
    """The line of one image: its prediction, or the reason why there is none."""
    image_id, path, _ = entry
    try:
        return log.predicted(image_id, image.width, image.height, decode())
    except TrainerError:
        raise
    except Exception as failure:
        return log.failed(image_id, "worker-crashed", f"The model's output for {path} cannot be read: {failure}")
