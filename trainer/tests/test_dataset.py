"""The snapshot of a run: its checks, its description for Ultralytics, and images that are left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from al_trainer.dataset import prepare_dataset
from al_trainer.errors import TrainerError
from tests.helpers import RunFolder, config, write_architecture, write_dataset


def test_images_whose_labels_are_all_wrong(tmp_path: Path) -> None:
    """The run reports every image that Ultralytics leaves out, and fails because none is left."""
    folder = RunFolder(tmp_path / "run", {"train": 3, "val": 1}).configure(config(str(write_architecture(tmp_path))))
    labels = sorted((folder.path / "dataset" / "labels" / "train").iterdir())
    for label in labels:
        label.write_text("7 0.5 0.5 0.2 0.2\n")
    assert folder.run().returncode == 1
    assert folder.error()["code"] == "dataset-invalid"
    ignored = [event for event in folder.events("warning") if event["code"] == "image-ignored"]
    assert [event["image"] for event in ignored] == sorted(int(label.stem) for label in labels)
    assert all(event["split"] == "train" and "class 7" in event["reason"] for event in ignored)
    assert not any(str(folder.path) in event["message"] for event in ignored)


def test_images_that_ultralytics_leaves_out_are_in_the_result(tmp_path: Path) -> None:
    """The counts are those of the images that were trained on, not of the snapshot."""
    folder = RunFolder(tmp_path / "run", {"train": 5, "val": 2}).configure(
        config(str(write_architecture(tmp_path)), plan={"epochs": 1})
    )
    images = folder.path / "dataset" / "images"
    truncated = images / "train" / "2.png"
    truncated.write_bytes(truncated.read_bytes().replace(b"IEND", b"IENX"))
    (folder.path / "dataset" / "labels" / "train" / "4.txt").write_text("0 2.5 0.5 0.2 0.2\n")
    (images / "val" / "7.png").write_bytes(b"no image")
    assert folder.run().returncode == 0
    dataset = folder.result()["dataset"]
    assert (dataset["trainImages"], dataset["trainBoxes"], dataset["valImages"]) == (3, 6, 1)
    assert [(entry["image"], entry["split"]) for entry in dataset["leftOut"]] == [
        (2, "train"),
        (4, "train"),
        (7, "val"),
    ]
    assert all(entry["reason"] and str(folder.path) not in entry["reason"] for entry in dataset["leftOut"])


def test_the_dataset_is_checked_before_torch_sees_it(tmp_path: Path) -> None:
    names = ("disc", "bar")

    def refused(match: str) -> None:
        with pytest.raises(TrainerError, match=match) as caught:
            prepare_dataset(tmp_path / "data.yaml", names, tmp_path)
        assert caught.value.code == "dataset-invalid"
        assert caught.value.where

    refused("cannot be read")
    (tmp_path / "data.yaml").write_text("names: [a\n")
    refused("is not YAML")
    write_dataset(tmp_path, train=2, val=1)
    names = ("bar", "disc")
    refused("differ from the run's classes")
    names = ("disc", "bar")
    for label in (tmp_path / "labels" / "train").iterdir():
        label.write_text("\n")
    refused("nothing to learn from")
    for image in (tmp_path / "images" / "train").iterdir():
        image.unlink()
    refused("no image to train on")


def test_the_description_for_ultralytics_is_bare(tmp_path: Path) -> None:
    import yaml

    write_dataset(tmp_path, train=2, val=1)
    source = tmp_path / "data.yaml"
    source.write_text(source.read_text() + "download: 'import os'\n")
    (tmp_path / "labels" / "train.cache").write_bytes(b"stale")
    private = tmp_path / "private"
    private.mkdir()
    found = prepare_dataset(source, ("disc", "bar"), private)
    assert (found.train_images, found.val_images) == (2, 1)
    described = yaml.safe_load(found.description.read_text())
    assert set(described) == {"train", "val", "names"}
    assert Path(described["train"]).is_absolute()
    assert not (tmp_path / "labels" / "train.cache").exists()
