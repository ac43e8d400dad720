"""config.json, read strictly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from al_trainer.config import Config, open_config, read_config
from al_trainer.errors import TrainerError
from al_trainer.jobs import find_job
from al_trainer.training_plan import TrainOptions, read_train_options
from tests.helpers import RunFolder, config


def write(folder: Path, value: object) -> Path:
    (folder / "config.json").write_text(json.dumps(value))
    return folder


def read(folder: Path) -> tuple[Config, TrainOptions]:
    """A configuration as a run reads it, of the job `train`."""
    reader = open_config(folder)
    common = read_config(reader)
    assert find_job(reader).name == "train"
    return common, read_train_options(reader, folder)


def test_a_valid_config_becomes_plain_data(tmp_path: Path) -> None:
    common, options = read(write(tmp_path, config("net.pt")))
    assert common.run == "test-run"
    assert options.dataset == tmp_path / "dataset" / "data.yaml"
    assert options.class_names == ("disc", "bar")
    assert options.plan.warmup_epochs == 1.5
    assert options.plan.best_by == "last"


def test_unknown_keys_are_ignored(tmp_path: Path) -> None:
    assert read(write(tmp_path, {**config("net.pt"), "tomorrow": 1}))[1].seed == 0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"schema": 2}, "schema 2"),
        ({"job": "dream"}, "job"),
        ({"nonce": ""}, "nonce"),
        ({"classNames": []}, "classNames"),
        ({"classNames": [1]}, "classNames"),
        ({"weights": "net.pt"}, "weights"),
        ({"weights": {"source": "net.pt", "allowDownload": "yes"}}, "weights.allowDownload"),
        ({"seed": -1}, "seed"),
        ({"plan": {"epochs": 0}}, "plan.epochs"),
        ({"plan": {"epochs": True}}, "plan.epochs"),
        ({"plan": {"batch": 2.5}}, "plan.batch"),
        ({"plan": {"imageSize": 16}}, "plan.imageSize"),
        ({"plan": {"learningRate": 0}}, "plan.learningRate"),
        ({"plan": {"learningRate": "0.1"}}, "plan.learningRate"),
        ({"plan": {"optimizer": "auto"}}, "plan.optimizer"),
        ({"plan": {"warmupEpochs": -1}}, "plan.warmupEpochs"),
        ({"plan": {"bestBy": "loss"}}, "plan.bestBy"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(TrainerError) as caught:
        read(write(tmp_path, config("net.pt", **changes)))
    assert caught.value.code == "config-invalid"
    assert named in caught.value.message


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    (folder.path / "config.json").write_text('{\n"schema": 1,\n oops }')
    process = folder.run()
    assert process.returncode == 1
    assert folder.error()["code"] == "config-invalid"
    assert folder.error()["where"].endswith("config.json:3")
    assert "config.json:3: config.json is not JSON" in process.stdout
    assert folder.result()["run"] == "run"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="cannot be read"):
        open_config(tmp_path)
