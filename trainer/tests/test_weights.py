"""Base weights: missing, broken, of another kind, downloaded."""

from __future__ import annotations

import http.server
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

from al_trainer.errors import TrainerError
from al_trainer.offline import NetworkGuard
from al_trainer.weights import ASSETS_URL_VARIABLE, BaseWeights, resolve_weights, user_weights_folder
from tests.helpers import RunFolder, config

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


def test_an_unknown_architecture_is_missing(adapter: ModuleType) -> None:
    with pytest.raises(TrainerError) as caught:
        adapter.models.load_base(BaseWeights("architecture", "yolov99n.yaml"), to_train=True)
    assert caught.value.code == "weights-missing"
    assert "yolov8n.yaml" in caught.value.hint


def broken_files() -> Iterator[tuple[str, bytes | None]]:
    yield "empty", b""
    yield "text", b"this is no checkpoint"
    yield "half a zip", b"PK\x03\x04" + bytes(200)


@pytest.mark.parametrize(("name", "content"), list(broken_files()), ids=lambda value: str(value)[:12])
def test_a_broken_checkpoint_is_named(adapter: ModuleType, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / f"{name}.pt"
    path.write_bytes(content)
    with pytest.raises(TrainerError) as caught:
        adapter.models.load_base(BaseWeights("checkpoint", str(path)), to_train=True)
    assert caught.value.code == "weights-broken"
    assert str(path) in caught.value.message
    assert caught.value.where == str(path)


def test_a_plain_dictionary_is_no_model(adapter: ModuleType, tmp_path: Path) -> None:
    torch.save({"model": {"a": torch.zeros(2)}}, tmp_path / "state.pt")
    with pytest.raises(TrainerError) as caught:
        adapter.models.load_base(BaseWeights("checkpoint", str(tmp_path / "state.pt")), to_train=True)
    assert caught.value.code == "weights-broken"


def test_the_old_yolov5_format_is_recognised(adapter: ModuleType, tmp_path: Path) -> None:
    """A pickle with a class of the old repository's package `models`."""
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
        adapter.models.load_base(BaseWeights("checkpoint", str(tmp_path / "yolov5s.pt")), to_train=True)
    assert caught.value.code == "weights-broken"
    assert "old YOLOv5" in caught.value.message
    assert "yolov5nu.pt" in caught.value.hint


def test_weights_of_another_task_are_refused(adapter: ModuleType) -> None:
    with pytest.raises(TrainerError, match="segment") as caught:
        adapter.models.load_base(BaseWeights("architecture", "yolov8n-seg.yaml"), to_train=True)
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


def test_a_bare_name_does_not_mean_a_file_of_the_run_folder(tmp_path: Path) -> None:
    (tmp_path / "yolov8n.pt").write_bytes(b"somebody put it there")
    places = {"weights_folder": tmp_path / "cache", "run_folder": tmp_path, "guard": NetworkGuard()}
    with pytest.raises(TrainerError) as caught:
        resolve_weights("yolov8n.pt", allow_download=False, **places)
    assert caught.value.code == "weights-missing"
