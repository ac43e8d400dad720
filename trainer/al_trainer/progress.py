"""The progress of a training: events for the run folder, lines for the terminal."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from al_trainer.console import say
from al_trainer.events import EventLog

BATCH_EVENT_SECONDS = 0.5


class Progress:
    """Receives the reports of a training, and keeps the sums for the result. Epochs are 1-based."""

    def __init__(self, events: EventLog) -> None:
        self._events = events
        self._last_batch_event = float("-inf")
        # Epochs whose checkpoint was written.
        self.epochs_completed = 0
        self._seconds: dict[int, float] = {}
        self._loss: dict[int, float] = {}
        for event in events.earlier:
            if event.get("kind") == "epoch":
                self._remember(int(event["epoch"]), float(event["seconds"]), event["losses"])

    def batch(self, epoch: int, batch: int, batches: int) -> None:
        now = time.monotonic()
        if now - self._last_batch_event < BATCH_EVENT_SECONDS:
            return
        self._last_batch_event = now
        self._events.write("batch", {"epoch": epoch, "batch": batch, "batches": batches})

    def epoch(self, epoch: int, epochs: int, seconds: float, losses: Mapping[str, float], learning_rate: float) -> None:
        self._remember(epoch, seconds, losses)
        self.epochs_completed = epoch
        self._events.write(
            "epoch",
            {
                "epoch": epoch,
                "epochs": epochs,
                "seconds": round(seconds, 3),
                "losses": dict(losses),
                "learningRate": learning_rate,
            },
        )
        parts = "  ".join(f"{name} {value:.4f}" for name, value in losses.items())
        say(f"epoch {epoch}/{epochs}  {parts}  lr {learning_rate:.2e}  {seconds:.1f} s")

    def metrics(self, epoch: int, values: Mapping[str, float]) -> None:
        self._events.write("metrics", {"epoch": epoch, "values": dict(values)})
        parts = "  ".join(f"{name} {value:.3f}" for name, value in values.items())
        say(f"validation after epoch {epoch}  {parts}")

    def log(self, message: str) -> None:
        self._events.write("log", {"message": message})
        say(message)

    def warning(self, code: str, message: str, fields: Mapping[str, Any] | None = None) -> None:
        self._events.write("warning", {"code": code, "message": message, **(fields or {})})
        say(f"WARNING {message}")

    def training_seconds(self) -> float:
        """Seconds of training and validation of the completed epochs, those before a resume included."""
        return round(sum(s for epoch, s in self._seconds.items() if epoch <= self.epochs_completed), 3)

    def final_loss(self) -> float | None:
        """The sum of the last completed epoch's losses."""
        return self._loss.get(self.epochs_completed)

    def _remember(self, epoch: int, seconds: float, losses: Mapping[str, float | None]) -> None:
        self._seconds[epoch] = seconds
        values = [value for value in losses.values() if value is not None and math.isfinite(value)]
        if len(values) == len(losses):
            self._loss[epoch] = round(sum(values), 6)
        else:
            self._loss.pop(epoch, None)
