"""Small run folders with a generated dataset."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

from tests.processes import TRAINER, Process, fork_trainer, spawn_trainer

CLASS_NAMES = ["disc", "bar"]

# YOLOv8's layers at a width that trains in seconds.
ARCHITECTURE: dict[str, Any] = {
    "nc": 80,
    "scales": {"t": [0.33, 0.0625, 512]},
    "backbone": [
        [-1, 1, "Conv", [64, 3, 2]],
        [-1, 1, "Conv", [128, 3, 2]],
        [-1, 3, "C2f", [128, True]],
        [-1, 1, "Conv", [256, 3, 2]],
        [-1, 6, "C2f", [256, True]],
        [-1, 1, "Conv", [512, 3, 2]],
        [-1, 6, "C2f", [512, True]],
        [-1, 1, "Conv", [1024, 3, 2]],
        [-1, 3, "C2f", [1024, True]],
        [-1, 1, "SPPF", [1024, 5]],
    ],
    "head": [
        [-1, 1, "nn.Upsample", [None, 2, "nearest"]],
        [[-1, 6], 1, "Concat", [1]],
        [-1, 3, "C2f", [512]],
        [-1, 1, "nn.Upsample", [None, 2, "nearest"]],
        [[-1, 4], 1, "Concat", [1]],
        [-1, 3, "C2f", [256]],
        [-1, 1, "Conv", [256, 3, 2]],
        [[-1, 12], 1, "Concat", [1]],
        [-1, 3, "C2f", [512]],
        [-1, 1, "Conv", [512, 3, 2]],
        [[-1, 9], 1, "Concat", [1]],
        [-1, 3, "C2f", [1024]],
        [[15, 18, 21], 1, "Detect", ["nc"]],
    ],
}


def write_architecture(folder: Path, **changes: Any) -> Path:
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump({**ARCHITECTURE, **changes}))
    return path


def write_dataset(folder: Path, train: int = 12, val: int = 4, size: int = 64, seed: int = 1) -> None:
    """Grey noise with bright discs (class 0) and dark bars (class 1)."""
    rng = np.random.default_rng(seed)
    number = 0
    for split, count in (("train", train), ("val", val)):
        (folder / "images" / split).mkdir(parents=True, exist_ok=True)
        (folder / "labels" / split).mkdir(parents=True, exist_ok=True)
        for _ in range(count):
            number += 1
            pixels = rng.normal(128, 12, (size, size, 3))
            rows = []
            for class_id in (0, 1):
                w, h = (16, 16) if class_id == 0 else (24, 8)
                x, y = int(rng.integers(0, size - w)), int(rng.integers(0, size - h))
                pixels[y : y + h, x : x + w] = 230 if class_id == 0 else 25
                rows.append(f"{class_id} {(x + w / 2) / size} {(y + h / 2) / size} {w / size} {h / size}")
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / "images" / split / f"{number}.png")
            (folder / "labels" / split / f"{number}.txt").write_text("\n".join(rows) + "\n")
    description = {"path": ".", "train": "images/train", "val": "images/val", "names": CLASS_NAMES}
    (folder / "data.yaml").write_text(yaml.safe_dump(description))


def config(base: str, **changes: Any) -> dict[str, Any]:
    """A valid config.json that starts from the weights `base`. A change of `plan` is merged into the plan."""
    plan = {
        "epochs": 3,
        "batch": 4,
        "imageSize": 64,
        "learningRate": 0.002,
        "optimizer": "AdamW",
        "cosine": True,
        "warmupEpochs": 1.5,
        "warmupBiasLearningRate": 0.0,
        "nominalBatch": 4,
        "closeMosaic": 1,
        "validateEvery": 2,
        "bestBy": "last",
        "threads": 1,
    }
    return {
        "schema": 1,
        "run": "test-run",
        "nonce": "n0nce",
        "job": "train",
        "dataset": "dataset/data.yaml",
        "classNames": CLASS_NAMES,
        "weights": {"source": base, "allowDownload": False},
        "seed": 0,
        "device": "cpu",
        **{key: value for key, value in changes.items() if key != "plan"},
        "plan": {**plan, **changes.get("plan", {})},
    }


class RunFolder:
    """A run folder under test."""

    def __init__(self, folder: Path, dataset: Mapping[str, int] | None = None) -> None:
        self.path = folder
        folder.mkdir(parents=True, exist_ok=True)
        if dataset is not None:
            (folder / "dataset").mkdir()
            write_dataset(folder / "dataset", **dataset)

    def configure(self, value: Mapping[str, Any]) -> RunFolder:
        (self.path / "config.json").write_text(json.dumps(value))
        return self

    def start(self, *, prelude: str = "", env: Mapping[str, str] | None = None, spawned: bool = False) -> Process:
        """Starts the trainer. `prelude` is Python that runs in its process before it; `spawned`: in a new process."""
        start = spawn_trainer if spawned or not hasattr(os, "fork") else fork_trainer
        return start(self.path, prelude, environment(self.path.parent, env))

    def run(
        self, *, prelude: str = "", env: Mapping[str, str] | None = None, spawned: bool = False
    ) -> subprocess.CompletedProcess[str]:
        process = self.start(prelude=prelude, env=env, spawned=spawned)
        out, err = process.communicate(timeout=200)
        assert process.returncode is not None
        return subprocess.CompletedProcess("al_trainer", process.returncode, out, err)

    def wait_for(self, process: Process, found: Callable[[list[dict[str, Any]]], bool], seconds: float = 120) -> None:
        """Waits until `found` accepts the events. Fails if the process ends before."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found(self.events()):
                return
            if process.poll() is not None:
                out, err = process.communicate()
                raise AssertionError(f"the trainer ended too early ({process.returncode}):\n{out}\n{err}")
            time.sleep(0.02)
        process.kill()
        raise AssertionError(f"no such event in {seconds} s: {self.events()}")

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        path = self.path / "events.jsonl"
        if not path.exists():
            return []
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1].decode()
        events = [json.loads(line) for line in whole.splitlines()]
        return [event for event in events if kind is None or event["kind"] == kind]

    def result(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((self.path / "result.json").read_text())
        return value

    def error(self) -> dict[str, str]:
        """The error of a failed run, which the event and the result report alike."""
        result = self.result()
        assert result["status"] == "failed"
        assert self.events("failed")[-1]["error"] == result["error"]
        error: dict[str, str] = result["error"]
        return error

    def model_info(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((self.path / "weights" / "model.json").read_text())
        return value


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """An empty home, so that the settings of this machine's user do not affect a test."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("YOLO_", "PYTEST", "AL_TRAINER"))}
    return {
        **kept,
        "PYTHONPATH": str(TRAINER),
        "HOME": str(home / "home"),
        "XDG_CONFIG_HOME": str(home / "home" / ".config"),
        "PYTHONUNBUFFERED": "1",
        **(more or {}),
    }
