"""The job `predict`: detections of images that are named, in images.jsonl, while it runs."""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from al_trainer.config import Config, PredictOptions
from al_trainer.detections import Boxes, Prediction, Prepared
from al_trainer.errors import TrainerError

POLL_SECONDS = 0.003
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


Job = tuple[int, str]


def read_jobs(path: Path, check_cancelled: Callable[[], None]) -> Iterator[Job | None]:
    """Tails images.jsonl: `{"id", "path"}` a line, until `{"end": true}`. None = nothing new at the moment."""
    rest = b""
    offset = 0
    while True:
        check_cancelled()
        data = b""
        if path.exists():
            with path.open("rb") as file:
                file.seek(offset)
                data = file.read()
        offset += len(data)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            entry = json.loads(line)
            if entry.get("end") is True:
                return
            yield int(entry["id"]), str(entry["path"])
        if not lines:
            yield None


class PredictionLog:
    """predictions.jsonl: one line an image, in the order in which they are done."""

    def __init__(self, path: Path, options: PredictOptions) -> None:
        self._file = path.open("ab", buffering=0)
        self._options = options

    def found(self, job: int, width: int, height: int, prediction: Prediction) -> bytes:
        options = self._options
        line: dict[str, Any] = {
            "id": job,
            "ok": True,
            "width": width,
            "height": height,
            "bestScore": prediction.best_score,
            "detections": plain_boxes(prediction.boxes, options.class_scores_above),
        }
        if prediction.embedding is not None:
            line["embedding"] = base64.b64encode(prediction.embedding.astype("<f4").tobytes()).decode()
        if prediction.flipped is not None:
            line["flipped"] = plain_boxes(prediction.flipped, None)
        return encode(line)

    def failed(self, job: int, code: str, message: str) -> bytes:
        return encode({"id": job, "ok": False, "code": code, "message": message})

    def write(self, lines: Sequence[bytes]) -> None:
        if lines:
            self._file.write(b"".join(lines))


def encode(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def plain_boxes(boxes: Boxes, above: float | None) -> list[dict[str, Any]]:
    """Boxes as in predictions.jsonl: `box` [x1, y1, x2, y2], `confidence`, `classId`, and what else there is."""
    found = []
    for index, row in enumerate(boxes.rows.tolist()):
        entry: dict[str, Any] = {"box": row[:4], "confidence": row[4], "classId": int(row[5])}
        if boxes.vectors is not None and above is not None:
            ids = np.nonzero(boxes.vectors[index] >= np.float32(above))[0]
            entry["classScores"] = [ids.tolist(), boxes.vectors[index][ids].tolist()]
        if boxes.localisation is not None:
            entry["localisationEntropy"] = float(boxes.localisation[index])
        found.append(entry)
    return found


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
    """Decodes a batch. @returns the lines of its images."""
    try:
        return [
            log.found(job, image.width, image.height, prediction)
            for (job, _, _), image, prediction in zip(chosen, images, predictor.decode(inferred), strict=True)
        ]
    except TrainerError:
        raise
    except Exception as failure:
        return [
            log.failed(job, "worker-crashed", f"The model's output for {path} cannot be read: {failure}")
            for job, path, _ in chosen
        ]


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


def run_reference(
    jobs: Iterator[Job | None],
    config: Config,
    options: PredictOptions,
    log: PredictionLog,
    *,
    private: Path,
    device: str,
) -> tuple[int, float]:
    """Ultralytics' own `predict`, one image after another. @returns images, and seconds from the first one on."""
    from al_trainer import engine
    from al_trainer.describe import describe_onnx

    onnx = config.weights.lower().endswith(".onnx")
    is_rtdetr = (
        describe_onnx(Path(config.weights))["head"] == "rtdetr"
        if onnx
        else engine.load_network(config.weights, "cpu")[1] == "rtdetr"
    )
    run = engine.reference_predict(
        config.weights,
        is_rtdetr=is_rtdetr,
        image_size=config.plan.image_size,
        options=options,
        device=device,
        private=private / "ultralytics",
    )
    count, began = 0, 0.0
    for job in jobs:
        if job is None:
            time.sleep(POLL_SECONDS)
            continue
        began = began or time.monotonic()
        count += 1
        try:
            width, height, rows = run(job[1])
        except OSError as error:
            log.write([log.failed(job[0], "unreadable-image", str(error))])
            continue
        best = float(rows[:, 4].max()) if len(rows) else 0.0
        prediction = Prediction(Boxes(rows, None, None), best)
        log.write([log.found(job[0], width, height, prediction)])
    return count, time.monotonic() - began if count else 0.0


def end_with_input() -> None:
    """Ends this process when its standard input does: a parent that was killed takes it along."""

    def wait() -> None:
        try:
            while sys.stdin.buffer.read(4096):
                pass
        finally:
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
