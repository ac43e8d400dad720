"""A finished run, seen from its folder and from the probe inside its process."""

from __future__ import annotations

import json
import math
from types import ModuleType
from typing import Any

import pytest
import torch

from al_trainer.weights import BaseWeights
from tests.conftest import FinishedRun
from tests.helpers import CLASS_NAMES


def probe(run: FinishedRun) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(run.probe.read_text())
    return value


def test_result_names_everything(finished: FinishedRun) -> None:
    result = finished.folder.result()
    assert result["schema"] == 1
    assert result["run"] == "test-run"
    assert result["status"] == "finished"
    assert result["error"] is None
    assert result["device"] == "cpu"
    assert result["epochsCompleted"] == 3
    for key in ("weights", "model", "modelInfo"):
        assert (finished.folder.path / result[key]).is_file()
    assert set(result["packages"]) >= {"python", "torch", "ultralytics"}
    epochs = finished.folder.events("epoch")
    assert result["trainingSeconds"] == pytest.approx(sum(event["seconds"] for event in epochs), abs=0.01)
    assert result["finalLoss"] == pytest.approx(sum(epochs[-1]["losses"].values()), abs=1e-5)


def test_events_follow_the_contract(finished: FinishedRun) -> None:
    events = finished.folder.events()
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert all(event["time"].endswith("Z") for event in events)
    (started,) = finished.folder.events("started")
    assert started["epochs"] == 3
    assert started["device"] == "cpu"
    assert "resumedAt" not in started
    epochs = finished.folder.events("epoch")
    assert [event["epoch"] for event in epochs] == [1, 2, 3]
    for event in epochs:
        assert set(event["losses"]) == {"box_loss", "cls_loss", "dfl_loss"}
        assert event["epochs"] == 3
        assert event["learningRate"] > 0
    batches = finished.folder.events("batch")
    assert batches[0]["epoch"] == 1
    assert all(1 <= event["batch"] <= event["batches"] == 4 for event in batches)
    assert events[-1]["kind"] == "finished"
    assert events[-1]["status"] == "finished"


def test_only_the_planned_epochs_are_validated(finished: FinishedRun) -> None:
    metrics = finished.folder.events("metrics")
    assert [event["epoch"] for event in metrics] == [2, 3]
    assert all(set(event["values"]) == {"precision", "recall", "map50", "map50_95"} for event in metrics)


def test_folder_holds_only_files_of_the_contract(finished: FinishedRun) -> None:
    path = finished.folder.path
    assert {p.name for p in path.iterdir()} == {
        "config.json",
        "dataset",
        "pid",
        "events.jsonl",
        "weights",
        "result.json",
    }
    assert {p.name for p in (path / "weights").iterdir()} == {"last.pt", "best.pt", "model.onnx", "model.json"}
    assert {p.suffix for p in (path / "dataset").rglob("*") if p.is_file()} == {".png", ".txt", ".yaml"}


def test_pid_file_names_the_process(finished: FinishedRun) -> None:
    owner = json.loads((finished.folder.path / "pid").read_text())
    assert owner["pid"] == finished.folder.events("started")[0]["pid"]
    assert owner["nonce"] == "n0nce"
    assert isinstance(owner["startTime"], str)


def test_terminal_is_readable(finished: FinishedRun) -> None:
    lines = finished.terminal.splitlines()
    assert lines[0] == "al-trainer: training started"
    assert lines[-1] == "al-trainer: training finished"
    assert any(line.startswith("epoch 3/3  box_loss ") for line in lines)
    assert any(line.startswith("validation after epoch 3") and "map50_95" in line for line in lines)
    assert "\x1b" not in finished.terminal
    assert "\r" not in finished.terminal


def test_plan_reaches_the_live_optimizer(finished: FinishedRun) -> None:
    """The numbers come from inside `AdamW.step`, not from the trainer."""
    steps = probe(finished)["steps"]
    # 13 images in batches of 4: 4 batches an epoch, nominal batch 4: each one a step.
    assert len(steps) == 3 * 4
    warmup, epochs, final = 6, 3, 0.01

    def cosine(epoch: int) -> float:
        return ((1 - math.cos(epoch * math.pi / epochs)) / 2) * (final - 1) + 1

    for index, groups in enumerate(steps):
        rates = {group["param_group"]: group["lr"] for group in groups}
        target = 0.002 * cosine(index // 4)
        if index <= warmup:
            share = index / warmup
            assert rates["weight"] == pytest.approx(share * target)
            assert rates["bn"] == pytest.approx(share * target)
            assert rates["bias"] == pytest.approx(0.05 + share * (target - 0.05))
        else:
            assert list(rates.values()) == pytest.approx([target] * 3)
    first = {group["param_group"]: group for group in steps[0]}
    assert all(group["initial_lr"] == 0.002 for group in first.values())
    assert first["weight"]["weight_decay"] == pytest.approx(0.0005)
    assert first["bn"]["weight_decay"] == first["bias"]["weight_decay"] == 0.0
    assert all(group["tensors"] > 10 for group in first.values())


def test_batches_have_the_planned_size(finished: FinishedRun) -> None:
    shapes = probe(finished)["batches"]
    assert shapes == [[4, 3, 64, 64], [4, 3, 64, 64], [4, 3, 64, 64], [1, 3, 64, 64]] * 3
    assert probe(finished)["threads"] == 1


def test_result_holds_the_live_optimizer(finished: FinishedRun) -> None:
    optimizer = finished.folder.result()["optimizer"]
    steps = probe(finished)["steps"]
    assert optimizer["name"] == "AdamW"
    assert optimizer["learningRate"] == steps[0][0]["initial_lr"] == 0.002
    assert optimizer["steps"] == len(steps)
    assert optimizer["warmupBiasLearningRate"] == 0.05
    assert optimizer["warmupSteps"] == 6
    assert optimizer["batch"] == 4
    assert optimizer["imageSize"] == 64
    assert optimizer["accumulate"] == 1


def test_nothing_tried_to_reach_another_machine(finished: FinishedRun) -> None:
    assert probe(finished)["attempts"] == []


def test_same_seed_gives_the_same_weights(finished: FinishedRun, twin: FinishedRun, adapter: ModuleType) -> None:
    first, second = (
        adapter.models.load_checkpoint(str(run.folder.path / "weights" / "best.pt"))[0].state_dict()
        for run in (finished, twin)
    )
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    # The weights are trained: those of the initialisation would be the same in both runs anyway.
    untrained = adapter.models.load_base(
        BaseWeights("architecture", str(finished.probe.parent / "tiny.yaml")), to_train=True
    )
    assert not torch.equal(first["model.0.conv.weight"], untrained.model.state_dict()["model.0.conv.weight"])


def test_last_weights_are_the_chosen_ones(finished: FinishedRun, adapter: ModuleType) -> None:
    last, best = (
        adapter.models.load_checkpoint(str(finished.folder.path / "weights" / name)) for name in ("last.pt", "best.pt")
    )
    assert best[1]["optimizer"] is None
    assert [best[0].names[index] for index in range(len(best[0].names))] == CLASS_NAMES
    assert all(torch.equal(a, b) for a, b in zip(last[0].parameters(), best[0].parameters(), strict=True))
