"""One run from its folder to its result.json."""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
import warnings
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

from al_trainer import packages, process
from al_trainer.atomic import write_json
from al_trainer.cancellation import Cancellation
from al_trainer.checkpoints import Checkpoints
from al_trainer.config import Config, read_config
from al_trainer.console import say, say_error, visible
from al_trainer.dataset import prepare_dataset, remove_caches
from al_trainer.errors import CancelledRunError, TrainerError, classify
from al_trainer.events import EventLog
from al_trainer.job import DatasetRead, TrainingJob
from al_trainer.offline import NetworkGuard, prepare_environment
from al_trainer.progress import Progress
from al_trainer.recipe import training_overrides
from al_trainer.run_files import refuse_links, remove_links
from al_trainer.vision_stub import ensure_torchvision
from al_trainer.weights import BaseWeights, check_content, resolve_weights, user_weights_folder

FAILED_EXIT_CODE = 1
BUSY_EXIT_CODE = 5
# Ultralytics' settings, results.csv and the like; gone when the run is over.
PRIVATE_FOLDER = ".trainer"


class Run:
    """Executes a run folder once. Whatever happens, it tries to leave a result.json."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.private = folder / PRIVATE_FOLDER
        self.checkpoints = Checkpoints(folder / "weights")
        self.cancellation = Cancellation(folder)
        self.guard = NetworkGuard()
        # Read before Ultralytics is pointed at settings of its own.
        self.weights_folder = user_weights_folder()
        self.config: Config | None = None
        self.device = "cpu"
        self.steps = 0
        # Of the job `export`.
        self.exported_from: str | None = None
        # Of the job `predict`.
        self.images, self.seconds = 0, 0.0

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
            self.config = read_config(self.folder)
            process.write_pid(self.folder, self.config.nonce)
            self.cancellation.check()
            self._work(self.config)
        except (CancelledRunError, KeyboardInterrupt):
            return self._cancelled()
        except Exception as error:
            return self._fail(classify(error), error)
        return self._finished()

    def _work(self, config: Config) -> None:
        # First what fails fast, before torch is loaded; a run that continues needs no base weights.
        continues = self.checkpoints.last.exists() or self.checkpoints.previous.exists()
        base = None
        if config.job == "export" or (config.job == "train" and not continues):
            base = self._resolve_weights(config)
        elif config.job in ("predict", "quantise"):
            check_content(config.weights, config.weights_sha256)
        packages.require()
        self.guard.install()
        remove_links(self.private)
        prepare_environment(self.private, config.plan.threads)
        self.checkpoints.folder.mkdir(exist_ok=True)
        if ensure_torchvision():
            self.progress.log("torchvision's operators do not load here; a replacement is used.")
        self.cancellation.check()
        self.progress.log("Loading torch and Ultralytics.")
        from al_trainer import devices, engine

        engine.configure(config.plan.threads, self.progress)
        self.device = devices.resolve_device(config.device)
        if config.job == "predict":
            self._predict(config)
            return
        if config.job == "quantise":
            from al_trainer.quantising import quantise

            self._tell_started(config, 0)
            quantise(config, self.folder, self.private, self.cancellation.check)
            return
        if config.job == "train":
            self._train(config, base)
            exported = BaseWeights("checkpoint", str(self.checkpoints.best))
        else:
            self._tell_started(config, 0)
            exported = base or self._resolve_weights(config)
            self.exported_from = exported.source if exported.kind == "checkpoint" else None
        self.cancellation.check()
        from al_trainer.exporting import export_model

        say("exporting to ONNX")
        export_model(exported, config.plan.image_size, self.private, self.checkpoints.folder)

    def _predict(self, config: Config) -> None:
        from al_trainer.predicting import predict

        self._tell_started(config, 0)
        self.images, self.seconds = predict(config, self.folder, self.private, self.device, self.cancellation.check)

    def _resolve_weights(self, config: Config) -> BaseWeights:
        found = resolve_weights(
            config.weights,
            allow_download=config.allow_download,
            weights_folder=self.weights_folder,
            run_folder=self.folder,
            guard=self.guard,
        )
        check_content(found.source, config.weights_sha256)
        return replace(found, may_run_code=config.weights_may_run_code)

    def _train(self, config: Config, base: BaseWeights | None) -> None:
        from al_trainer import engine

        dataset = prepare_dataset(config.dataset, config.class_names, self.private)
        plan = config.plan
        if dataset.val_images == 0:
            self.progress.warning("no-validation", "There are no validation images: the last weights are kept.")
        resume = self.checkpoints.find_resume_point(engine.inspect_checkpoint)
        if resume.warning is not None:
            self.progress.warning(*resume.warning)
        self.progress.epochs_completed, self.steps = resume.epochs_done, resume.steps
        if resume.epochs_done < plan.epochs:
            job = TrainingJob(
                checkpoints=self.checkpoints,
                observer=self.progress,
                validate_every=plan.validate_every,
                has_validation=dataset.val_images > 0,
                best_by=plan.best_by,
                check_cancelled=self.cancellation.check,
                started=lambda epochs_done: self._tell_started(config, epochs_done),
                optimizer_seen=self._keep_optimizer,
                dataset_read=self._keep_dataset,
            )
            overrides = training_overrides(
                config, str(dataset.description), self.device, str(self.private / "ultralytics")
            )
            overrides["amp"] = engine.amp_mode(self.device)
            if resume.path is None and base is None:
                base = self._resolve_weights(config)
            self.steps = engine.train(overrides, job, base=base, resume=resume.path)
        else:
            self._tell_started(config, resume.epochs_done)
        self._choose_best(config)

    def _choose_best(self, config: Config) -> None:
        """best.pt holds the chosen weights without their optimizer, however they were chosen."""
        from al_trainer import engine

        files = self.checkpoints
        by_metric = config.plan.best_by == "map50_95" and files.best.exists()
        engine.strip(files.best if by_metric else files.last, files.best)

    def _tell_started(self, config: Config, epochs_done: int) -> None:
        epochs = config.plan.epochs if config.job == "train" else 0
        fields: dict[str, Any] = {"pid": os.getpid(), "device": self.device, "epochs": epochs}
        if epochs_done > 0:
            fields["resumedAt"] = epochs_done
        self.events.write("started", fields)
        say(f"{config.job} on {self.device}" + (f", continued after epoch {epochs_done}" if epochs_done else ""))

    def _keep_optimizer(self, live: dict[str, Any]) -> None:
        """Kept in a file, so that a resume after the warm-up still knows what the warm-up began with."""
        path = self.private / "optimizer.json"
        earlier = self._read_optimizer()
        if self.progress.epochs_completed > 0 and earlier is not None:
            live["warmupBiasLearningRate"] = earlier["warmupBiasLearningRate"]
        write_json(path, live)

    def _keep_dataset(self, read: DatasetRead) -> None:
        """Says which images are left out, and keeps it in a file, for a resume that has no epoch left to train."""
        for image in read.left_out:
            self.progress.warning(
                "image-ignored",
                f"Ultralytics leaves out image {image.image} ({image.split}): {image.reason}",
                asdict(image),
            )
        write_json(self.private / "dataset.json", {**(self._kept("dataset.json") or {}), read.split: asdict(read)})

    def _dataset(self) -> dict[str, Any] | None:
        """What was trained and validated on, by Ultralytics' own count."""
        kept = self._kept("dataset.json")
        if kept is None:
            return None
        train, val = kept.get("train") or {}, kept.get("val") or {}
        return {
            "trainImages": train.get("images"),
            "trainBoxes": train.get("boxes"),
            "valImages": val.get("images"),
            "leftOut": [*train.get("left_out", []), *val.get("left_out", [])],
        }

    def _read_optimizer(self) -> dict[str, Any] | None:
        return self._kept("optimizer.json")

    def _kept(self, name: str) -> dict[str, Any] | None:
        try:
            kept: dict[str, Any] = json.loads((self.private / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return kept

    def _finished(self) -> int:
        return self._end("finished", self._result("finished"))

    def _cancelled(self) -> int:
        """Keeps the weights of the epochs that were completed; exports nothing."""
        result = self._result("cancelled")
        if self.config is not None and self.config.job == "train" and self.checkpoints.last.exists():
            try:
                self._choose_best(self.config)
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
        """Says what happened wherever it can still be said: the terminal, the events, result.json."""
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

    def _result(self, status: Literal["finished", "cancelled", "failed"]) -> dict[str, Any]:
        train = self.config is not None and self.config.job == "train"
        finished = status == "finished"
        predicts = self.config is not None and self.config.job == "predict"
        exported = finished and not predicts
        progress = getattr(self, "progress", None)
        optimizer = self._read_optimizer() if train else None
        return {
            "schema": 1,
            "run": self.folder.name if self.config is None else self.config.run,
            "status": status,
            "weights": "weights/best.pt" if finished and train else None,
            "model": "weights/model.onnx" if exported else None,
            "modelInfo": "weights/model.json" if exported else None,
            "exportedFrom": self.exported_from,
            "epochsCompleted": progress.epochs_completed if progress else 0,
            "trainingSeconds": progress.training_seconds() if progress else 0,
            "finalLoss": progress.final_loss() if progress else None,
            "optimizer": None if optimizer is None else {**optimizer, "steps": self.steps},
            "dataset": self._dataset() if train else None,
            "packages": {"python": packages.python_version(), **packages.versions()},
            "device": self.device,
            **({"images": self.images, "predictionSeconds": round(self.seconds, 3)} if predicts else {}),
            "error": None,
        }

    def _tidy(self, *, finished: bool) -> None:
        """Removes what the contract does not name. A run that ended early keeps its checkpoints whole."""
        self.checkpoints.drop_unfinished()
        if self.config is not None and self.config.job == "train":
            remove_caches(self.config.dataset)
        if finished and self.checkpoints.last.exists():
            from al_trainer import engine

            engine.strip(self.checkpoints.last, self.checkpoints.last)
            self.checkpoints.previous.unlink(missing_ok=True)
        shutil.rmtree(self.private, ignore_errors=True)

    def _say_mark(self, what: str, more: str = "") -> None:
        """The lines by which a background task's problem matcher sees begin and end."""
        say(f"al-trainer: training {what}{more}")
