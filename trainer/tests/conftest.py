"""Runs that several tests share, and Ultralytics in this process."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from tests.helpers import RunFolder, config, write_architecture

# Records, from outside the trainer, what it does: the live optimizer at every step, the batches that enter the
# network, and every attempt to reach another machine.
PROBE = """
import atexit, json, os, sys
attempts = []
def audit(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        attempts.append([event, repr(arguments[:3])])
sys.addaudithook(audit)
import torch
steps, batches = [], []
original = torch.optim.AdamW.step
def step(self, *arguments, **options):
    keys = ("lr", "initial_lr", "weight_decay", "betas", "param_group")
    groups = self.param_groups
    steps.append([{**{key: group.get(key) for key in keys}, "tensors": len(group["params"])} for group in groups])
    return original(self, *arguments, **options)
torch.optim.AdamW.step = step
def entering(module, inputs):
    if module.training and inputs and isinstance(inputs[0], dict) and "img" in inputs[0]:
        batches.append(list(inputs[0]["img"].shape))
torch.nn.modules.module.register_module_forward_pre_hook(entering)
def save():
    with open(os.environ["PROBE_FILE"], "w") as file:
        json.dump({"steps": steps, "batches": batches, "attempts": attempts, "threads": torch.get_num_threads()}, file)
atexit.register(save)
"""


@dataclass(frozen=True)
class FinishedRun:
    folder: RunFolder
    probe: Path
    terminal: str


def finish_probed_run(home: Path) -> FinishedRun:
    architecture = write_architecture(home)
    folder = RunFolder(home / "run", {"train": 13}).configure(
        config(str(architecture), plan={"warmupBiasLearningRate": 0.05})
    )
    process = folder.run(prelude=PROBE, env={"PROBE_FILE": str(home / "probe.json")})
    assert process.returncode == 0, process.stdout + process.stderr
    return FinishedRun(folder, home / "probe.json", process.stdout)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """A small training from scratch: 13 images in batches of 4, 3 epochs, validated after 2 and 3."""
    return finish_probed_run(tmp_path_factory.mktemp("it's finished #1"))


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """The same training again, in another folder and process."""
    return finish_probed_run(tmp_path_factory.mktemp("twin"))


@pytest.fixture(scope="session")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Ultralytics in this process, as private as in a run."""
    from al_trainer.events import EventLog
    from al_trainer.offline import prepare_environment
    from al_trainer.progress import Progress
    from al_trainer.vision_stub import ensure_torchvision

    folder = tmp_path_factory.mktemp("adapter")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("YOLO_CONFIG_DIR", "OMP_NUM_THREADS", "YOLO_OFFLINE"):
            patch.setenv(name, "")
        prepare_environment(folder / "private", 1)
        ensure_torchvision()
        module = importlib.import_module("al_trainer.ultralytics_adapter")
        for name in ("models", "prediction", "training"):
            importlib.import_module(f"{module.__name__}.{name}")
        module.configure(1, Progress(EventLog(folder / "events.jsonl")))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield module
