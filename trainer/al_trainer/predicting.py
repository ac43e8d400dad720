"""The job `predict`: detections of images that are named, in images.jsonl, while it runs."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from al_trainer.config import Config
from al_trainer.detections import Prediction, Prepared
from al_trainer.errors import TrainerError
from al_trainer.jobs import POLL_SECONDS, Job, read_jobs
from al_trainer.prediction_log import PredictionLog

# Images that are decoded ahead of the network, for each image of a batch.
AHEAD = 3
# Batches that are decoded and written while the network is at the next one.
BEHIND = 2


class Predictor(Protocol):
    """What the loop needs of a detector."""

    def prepare(self, path: str) -> Prepared: ...
    def infer(self, images: Sequence[Prepared]) -> Any:
        """Runs the network on images of one shape. @returns what `decode` takes."""
        ...

    def decode(self, inferred: Any) -> list[Prediction]:
        """One prediction an image; called in another thread, while the next `infer` runs."""
        ...

    def alone(self, inferred: Any, index: int) -> Any:
        """What `infer` gave for one image of its batch, which `decode` takes, too."""
        ...


def run_jobs(
    jobs: Iterator[Job | None], predictor: Predictor, log: PredictionLog, batch: int, threads: int
) -> tuple[int, float]:
    """Reads images ahead in threads, predicts those of one shape together, and decodes and writes in one more thread.

    @returns images, and seconds from the first.
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
                    job = next(jobs)
                except StopIteration:
                    open_ended = False
                    break
                if job is None:
                    idle = True
                    continue
                began = began or time.monotonic()
                reading.append((*job, pool.submit(predictor.prepare, job[1])))
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
    """The first image, and others of its shape that are decoded already; in order. @returns them, and the rest."""
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
    """Runs the network on these images; one that cannot be read, or that the model fails on, costs itself alone.

    @returns what makes their lines, for another thread.
    """
    job, path, first = chosen[0]
    error = first.exception()
    if error is not None:
        unreadable = str(error) or f"The image {path} cannot be read."
        return [lambda: [log.failed(job, "unreadable-image", unreadable)]]
    images = [future.result() for _, _, future in chosen]
    try:
        inferred = predictor.infer(images)
    except TrainerError:
        raise
    except Exception as failure:
        if len(chosen) > 1:
            return [lines for entry in chosen for lines in predict_batch([entry], predictor, log)]
        broken = f"The model failed on {path}: {failure}"
        return [lambda: [log.failed(job, "worker-crashed", broken)]]
    return [lambda: found_lines(chosen, images, inferred, predictor, log)]


def found_lines(
    chosen: Sequence[Decoding], images: Sequence[Prepared], inferred: Any, predictor: Predictor, log: PredictionLog
) -> list[bytes]:
    """Decodes a batch; an output that cannot be read costs its own image alone. @returns the lines of its images."""
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
    """The line of one image: what was found, or why that cannot be read."""
    job, path, _ = entry
    try:
        return log.found(job, image.width, image.height, decode())
    except TrainerError:
        raise
    except Exception as failure:
        return log.failed(job, "worker-crashed", f"The model's output for {path} cannot be read: {failure}")


def predict(
    config: Config, folder: Path, private: Path, device: str, check_cancelled: Callable[[], None]
) -> tuple[int, float]:
    """Executes the job. @returns images, and seconds from the first one on. @raises TrainerError."""
    options = config.predict
    if options is None:
        raise ValueError("no job `predict`")
    if options.end_with_input:
        end_with_input()
    log = PredictionLog(folder / "predictions.jsonl", options)
    jobs = read_jobs(folder / "images.jsonl", check_cancelled)
    if options.predictor == "ultralytics":
        from al_trainer.reference import run_reference

        return run_reference(jobs, config, options, log, private=private, device=device)
    from al_trainer.detector import Detector, OnnxNetwork, TorchNetwork

    network: OnnxNetwork | TorchNetwork
    if config.weights.lower().endswith(".onnx"):
        network = OnnxNetwork(Path(config.weights), config.plan.threads)
    else:
        network = TorchNetwork(config.weights, device)
    detector = Detector(network, options, config.plan.image_size)
    # A graph with fixed sizes takes one image.
    batch = options.batch if network.fixed_size is None else 1
    return run_jobs(jobs, detector, log, batch, config.plan.threads)


def end_with_input() -> None:
    """Ends this process when its standard input does: a parent that was killed takes it along."""

    def wait() -> None:
        try:
            while sys.stdin.buffer.read(4096):
                pass
        finally:
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
