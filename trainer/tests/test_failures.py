"""What can go wrong, each with its code, its message and a way out."""

from __future__ import annotations

import http.server
import json
import pickle
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

from tests.helpers import RunFolder, config, environment, write_architecture, write_dataset

WAYS_OUT = ("Choose a .pt file", "allow the download", "yolov8n.yaml")


@pytest.mark.parametrize("source", ["yolov8n.pt", "/nowhere/weights.pt", "some/folder/net.yaml"])
def test_missing_weights_name_the_ways_out(tmp_path: Path, source: str) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(config(source))
    process = folder.run()
    assert process.returncode == 1
    error = folder.error()
    assert error["code"] == "weights-missing"
    assert source in error["message"]
    assert error["where"] == source
    assert all(way in error["hint"] for way in WAYS_OUT)
    assert folder.events()[-1]["kind"] == "failed"
    lines = process.stdout.splitlines()
    assert lines[0] == "al-trainer: training started"
    assert lines[-1] == "al-trainer: training failed"
    assert f"ERROR {source}:1: {error['message']}" in lines


def test_an_unknown_architecture_is_missing(engine: ModuleType) -> None:
    from al_trainer.errors import TrainerError

    with pytest.raises(TrainerError) as caught:
        engine.load_base(engine.BaseWeights("architecture", "yolov99n.yaml"), to_train=True)
    assert caught.value.code == "weights-missing"
    assert "yolov8n.yaml" in caught.value.hint


def broken_files() -> Iterator[tuple[str, bytes | None]]:
    yield "empty", b""
    yield "text", b"this is no checkpoint"
    yield "half a zip", b"PK\x03\x04" + bytes(200)


@pytest.mark.parametrize(("name", "content"), list(broken_files()), ids=lambda value: str(value)[:12])
def test_a_broken_checkpoint_is_named(engine: ModuleType, tmp_path: Path, name: str, content: bytes) -> None:
    from al_trainer.errors import TrainerError

    path = tmp_path / f"{name}.pt"
    path.write_bytes(content)
    with pytest.raises(TrainerError) as caught:
        engine.load_base(engine.BaseWeights("checkpoint", str(path)), to_train=True)
    assert caught.value.code == "weights-broken"
    assert str(path) in caught.value.message
    assert caught.value.where == str(path)


def test_a_plain_dictionary_is_no_model(engine: ModuleType, tmp_path: Path) -> None:
    from al_trainer.errors import TrainerError

    torch.save({"model": {"a": torch.zeros(2)}}, tmp_path / "state.pt")
    with pytest.raises(TrainerError) as caught:
        engine.load_base(engine.BaseWeights("checkpoint", str(tmp_path / "state.pt")), to_train=True)
    assert caught.value.code == "weights-broken"


def test_the_old_yolov5_format_is_recognised(engine: ModuleType, tmp_path: Path) -> None:
    """A pickle whose model is a class of the old repository's package `models`."""
    from al_trainer.errors import TrainerError

    package = type(sys)("models")
    module = type(sys)("models.yolo")
    old = type("Model", (), {"__module__": "models.yolo", "__qualname__": "Model"})
    module.Model = old  # type: ignore[attr-defined]
    sys.modules.update({"models": package, "models.yolo": module})
    try:
        torch.save({"model": old(), "epoch": -1}, tmp_path / "yolov5s.pt")
    finally:
        del sys.modules["models"], sys.modules["models.yolo"]
    with pytest.raises(TrainerError) as caught:
        engine.load_base(engine.BaseWeights("checkpoint", str(tmp_path / "yolov5s.pt")), to_train=True)
    assert caught.value.code == "weights-broken"
    assert "old YOLOv5" in caught.value.message
    assert "yolov5nu.pt" in caught.value.hint


def test_weights_of_another_task_are_refused(engine: ModuleType) -> None:
    from al_trainer.errors import TrainerError

    with pytest.raises(TrainerError, match="segment") as caught:
        engine.load_base(engine.BaseWeights("architecture", "yolov8n-seg.yaml"), to_train=True)
    assert caught.value.code == "weights-broken"


def test_a_broken_base_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "net.pt").write_bytes(b"nothing")
    folder = RunFolder(tmp_path / "run", {}).configure(config(str(tmp_path / "net.pt")))
    assert folder.run().returncode == 1
    assert folder.error()["code"] == "weights-broken"
    assert not (folder.path / ".trainer").exists()


