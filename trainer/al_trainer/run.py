"""One run from its folder to its result.json."""

from __future__ import annotations

import shutil
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any, Literal

from al_trainer import packages, process
from al_trainer.atomic import write_json
from al_trainer.cancellation import Cancellation
from al_trainer.checkpoints import Checkpoints
from al_trainer.config import open_config, read_config
from al_trainer.console import say, say_error, visible
from al_trainer.errors import CancelledRunError, TrainerError, classify
from al_trainer.events import EventLog
from al_trainer.job import Job, RunContext
from al_trainer.jobs import find_job
from al_trainer.offline import NetworkGuard, prepare_environment
from al_trainer.progress import Progress
from al_trainer.run_files import refuse_links, remove_links
from al_trainer.vision_stub import ensure_torchvision
from al_trainer.weights import user_weights_folder

FAILED_EXIT_CODE = 1
BUSY_EXIT_CODE = 5
# Ultralytics' settings, results.csv and the like; gone when the run is over.
PRIVATE_FOLDER = ".trainer"

Status = Literal["finished", "cancelled", "failed"]


class Run:
    """Executes a run folder once. It writes a result.json in every case in which it can."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.private = folder / PRIVATE_FOLDER
        self.checkpoints = Checkpoints(folder / "weights")
        self.cancellation = Cancellation(folder)
        # Read before Ultralytics gets settings of the run.
        self.weights_folder = user_weights_folder()
        self.context: RunContext | None = None
        self.job: Job | None = None

    def execute(self) -> int:
        """@returns the exit code."""
        if (self.folder / "result.json").exists():
            say("This run is over already: it has a result.json.")
            self._tidy(finished=False)
            return 0
        owner = process.other_owner(self.folder)
        if owner is not None:
            say(f"ERROR Another trainer works in this folder already (process {owner}).")
            return BUSY_EXIT_CODE
        try:
            refuse_links(self.folder)
            self.events = EventLog(self.folder / "events.jsonl")
            self.progress = Progress(self.events)
        except (OSError, TrainerError) as error:
            return self._fail(classify(error))
        return self._execute()

    def _execute(self) -> int:
        self._say_mark("started")
        warnings.filterwarnings("ignore")
        try:
            self.cancellation.listen()
            self._work()
        except (CancelledRunError, KeyboardInterrupt):
            return self._cancelled()
        except Exception as error:
            return self._fail(classify(error), error)
        return self._end("finished", self._result("finished"))

    def _open(self) -> tuple[RunContext, Job]:
        """Reads config.json and takes the folder."""
        reader = open_config(self.folder)
        context = self.context = RunContext(
            folder=self.folder,
            private=self.private,
            config=read_config(reader),
            checkpoints=self.checkpoints,
            cancellation=self.cancellation,
            guard=NetworkGuard(),
            events=self.events,
            progress=self.progress,
            weights_folder=self.weights_folder,
        )
        job = self.job = find_job(reader)(context, reader)
        process.write_pid(self.folder, context.config.nonce)
        return context, job

    def _work(self) -> None:
        context, job = self._open()
        self.cancellation.check()
        job.check()
        packages.require()
        context.guard.install()
        remove_links(self.private)
        prepare_environment(self.private, context.config.threads)
        self.checkpoints.folder.mkdir(exist_ok=True)
        if ensure_torchvision():
            self.progress.log("torchvision's operators do not load here; a replacement is used.")
        self.cancellation.check()
        self.progress.log("Loading torch and Ultralytics.")
        from al_trainer import devices, ultralytics_adapter

        ultralytics_adapter.configure(context.config.threads, self.progress)
        context.device = devices.resolve_device(context.config.device)
        job.work()

    def _cancelled(self) -> int:
        """Keeps the weights of the epochs that were completed; exports nothing."""
        result = self._result("cancelled")
        try:
            if self.job is not None and self.job.keep_weights():
                result["weights"] = "weights/best.pt"
        except Exception as error:
            self.progress.warning("weights-lost", f"The weights could not be kept: {classify(error).message}")
        return self._end("cancelled", result)

    def _end(self, status: Literal["finished", "cancelled"], result: dict[str, Any]) -> int:
        try:
            self.events.write("finished", {"status": status}, durable=True)
            write_json(self.folder / "result.json", result)
            self._tidy(finished=status == "finished")
        except OSError as error:
            return self._fail(classify(error))
        self._say_mark("finished", "" if status == "finished" else " (cancelled)")
        return 0

    def _fail(self, failure: TrainerError, error: Exception | None = None) -> int:
        """Reports the failure to the terminal, the events and result.json, as far as each can be written."""
        say_error(failure.report())
        self.checkpoints.drop_unfinished()
        try:
            if error is not None and failure.code == "unexpected":
                self.progress.log("".join(traceback.format_exception(error)))
            self.events.write("failed", {"error": failure.report()}, durable=True)
        except (OSError, AttributeError) as second:
            sys.stderr.write(visible(f"The failure could not be written to events.jsonl: {second}\n"))
        try:
            write_json(self.folder / "result.json", {**self._result("failed"), "error": failure.report()})
            self._tidy(finished=False)
        except (OSError, TrainerError) as second:
            sys.stderr.write(visible(f"result.json could not be written: {second}\n"))
        self._say_mark("failed")
        return FAILED_EXIT_CODE

    def _result(self, status: Status) -> dict[str, Any]:
        finished = status == "finished"
        exported = finished and self.job is not None and self.job.makes_model
        progress = getattr(self, "progress", None)
        return {
            "schema": 1,
            "run": self.folder.name if self.context is None else self.context.config.run,
            "status": status,
            "weights": None,
            "model": "weights/model.onnx" if exported else None,
            "modelInfo": "weights/model.json" if exported else None,
            "exportedFrom": None,
            "epochsCompleted": progress.epochs_completed if progress else 0,
            "trainingSeconds": progress.training_seconds() if progress else 0,
            "finalLoss": progress.final_loss() if progress else None,
            "optimizer": None,
            "dataset": None,
            "packages": {"python": packages.python_version(), **packages.versions()},
            "device": "cpu" if self.context is None else self.context.device,
            "error": None,
            **({} if self.job is None else self.job.result(finished=finished)),
        }

    def _tidy(self, *, finished: bool) -> None:
        """Removes the files that docs/run-folder.md does not name."""
        self.checkpoints.drop_unfinished()
        if self.job is not None:
            self.job.tidy(finished=finished)
        shutil.rmtree(self.private, ignore_errors=True)

    def _say_mark(self, what: str, more: str = "") -> None:
        """Prints the lines by which the problem matcher of a background task recognises its start and end."""
        say(f"al-trainer: training {what}{more}")
