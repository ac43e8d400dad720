"""The small parts."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch

from al_trainer import packages, process
from al_trainer.atomic import write_json
from al_trainer.checkpoints import Checkpoints
from al_trainer.console import say
from al_trainer.events import EventLog
from al_trainer.offline import is_local
from al_trainer.paths import native_path
from al_trainer.progress import Progress
from al_trainer.training_plan import is_validation_epoch
from tests.helpers import TRAINER, environment


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_events_are_numbered_across_writers(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    EventLog(path).write("log", {"message": "ä"})
    with path.open("ab") as file:
        file.write(b'{"sequence": 7, "kind": "lo')
    log = EventLog(path)
    log.write("log", {"message": "b"})
    log.write("log", {"message": "c"})
    assert [event["sequence"] for event in lines(path)] == [1, 2, 3]
    assert [event["message"] for event in log.earlier] == ["ä"]


def test_a_diverged_loss_is_written_as_null(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    progress = Progress(EventLog(path))
    progress.epoch(1, 2, 1.0, {"box_loss": float("nan"), "cls_loss": 1.0}, 0.1)
    assert lines(path)[0]["losses"] == {"box_loss": None, "cls_loss": 1.0}
    assert progress.final_loss() is None
    assert Progress(EventLog(path)).final_loss() is None


def test_batch_events_are_thinned_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.1, 0.49, 0.5, 0.99, 1.2])
    monkeypatch.setattr("al_trainer.progress.time.monotonic", lambda: next(clock))
    path = tmp_path / "events.jsonl"
    progress = Progress(EventLog(path))
    for number in range(1, 7):
        progress.batch(1, number, 6)
    assert [event["batch"] for event in lines(path)] == [1, 4, 6]


def test_json_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": 1}


def test_the_checkpoint_before_last_is_kept(tmp_path: Path) -> None:
    files = Checkpoints(tmp_path)
    for number in (b"1", b"2", b"3"):
        files.new_last.write_bytes(number)
        files.new_best.write_bytes(number)
        files.rotate(keep_best=number == b"2")
    assert files.last.read_bytes() == b"3"
    assert files.previous.read_bytes() == b"2"
    assert files.best.read_bytes() == b"2"
    assert {path.name for path in tmp_path.iterdir()} == {"last.pt", "previous.pt", "best.pt"}


@pytest.mark.parametrize(("every", "expected"), [(0, [7]), (1, [1, 2, 3, 4, 5, 6, 7]), (3, [3, 6, 7]), (10, [7])])
def test_validation_rhythm(every: int, expected: list[int]) -> None:
    assert [epoch for epoch in range(1, 8) if is_validation_epoch(epoch, 7, every)] == expected


def test_a_process_is_known_by_its_start(tmp_path: Path) -> None:
    own = process.start_time(os.getpid())
    assert process.is_alive(os.getpid(), own)
    if sys.platform.startswith("linux"):
        stat = Path("/proc/self/stat").read_text()
        assert own == stat.rpartition(")")[2].split()[19]
        assert not process.is_alive(os.getpid(), str(int(own) + 1))
    process.write_pid(tmp_path, "n")
    assert process.other_owner(tmp_path) is None
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    write_json(tmp_path / "pid", {"pid": child.pid, "startTime": process.start_time(child.pid), "nonce": "n"})
    assert process.other_owner(tmp_path) == child.pid
    child.communicate(b"\n")
    assert process.other_owner(tmp_path) is None


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        (b"127.0.0.5", True),
        ("::1", True),
        (None, True),
        ("10.0.0.1", False),
        ("github.com", False),
        ("8.8.8.8", False),
    ],
)
def test_local_addresses(host: object, local: bool) -> None:
    assert is_local(host) is local


def test_the_guard_refuses_the_network_to_all_code(tmp_path: Path) -> None:
    """In a separate process: an audit hook cannot be removed."""
    code = """
import socket, urllib.request
from al_trainer.offline import NetworkGuard
guard = NetworkGuard(); guard.install()
refused = []
for attempt in (
    lambda: socket.create_connection(("192.0.2.1", 80), 1),
    lambda: socket.getaddrinfo("example.com", 80),
    lambda: urllib.request.urlopen("http://example.com", timeout=1),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
):
    try: attempt()
    except OSError as error: refused.append("makes no network request" in str(error))
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()
with guard.lifted():
    try: socket.create_connection(("192.0.2.1", 80), 0.01)
    except OSError as error: refused.append("makes no network request" in str(error))
print(refused)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(tmp_path), check=True
    )
    assert run.stdout.strip() == "[True, True, True, True, False]"


def test_settings_that_send_something_are_off(adapter: ModuleType) -> None:
    settings = dict(adapter.SETTINGS)
    assert settings["sync"] is False
    for name in ("clearml", "comet", "dvc", "mlflow", "raytune", "tensorboard", "wandb"):
        assert settings[name] is False
    assert adapter.callbacks.add_integration_callbacks(None) is None
    assert Path(str(adapter.SETTINGS.file)).is_relative_to(os.environ["YOLO_CONFIG_DIR"])


