"""Links, pipes and modes of files in a run folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from al_trainer.run_files import remove_links
from tests.helpers import RunFolder, config


def test_links_below_the_private_folder_are_removed_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine").symlink_to(tmp_path / "nowhere")
    private = tmp_path / ".trainer"
    (private / "ultralytics").mkdir(parents=True)
    (private / "ultralytics" / "args.yaml").symlink_to(outside / "kept")
    (private / "folder").symlink_to(outside)
    (private / "plain").touch()
    remove_links(private)
    remove_links(tmp_path / "not there")
    assert sorted(path.name for path in private.rglob("*")) == ["plain", "ultralytics"]
    assert (outside / "mine").is_symlink()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize(
    "name",
    [
        "events.jsonl",
        "config.json",
        "result.json",
        "pid",
        ".trainer",
        "weights",
        "weights/last.pt",
        "weights/model.onnx",
    ],
)
def test_links_in_a_run_folder_are_not_followed(tmp_path: Path, name: str) -> None:
    precious = tmp_path / "precious"
    folder = RunFolder(tmp_path / "run", {}).configure(config("missing.pt"))
    if name in (".trainer", "weights"):
        precious.mkdir()
    else:
        precious.write_text("precious")
    (folder.path / "weights").mkdir(exist_ok=True)
    if name == "weights":
        (folder.path / "weights").rmdir()
    (folder.path / name).unlink(missing_ok=True)
    (folder.path / name).symlink_to(precious)
    process = folder.run()
    assert process.returncode == (0 if name == "result.json" else 1)
    assert precious.is_dir() or precious.read_text() == "precious"
    assert not precious.is_dir() or list(precious.iterdir()) == []


@pytest.mark.skipif(not hasattr(__import__("os"), "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_run_folder_does_not_block(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(config("missing.pt"))
    for name in ("events.jsonl", "pid"):
        os.mkfifo(folder.path / name)
    process = folder.run()
    assert process.returncode == 1
    assert folder.result()["error"]["code"] == "config-invalid"
    assert "events.jsonl" in folder.result()["error"]["message"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of another kind there")
def test_the_files_of_a_run_are_private(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(config("missing.pt"))
    folder.run()
    for name in ("events.jsonl", "pid", "result.json"):
        assert (folder.path / name).stat().st_mode & 0o077 == 0, name
