"""What every job of the trainer has in common."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from al_trainer.cancellation import Cancellation
from al_trainer.checkpoints import Checkpoints
from al_trainer.config import Config, ConfigReader
from al_trainer.console import say
from al_trainer.events import EventLog
from al_trainer.offline import NetworkGuard
from al_trainer.progress import Progress
from al_trainer.weights import BaseWeights, check_content, resolve_weights


@dataclass
class RunContext:
    """The run that a job works in. `device` is the one of the configuration once torch is loaded, `cpu` before."""

    folder: Path
    # Files of the run alone, which are gone when it is over.
    private: Path
    config: Config
    checkpoints: Checkpoints
    cancellation: Cancellation
    guard: NetworkGuard
    events: EventLog
    progress: Progress
    # The user's own folder of Ultralytics weights.
    weights_folder: Path | None
    device: str = "cpu"

    def resolve_weights(self) -> BaseWeights:
        """The base weights of the configuration. @raises TrainerError `weights-missing`, `weights-changed`, …"""
        config = self.config
        found = resolve_weights(
            config.weights,
            allow_download=config.allow_download,
            weights_folder=self.weights_folder,
            run_folder=self.folder,
            guard=self.guard,
        )
        check_content(found.source, config.weights_sha256)
        return replace(found, may_run_code=config.weights_may_run_code)


class Job(ABC):
    """One kind of work. A module `jobs/<name>.py` has it as `JOB`; `name` is that of `job` in config.json.

    An instance belongs to one run. It reads its own part of config.json when it is made, and imports torch,
    Ultralytics and what needs them in `work`, after the packages and the network guard are in place.
    """

    name: str
    # Whether a finished run has weights/model.onnx and weights/model.json.
    makes_model = True

    def __init__(self, run: RunContext, config: ConfigReader) -> None:
        self.run = run

    def check(self) -> None:  # noqa: B027
        """Fails fast, before torch is loaded. @raises TrainerError."""

    @abstractmethod
    def work(self) -> None:
        """Does the work. @raises TrainerError, CancelledRunError."""

    def keep_weights(self) -> bool:
        """Keeps what a cancelled run has achieved in weights/best.pt. @returns whether there is such a file."""
        return False

    def result(self, *, finished: bool) -> dict[str, Any]:
        """The keys of result.json that this job sets or adds."""
        return {}

    def tidy(self, *, finished: bool) -> None:  # noqa: B027
        """Removes the files of this job that docs/run-folder.md does not name."""

    def report_started(self, *, epochs: int = 0, epochs_done: int = 0) -> None:
        """Writes the event `started`, and a line for the terminal."""
        fields: dict[str, Any] = {"pid": os.getpid(), "device": self.run.device, "epochs": epochs}
        if epochs_done > 0:
            fields["resumedAt"] = epochs_done
        self.run.events.write("started", fields)
        say(f"{self.name} on {self.run.device}" + (f", continued after epoch {epochs_done}" if epochs_done else ""))
