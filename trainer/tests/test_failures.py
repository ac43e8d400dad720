"""Failures of a run, each with its code, its message and a hint."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from al_trainer.errors import classify
from tests.helpers import RunFolder, config, environment, write_architecture


def real_allocation_failure() -> Exception:
    try:
        torch.empty(1 << 60)
    except RuntimeError as error:
        return error
    raise AssertionError("an exabyte was allocated")


def test_the_memory_error_of_torch_is_recognised() -> None:
    for error in (real_allocation_failure(), MemoryError(), torch.cuda.OutOfMemoryError("CUDA out of memory.")):
        assert classify(error).code == "out-of-memory"
    wrapped = RuntimeError("something else")
    wrapped.__cause__ = real_allocation_failure()
    assert classify(wrapped).code == "out-of-memory"


def test_memory_that_runs_out_in_training(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(config(str(write_architecture(tmp_path))))
    prelude = "import torch\ntorch.optim.AdamW.step = lambda self, *a, **k: torch.empty(1 << 60)"
    assert folder.run(prelude=prelude).returncode == 1
    assert folder.error()["code"] == "out-of-memory"
    assert "batch size" in folder.error()["hint"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_fills_up_while_a_checkpoint_is_written(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(config(str(write_architecture(tmp_path))))
    prelude = (
        "from al_trainer.checkpoints import Checkpoints\n"
        "def fill(self):\n"
        "    self.new_last.unlink(missing_ok=True)\n"
        "    self.new_last.symlink_to('/dev/full')\n"
        "Checkpoints.drop_unfinished = fill"
    )
    assert folder.run(prelude=prelude).returncode == 1
    assert folder.error()["code"] == "disk-full"
    assert folder.result()["optimizer"]["name"] == "AdamW"


def test_a_result_that_cannot_be_written_is_reported_in_the_terminal(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(config("missing.pt"))
    prelude = (
        "import al_trainer.run as r\n"
        "def full(path, value): raise OSError(28, 'No space left on device', str(path))\n"
        "r.write_json = full"
    )
    process = folder.run(prelude=prelude)
    assert process.returncode == 1
    assert "result.json could not be written" in process.stderr
    assert not (folder.path / "result.json").exists()


def test_a_missing_device(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(
        config(str(write_architecture(tmp_path)), device=str(torch.cuda.device_count()))
    )
    assert folder.run().returncode == 1
    assert folder.error()["code"] == "device-missing"
    assert "cpu" in folder.error()["message"]


def test_a_python_without_the_packages(tmp_path: Path) -> None:
    """The bare interpreter beneath the virtual environment: not even PyYAML is there."""
    folder = RunFolder(tmp_path / "run", {}).configure(config(str(write_architecture(tmp_path))))
    command = [sys.executable, "-S", "-m", "al_trainer"]
    run = subprocess.run(
        [*command, str(folder.path)], capture_output=True, text=True, env=environment(tmp_path), check=False
    )
    assert run.returncode == 1
    assert folder.error()["code"] == "packages-missing"
    assert "torch" in folder.error()["message"]
    assert "pip install" in folder.error()["hint"]
    check = subprocess.run(
        [*command, "--check"], capture_output=True, text=True, env=environment(tmp_path), check=False
    )
    assert check.returncode == 3
    assert set(json.loads(check.stdout)["missing"]) >= {"torch", "ultralytics"}


def test_an_unexpected_error_leaves_its_traceback(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(config(str(write_architecture(tmp_path))))
    prelude = "import al_trainer.run as r\ndef f(*a): raise LookupError('surprise')\nr.prepare_environment = f"
    assert folder.run(prelude=prelude).returncode == 1
    assert folder.error()["code"] == "unexpected"
    assert "surprise" in folder.error()["message"]
    assert any("Traceback" in event["message"] for event in folder.events("log"))


def test_pickles_do_not_hide_other_errors() -> None:
    assert classify(ModuleNotFoundError("No module named 'polars'", name="polars")).code == "packages-missing"
    assert classify(pickle.UnpicklingError("x")).code == "unexpected"
    assert classify(zipfile.BadZipFile("x")).code == "unexpected"
    assert "learning rate" in classify(RuntimeError("Training failed: NaN persisted for 4 epochs")).hint
    assert classify(OSError(28, "No space left on device", "/x/last.pt")).where == "/x/last.pt"
    assert classify(RuntimeError("[enforce fail at inline_container.cc] . unexpected pos 64")).code == "disk-full"
