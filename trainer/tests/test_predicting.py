"""The job `predict`: its files, and one bad image among others."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from al_trainer.prediction.detections import Boxes, Prediction, Prepared
from al_trainer.prediction.image_queue import read_images
from al_trainer.prediction.options import PredictOptions
from al_trainer.prediction.pipeline import predict_images
from al_trainer.prediction.prediction_log import PredictionLog
from tests.conftest import FinishedRun
from tests.helpers import RunFolder, config

OPTIONS = PredictOptions(0.2, 0.7, 300, class_scores_above=0.05, embedding=True, batch=2)


class FakeDetector:
    """A path with `bad` is unreadable; the model fails on an image of 7 pixels."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def prepare(self, path: str) -> Prepared:
        if "bad" in path:
            raise ValueError(f"{path} is bad.")
        side = 7 if "seven" in path else 8
        return Prepared(np.zeros((3, side, side), np.uint8), side, side)

    def infer(self, images: Sequence[Prepared]) -> int:
        self.batches.append(len(images))
        if images[0].width == 7:
            raise RuntimeError("seven")
        return len(images)

    def alone(self, inferred: int, index: int) -> int:
        assert index < inferred
        return 1

    def decode(self, inferred: int) -> list[Prediction]:
        rows = np.array([[1, 2, 3, 4, 0.5, 1]], np.float32)
        vectors = np.array([[0.01, 0.5]], np.float32)
        return [Prediction(Boxes(rows, vectors, None), 0.5, np.array([1, 2], np.float32)) for _ in range(inferred)]


def test_one_line_an_image(tmp_path: Path) -> None:
    jobs: list[tuple[int, str] | None] = [(4, "a"), None, (5, "bad"), (6, "seven"), (7, "b"), (8, "c")]

    def source() -> Iterator[tuple[int, str] | None]:
        yield from jobs

    detector = FakeDetector()
    path = tmp_path / "predictions.jsonl"
    count, _ = predict_images(source(), detector, PredictionLog(path, OPTIONS), 2, 1)
    lines = {line["id"]: line for line in map(json.loads, path.read_text().splitlines())}
    assert count == len(lines) == 5
    assert {job: line.get("code") for job, line in lines.items() if not line["ok"]} == {
        5: "unreadable-image",
        6: "worker-crashed",
    }
    found = lines[4]
    assert (found["width"], found["height"], found["bestScore"]) == (8, 8, 0.5)
    assert found["detections"] == [{"box": [1, 2, 3, 4], "confidence": 0.5, "classId": 1, "classScores": [[1], [0.5]]}]
    assert np.frombuffer(base64.b64decode(found["embedding"]), "<f4").tolist() == [1, 2]
    assert max(detector.batches) <= 2


def test_a_batch_is_decoded_and_written_while_the_network_runs_the_next(tmp_path: Path) -> None:
    next_began = threading.Event()

    class Overlapping(FakeDetector):
        def infer(self, images: Sequence[Prepared]) -> int:
            if self.batches:
                next_began.set()
            return super().infer(images)

        def decode(self, inferred: int) -> list[Prediction]:
            # In a single thread, this would wait for itself.
            assert next_began.wait(20)
            return super().decode(inferred)

    path = tmp_path / "predictions.jsonl"
    count, _ = predict_images(iter([(1, "a"), (2, "b"), (3, "c")]), Overlapping(), PredictionLog(path, OPTIONS), 1, 1)
    assert count == 3
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == [1, 2, 3]