def test_an_exported_model_cannot_be_trained(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(config("/models/net.onnx"))
    folder.run()
    assert folder.error()["code"] == "weights-broken"
    assert "cannot be trained" in folder.error()["hint"]


class _Assets(http.server.BaseHTTPRequestHandler):
    content = b""

    def do_GET(self) -> None:
        found = self.path == "/yolov8n.pt"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(self.content) if found else 0))
        self.end_headers()
        if found:
            self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def assets() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Assets) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_name_is_downloaded_only_after_consent(assets: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from al_trainer.errors import TrainerError
    from al_trainer.offline import NetworkGuard
    from al_trainer.weights import ASSETS_URL_VARIABLE, resolve_weights

    monkeypatch.setenv(ASSETS_URL_VARIABLE, assets)
    monkeypatch.setattr(_Assets, "content", b"weights" * 1000)
    cache = tmp_path / "cache"
    places = {"weights_folder": cache, "run_folder": tmp_path, "guard": NetworkGuard()}
    with pytest.raises(TrainerError, match="not allowed"):
        resolve_weights("yolov8n.pt", allow_download=False, **places)
    found = resolve_weights("yolov8n.pt", allow_download=True, **places)
    assert Path(found.source).read_bytes() == _Assets.content
    assert resolve_weights("yolov8n.pt", allow_download=False, **places) == found
    with pytest.raises(TrainerError, match="404") as caught:
        resolve_weights("yolov99n.pt", allow_download=True, **places)
    assert caught.value.code == "weights-missing"
    assert "allow the download" not in caught.value.hint
    assert all(way in caught.value.hint for way in ("Check the connection", "Choose a .pt file", "yolov8n.yaml"))
    assert [path.name for path in cache.iterdir()] == ["yolov8n.pt"]


def test_a_name_is_found_in_the_users_own_weights_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from al_trainer.offline import NetworkGuard
    from al_trainer.weights import resolve_weights, user_weights_folder

    settings = tmp_path / "config" / "Ultralytics" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"weights_dir": str(tmp_path / "weights"), "sync": True}))
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "mine.pt").touch()
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "config"))
    before = settings.read_bytes()
    found = resolve_weights(
        "mine.pt",
        allow_download=False,
        weights_folder=user_weights_folder(),
        run_folder=tmp_path,
        guard=NetworkGuard(),
    )
    assert found.source == str((tmp_path / "weights" / "mine.pt").resolve())
    assert settings.read_bytes() == before
    if sys.platform != "win32":
        monkeypatch.setattr("os.getuid", lambda: settings.stat().st_uid + 1)
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        file = settings.stat()
        assert user_weights_folder() is None or file.st_uid == 0


def test_a_bare_name_is_no_file_of_the_run_folder(tmp_path: Path) -> None:
    from al_trainer.errors import TrainerError
    from al_trainer.offline import NetworkGuard
    from al_trainer.weights import resolve_weights

    (tmp_path / "yolov8n.pt").write_bytes(b"somebody put it there")
    places = {"weights_folder": tmp_path / "cache", "run_folder": tmp_path, "guard": NetworkGuard()}
    with pytest.raises(TrainerError) as caught:
        resolve_weights("yolov8n.pt", allow_download=False, **places)
    assert caught.value.code == "weights-missing"


def test_links_below_the_private_folder_are_removed_and_not_followed(tmp_path: Path) -> None:
    from al_trainer.run_files import remove_links

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


def test_images_whose_labels_are_all_wrong(tmp_path: Path) -> None:
    """Every image is named that Ultralytics leaves out, and the run fails because none is left."""
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


def test_what_ultralytics_leaves_out_is_in_the_result(tmp_path: Path) -> None:
    """Counted are the images that were trained on, not those that were given."""
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
    from al_trainer.dataset import prepare_dataset
    from al_trainer.errors import TrainerError

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

    from al_trainer.dataset import prepare_dataset

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


def real_allocation_failure() -> Exception:
    try:
        torch.empty(1 << 60)
    except RuntimeError as error:
        return error
    raise AssertionError("an exabyte was allocated")


def test_torchs_own_memory_error_is_recognised() -> None:
    from al_trainer.errors import classify

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


def test_a_result_that_cannot_be_written_is_said_at_least(tmp_path: Path) -> None:
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


def test_a_device_that_is_not_there(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(
        config(str(write_architecture(tmp_path)), device=str(torch.cuda.device_count()))
    )
    assert folder.run().returncode == 1
    assert folder.error()["code"] == "device-missing"
    assert "cpu" in folder.error()["message"]


def test_a_python_without_the_packages(tmp_path: Path) -> None:
    """The bare interpreter beneath the virtual environment: not even PyYAML is there."""
    import subprocess

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
    from al_trainer.errors import classify

    assert classify(ModuleNotFoundError("No module named 'polars'", name="polars")).code == "packages-missing"
    assert classify(pickle.UnpicklingError("x")).code == "unexpected"
    assert classify(zipfile.BadZipFile("x")).code == "unexpected"
    assert "learning rate" in classify(RuntimeError("Training failed: NaN persisted for 4 epochs")).hint
    assert classify(OSError(28, "No space left on device", "/x/last.pt")).where == "/x/last.pt"
    assert classify(RuntimeError("[enforce fail at inline_container.cc] . unexpected pos 64")).code == "disk-full"


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
def test_a_pipe_in_a_run_folder_is_not_waited_for(tmp_path: Path) -> None:
    import os

    folder = RunFolder(tmp_path / "run", {}).configure(config("missing.pt"))
    for name in ("events.jsonl", "pid"):
        os.mkfifo(folder.path / name)
    process = folder.run()
    assert process.returncode == 1
    assert folder.result()["error"]["code"] == "config-invalid"
    assert "events.jsonl" in folder.result()["error"]["message"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of another kind there")
def test_what_a_run_writes_is_private(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {}).configure(config("missing.pt"))
    folder.run()
    for name in ("events.jsonl", "pid", "result.json"):
        assert (folder.path / name).stat().st_mode & 0o077 == 0, name