def test_a_busy_machine_finds_the_same_boxes(adapter: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    nms = adapter.ultralytics.utils.nms
    hours = itertools.count(step=3600)
    monkeypatch.setattr(nms, "time", SimpleNamespace(time=lambda: next(hours)))
    box = torch.tensor([8.0, 8.0, 4.0, 4.0, 0.9]).reshape(1, 5, 1).repeat(3, 1, 1)
    assert [len(found) for found in nms.non_max_suppression(box)] == [1, 1, 1]


def test_the_stub_suppresses_overlapping_boxes(adapter: ModuleType) -> None:
    from al_trainer.vision_stub import install_stub

    kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "torchvision"}
    try:
        install_stub()
        import torchvision

        boxes = torch.tensor([[0.0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30], [0, 0, 10, 5]])
        scores = torch.tensor([0.6, 0.9, 0.3, 0.8])
        # 0 overlaps 1 by 81/119 = 0.68, 3 overlaps 1 by 36/114 = 0.32.
        assert torchvision.ops.nms(boxes, scores, 0.5).tolist() == [1, 3, 2]
        assert torchvision.ops.nms(boxes, scores, 0.3).tolist() == [1, 2]
        assert torchvision.ops.nms(boxes[:0], scores[:0], 0.5).tolist() == []
        generator = torch.Generator().manual_seed(0)
        for count in (50, 1500):
            corners = torch.rand(count, 2, generator=generator) * 200
            crowd = torch.cat([corners, corners + torch.rand(count, 2, generator=generator) * 60 + 1], 1)
            weights = torch.rand(count, generator=generator)
            expected = adapter.ultralytics.utils.nms.TorchNMS.nms(crowd, weights, 0.6)[:300]
            assert torchvision.ops.nms(crowd, weights, 0.6).tolist() == expected.tolist()
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        sys.modules.update(kept)


def test_check_prints_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert packages.check() == 0
    (line,) = capsys.readouterr().out.splitlines()
    report = json.loads(line)
    assert report["devices"][0] == "cpu"
    needed = {"torch", "torchvision", "ultralytics", "onnx", "onnxruntime", "onnxslim", "numpy"}
    assert set(report["packages"]) == needed
    assert report["pythonVersion"].startswith("3.")
    assert "missing" not in report


def test_check_names_the_missing_required_packages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = {"onnxruntime", "onnxslim"}
    find, version = importlib.util.find_spec, importlib.metadata.version

    def version_of(name: str) -> str:
        if name in absent:
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", version_of)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in absent else find(name))
    assert packages.check() == packages.MISSING_EXIT_CODE
    # onnxslim is optional.
    assert json.loads(capsys.readouterr().out)["missing"] == ["onnxruntime"]


def test_an_old_python_is_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    source = (TRAINER / "al_trainer" / "__main__.py").read_text()
    ast.parse(source, feature_version=(3, 7))
    ast.parse((TRAINER / "al_trainer" / "__init__.py").read_text(), feature_version=(3, 7))
    from al_trainer import __main__ as entry

    monkeypatch.setattr(sys, "version_info", (3, 8, 19, "final", 0))
    monkeypatch.setattr(sys, "argv", ["al_trainer", "--check"])
    assert entry.start() == 4
    captured = capsys.readouterr()
    assert "needs Python 3.10 or newer; this is Python 3.8.19" in captured.err
    assert json.loads(captured.out)["pythonVersion"] == "3.8.19"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["a", "b"], ["/nowhere"]])
def test_wrong_use(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from al_trainer.cli import main

    assert main(arguments) == 2
    assert capsys.readouterr().err


def test_one_package_imports_ultralytics() -> None:
    package = TRAINER / "al_trainer"
    importing = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            if any(name.partition(".")[0] == "ultralytics" for name in names):
                importing.add(path.relative_to(package).parts[0])
    assert importing == {"ultralytics_adapter"}


def test_text_of_files_does_not_control_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say("class \x1b]0;owned\x07 \x9b2J \u202egpj.exe\tä 划痕")
    assert capsys.readouterr().out == "class \\u001B]0;owned\\u0007 \\u009B2J \\u202Egpj.exe\tä 划痕\n"


@pytest.mark.skipif(sys.platform != "linux", reason="names are texts there")
def test_a_path_that_is_not_utf8_is_opened_through_its_text(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xbb\xae 1.jpg"
    os.close(os.open(raw, os.O_CREAT | os.O_WRONLY))
    path = f"{tmp_path}/\U0010febb\U0010feae 1.jpg"
    assert os.fsencode(native_path(path)) == raw
    assert Path(native_path(path)).is_file()
    assert native_path("/a/ü 划.jpg") == "/a/ü 划.jpg"