class NumberedDetector:
    """Its images have the names `1`, `2`, …; each subclass fails on image 3."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def prepare(self, path: str) -> Prepared:
        return Prepared(np.zeros((3, 8, 8), np.uint8), int(path), 8)

    def infer(self, images: Sequence[Prepared]) -> list[int]:
        self.batches.append(len(images))
        return [image.width for image in images]

    def alone(self, inferred: list[int], index: int) -> list[int]:
        return [inferred[index]]

    def decode(self, inferred: list[int]) -> list[Prediction]:
        return [Prediction(Boxes(np.zeros((0, 6), np.float32), None, None), number / 10) for number in inferred]


class Undecodable(NumberedDetector):
    def decode(self, inferred: list[int]) -> list[Prediction]:
        if 3 in inferred:
            raise ValueError("odd")
        return super().decode(inferred)


class NoNumber(NumberedDetector):
    def decode(self, inferred: list[int]) -> list[Prediction]:
        found = super().decode(inferred)
        return [Prediction(one.boxes, float("nan") if one.best_score == 0.3 else one.best_score) for one in found]


@pytest.mark.parametrize(("detector", "message"), [(Undecodable(), "odd"), (NoNumber(), "range")])
def test_an_output_that_cannot_be_read_affects_only_its_image(
    detector: NumberedDetector, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "predictions.jsonl"
    predict_images(
        iter([(number, str(number)) for number in range(1, 5)]), detector, PredictionLog(path, OPTIONS), 4, 1
    )
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert {line["id"]: line.get("bestScore") for line in lines} == {1: 0.1, 2: 0.2, 3: None, 4: 0.4}
    assert max(detector.batches) > 1
    failed = next(line for line in lines if not line["ok"])
    assert failed["code"] == "worker-crashed"
    assert "output for 3 cannot be read" in failed["message"]
    assert message in failed["message"]


class OutputNetwork:
    """Gives a fixed output of three classes."""

    head, classes, stride, fixed_size, device = "dense", 3, 32, None, "cpu"

    def __init__(self, output: torch.Tensor, dfl: torch.Tensor) -> None:
        self.output, self.dfl = output, dfl

    def run(self, _pixels: torch.Tensor, wanted: Sequence[str]) -> dict[str, torch.Tensor]:
        return {"output0": self.output, **({"dfl": self.dfl} if "dfl" in wanted else {})}


@pytest.mark.parametrize("candidates", [0, 1, 5, 6, 7, 40])
def test_candidates_alone_give_what_the_whole_output_gives(candidates: int, adapter: ModuleType) -> None:
    """Compares Ultralytics' suppression of the whole output of each image with that of the rows above the threshold."""
    from al_trainer.prediction.detector import Detector, side_entropy

    generator = torch.Generator().manual_seed(candidates)
    output = torch.rand(3, 7, 84, generator=generator)
    output[:, :2] *= 64
    output[:, 2:4] = 4 + output[:, 2:4] * 20
    output[:, 4:] *= 0.19
    for image, count in enumerate([candidates, 0, 11]):
        at = torch.randperm(84, generator=generator)[:count]
        output[image, 4 + at % 3, at] = 0.21 + 0.7 * torch.rand(count, generator=generator)
    dfl = torch.rand(3, 16, 4, 84, generator=generator).softmax(1)
    options = PredictOptions(0.2, 0.7, 300, class_scores_above=0.05, localisation=True, flip=True, batch=3)
    detector = Detector(OutputNetwork(output, dfl), options, 64)
    images = [Prepared(np.zeros((3, 64, 64), np.uint8), 64, 64)] * 3
    inferred = detector.infer(images)
    found = detector.decode(inferred)
    for index, one in enumerate(found):
        alone = detector.decode(detector.alone(inferred, index))
        assert len(alone) == 1
        assert alone[0].best_score == one.best_score
        assert np.array_equal(alone[0].boxes.rows, one.boxes.rows)
        assert np.array_equal(alone[0].boxes.localisation, one.boxes.localisation)
        assert alone[0].flipped is not None
        assert one.flipped is not None
        assert np.array_equal(alone[0].flipped.rows, one.flipped.rows)
    for index, prediction in enumerate(found):
        rows, kept = adapter.prediction.non_max_suppression(
            output[index][None], 0.2, 0.7, nc=3, max_det=300, return_idxs=True
        )
        at = kept[0].view(-1).long()
        expected = rows[0][:, :6]
        expected[:, :4] = expected[:, :4].clamp(0, 64)
        assert prediction.boxes.vectors is not None
        assert prediction.boxes.localisation is not None
        assert np.allclose(prediction.boxes.rows, expected)
        assert np.array_equal(prediction.boxes.vectors, output[index][4:, at].T)
        assert np.allclose(prediction.boxes.localisation, side_entropy(dfl[index][:, :, at]))
        assert prediction.best_score == pytest.approx(float(output[index][4:].max()))
    assert len(found[0].boxes.rows) > 0 or candidates == 0
    assert len(found[1].boxes.rows) == 0


