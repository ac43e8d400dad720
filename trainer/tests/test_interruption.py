"""Kill, resume, cancel."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import FinishedRun
from tests.helpers import RunFolder, config, write_architecture

EPOCHS = 6
# Prescribes the values of the validation: so small a training detects nothing.
FITNESS = [0.1, 0.5, 0.2, 0.3, 0.4, 0.2]
PRESCRIBE = f"""
from al_trainer.jobs.train import Train
without_prescription = Train._train
def prescribed(self, *arguments):
    from al_trainer.ultralytics_adapter import recipe_trainer
    original = recipe_trainer.DetectionTrainer.validate
    def validate(trainer):
        metrics, _ = original(trainer)
        fitness = metrics["metrics/mAP50-95(B)"] = {FITNESS}[trainer.epoch]
        trainer.best_fitness = max(trainer.best_fitness or 0, fitness)
        return metrics, fitness
    recipe_trainer.DetectionTrainer.validate = validate
    return without_prescription(self, *arguments)
Train._train = prescribed
"""
# Stays in the validation of the fourth epoch until it is killed, however fast the machine is.
HOLD = (
    PRESCRIBE
    + """
import time
from pathlib import Path
def held(self, *arguments):
    from al_trainer.ultralytics_adapter import recipe_trainer
    original = recipe_trainer.DetectionTrainer.validate
    def validate(trainer):
        if trainer.epoch == 3:
            Path("held").touch()
            time.sleep(600)
        return original(trainer)
    recipe_trainer.DetectionTrainer.validate = validate
    return prescribed(self, *arguments)
Train._train = held
"""
)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A training that SIGKILL ended after its third epoch."""
    home = tmp_path_factory.mktemp("killed")
    plan = {
        "epochs": EPOCHS,
        "optimizer": "SGD",
        "learningRate": 0.01,
        "nominalBatch": 8,
        "warmupEpochs": 0,
        "validateEvery": 1,
        "bestBy": "map50_95",
    }
    folder = RunFolder(home / "run", {"train": 16}).configure(config(str(write_architecture(home)), plan=plan))
    process = folder.start(prelude=HOLD)
    folder.wait_for(process, lambda _: (home / "held").exists())
    process.kill()
    process.communicate()
    assert not (folder.path / "result.json").exists()
    # A run that continues does not need the base weights.
    (home / "tiny.yaml").unlink()
    return folder


def copy(source: RunFolder, target: Path) -> RunFolder:
    shutil.copytree(source.path, target)
    return RunFolder(target)


def test_a_killed_run_continues_from_its_checkpoint(killed: RunFolder, tmp_path: Path, adapter: ModuleType) -> None:
    folder = copy(killed, tmp_path / "run")
    before = folder.events()
    # An incomplete line, as after a kill.
    with (folder.path / "events.jsonl").open("ab") as file:
        file.write(b'{"sequence": 99, "ti')

    process = folder.run(prelude=PRESCRIBE)

    assert process.returncode == 0, process.stdout + process.stderr
    events = folder.events()
    assert events[: len(before)] == before
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    done = folder.events("started")[-1]["resumedAt"]
    assert done == 3
    later = [event["epoch"] for event in events[len(before) :] if event["kind"] == "epoch"]
    assert later == list(range(done + 1, EPOCHS + 1))
    result = folder.result()
    assert result["status"] == "finished"
    assert result["epochsCompleted"] == EPOCHS
    latest = {event["epoch"]: event["seconds"] for event in folder.events("epoch")}
    assert result["trainingSeconds"] == pytest.approx(sum(latest.values()), abs=0.01)
    # 16 images, batch 4, nominal batch 8: two steps an epoch, those before the kill included.
    assert result["optimizer"]["name"] == "SGD"
    assert result["optimizer"]["accumulate"] == 2
    assert result["optimizer"]["steps"] == EPOCHS * 2
    assert result["optimizer"]["learningRate"] == 0.01
    # The best epoch was the second, before the kill.
    latest_metrics = {event["epoch"]: event["values"]["map50_95"] for event in folder.events("metrics")}
    assert list(latest_metrics.values()) == FITNESS
    _, best = adapter.models.load_checkpoint(str(folder.path / result["weights"]))
    assert best["train_metrics"]["metrics/mAP50-95(B)"] == max(FITNESS)