def test_named_images_are_read_while_the_file_grows(tmp_path: Path) -> None:
    path = tmp_path / "images.jsonl"
    jobs = read_images(path, lambda: None)
    assert next(jobs) is None
    path.write_text('{"id": 1, "path": "a"}\n{"id": 2, "pa')
    assert next(jobs) == (1, "a")
    assert next(jobs) is None
    with path.open("a") as file:
        file.write('th": "b"}\n{"end": true}\n{"id": 3, "path": "c"}\n')
    assert next(jobs) == (2, "b")
    with pytest.raises(StopIteration):
        next(jobs)


def predict(folder: RunFolder, source: Path, paths: Sequence[Path], **changes: Any) -> list[dict[str, Any]]:
    options = {
        "predictor": "own",
        "minConfidence": 0.001,
        "iouThreshold": 0.7,
        "maxDetections": 5,
        "classScoresAbove": 0,
        "embedding": True,
        "localisation": True,
        "flip": True,
        "batch": 2,
        "endWithInput": False,
        **changes,
    }
    value = {**config(str(source), job="predict"), "plan": {"imageSize": 64, "threads": 1}, "predict": options}
    folder.configure(value)
    named = [json.dumps({"id": index, "path": str(path)}) for index, path in enumerate(paths)]
    (folder.path / "images.jsonl").write_text("\n".join([*named, '{"end": true}\n']))
    process = folder.run()
    assert process.returncode == 0, process.stdout + process.stderr
    lines = (folder.path / "predictions.jsonl").read_text().splitlines()
    return sorted((json.loads(line) for line in lines), key=lambda line: int(line["id"]))


def test_weights_and_their_export_agree(finished: FinishedRun, tmp_path: Path) -> None:
    """torch and ONNX Runtime give the same boxes, vectors, distributions and embeddings."""
    images = sorted((finished.folder.path / "dataset" / "images" / "val").iterdir())[:3]
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"nothing")
    Image.new("RGB", (50, 90), (200, 30, 30)).save(tmp_path / "tall.png")
    paths = [*images, broken, tmp_path / "tall.png"]
    weights = finished.folder.path / "weights"
    torch_run = RunFolder(tmp_path / "torch")
    by_torch = predict(torch_run, weights / "best.pt", paths)
    by_onnx = predict(RunFolder(tmp_path / "onnx"), weights / "model.onnx", paths)
    assert [line["ok"] for line in by_torch] == [line["ok"] for line in by_onnx] == [True, True, True, False, True]
    assert by_torch[3]["code"] == "unreadable-image"
    assert torch_run.result()["images"] == 5
    assert torch_run.result()["model"] is None
    for one, other in zip(by_torch, by_onnx, strict=True):
        if not one["ok"]:
            continue
        assert one["width"] == other["width"]
        assert abs(one["bestScore"] - other["bestScore"]) < 1e-4
        assert len(one["detections"]) == len(other["detections"]) > 0
        assert len(one["flipped"]) > 0
        best, same = one["detections"][0], other["detections"][0]
        assert np.allclose(best["box"], same["box"], atol=0.05)
        assert np.allclose(best["classScores"][1], same["classScores"][1], atol=1e-3)
        assert 0 < best["localisationEntropy"] <= 1
        assert abs(best["localisationEntropy"] - same["localisationEntropy"]) < 1e-3
        embeddings = [np.frombuffer(base64.b64decode(line["embedding"]), "<f4") for line in (one, other)]
        assert np.allclose(*embeddings, atol=1e-3)