def test_a_broken_checkpoint_falls_back_to_the_one_before(killed: RunFolder, tmp_path: Path) -> None:
    folder = copy(killed, tmp_path / "run")
    last = folder.path / "weights" / "last.pt"
    last.write_bytes(last.read_bytes()[: last.stat().st_size // 2])

    process = folder.run()

    assert process.returncode == 0, process.stdout + process.stderr
    assert [e["code"] for e in folder.events("warning") if e["code"].startswith("checkpoint")] == ["checkpoint-broken"]
    assert folder.events("started")[-1]["resumedAt"] == 2
    assert folder.result()["epochsCompleted"] == EPOCHS


def test_a_run_that_was_killed_during_its_export_only_exports(tmp_path: Path) -> None:
    """Without validation images, so that nothing is validated."""
    folder = RunFolder(tmp_path / "run", {"train": 4, "val": 0}).configure(
        config(str(write_architecture(tmp_path)), plan={"epochs": 2, "validateEvery": 1, "bestBy": "map50_95"})
    )
    prelude = "import os, al_trainer.exporting as e\ne.export_model = lambda *a: os.kill(os.getpid(), 9)"
    assert folder.run(prelude=prelude).returncode == -signal.SIGKILL
    before = folder.events()

    assert folder.run().returncode == 0
    assert {event["kind"] for event in folder.events()[len(before) :]} == {"log", "warning", "started", "finished"}
    assert folder.events("started")[-1]["resumedAt"] == 2
    result = folder.result()
    assert result["status"] == "finished"
    assert result["epochsCompleted"] == 2
    assert result["optimizer"]["steps"] == 2
    assert result["optimizer"]["name"] == "AdamW"
    assert result["finalLoss"] > 0
    assert "no-validation" in [event["code"] for event in folder.events("warning")]
    assert not folder.events("metrics")


def test_without_a_readable_checkpoint_it_starts_from_the_beginning(
    killed: RunFolder, tmp_path: Path, adapter: ModuleType
) -> None:
    from al_trainer.checkpoints import Checkpoints

    files = Checkpoints(copy(killed, tmp_path / "run").path / "weights")
    for path in (files.last, files.previous):
        path.write_bytes(b"not a checkpoint")
    point = files.find_resume_point(adapter.models.inspect_checkpoint)
    assert point.path is None
    assert point.warning is not None
    assert point.warning[0] == "checkpoint-lost"
    assert not files.last.exists()


def test_a_stripped_checkpoint_is_not_resumed(finished: FinishedRun, adapter: ModuleType) -> None:
    info = adapter.models.inspect_checkpoint(finished.folder.path / "weights" / "best.pt")
    assert info is not None
    assert not info.resumable


def test_the_cancel_file_stops_a_run_and_keeps_its_weights(tmp_path: Path, adapter: ModuleType) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(
        config(str(write_architecture(tmp_path)), plan={"epochs": 200, "validateEvery": 0})
    )
    process = folder.start()
    folder.wait_for(process, lambda events: any(e["kind"] == "epoch" and e["epoch"] == 2 for e in events))
    second = folder.run()
    (folder.path / "cancel").touch()
    out, _ = process.communicate(timeout=60)

    assert second.returncode == 5
    assert "works in this folder already" in second.stdout
    assert process.returncode == 0
    assert out.splitlines()[-1] == "al-trainer: training finished (cancelled)"
    result = folder.result()
    assert result["status"] == "cancelled"
    assert 2 <= result["epochsCompleted"] < 200
    assert result["error"] is None
    assert result["model"] is None
    assert folder.events("finished")[-1]["status"] == "cancelled"
    assert not folder.events("metrics")
    model, checkpoint = adapter.models.load_checkpoint(str(folder.path / result["weights"]))
    assert checkpoint["optimizer"] is None
    assert len(model.names) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_run(tmp_path: Path, number: signal.Signals) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(
        config(str(write_architecture(tmp_path)), plan={"epochs": 200, "validateEvery": 1})
    )
    process = folder.start()
    folder.wait_for(process, lambda events: any(e["kind"] == "batch" for e in events))
    process.send_signal(number)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 0, out + err
    assert folder.result()["status"] == "cancelled"
    assert folder.result()["epochsCompleted"] <= 2
    assert folder.events()[-1]["status"] == "cancelled"


def test_a_run_that_is_over_does_not_change(finished: FinishedRun) -> None:
    before = (finished.folder.path / "events.jsonl").read_bytes()
    result = finished.folder.result()
    process = finished.folder.run()
    assert process.returncode == 0
    assert "over already" in process.stdout
    assert (finished.folder.path / "events.jsonl").read_bytes() == before
    assert finished.folder.result() == result
