"""The files of weights/: last.pt, previous.pt, best.pt, each replaced in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from al_trainer.atomic import sync


@dataclass(frozen=True)
class CheckpointInfo:
    """A readable checkpoint: epochs and optimizer steps done, and whether it still has its optimizer state."""

    epochs_done: int
    steps: int
    resumable: bool


@dataclass(frozen=True)
class ResumePoint:
    """The checkpoint to continue from. `path` None = from the beginning; `warning`: the code and text of a loss."""

    path: Path | None
    epochs_done: int = 0
    steps: int = 0
    warning: tuple[str, str] | None = None


class Checkpoints:
    """The weights folder of a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.last = folder / "last.pt"
        self.previous = folder / "previous.pt"
        self.best = folder / "best.pt"
        # Ultralytics writes these in place. The files above change only by a rename.
        self.new_last = folder / "last.pt.part"
        self.new_best = folder / "best.pt.part"

    def rotate(self, *, keep_best: bool) -> None:
        """Moves the new checkpoint into place and keeps the one before as previous.pt."""
        sync(self.new_last)
        if self.last.exists():
            self.last.replace(self.previous)
        self.new_last.replace(self.last)
        if keep_best and self.new_best.exists():
            sync(self.new_best)
            self.new_best.replace(self.best)
        self.new_best.unlink(missing_ok=True)

    def find_resume_point(self, inspect: Callable[[Path], CheckpointInfo | None]) -> ResumePoint:
        """The newest readable checkpoint. Removes a broken last.pt, so that it cannot replace a good previous.pt."""
        broken: list[str] = []
        for path in (self.last, self.previous):
            if not path.exists():
                continue
            info = inspect(path)
            if info is None or not info.resumable:
                broken.append(path.name)
                path.unlink()
                continue
            if path == self.previous:
                path.replace(self.last)
            text = f"last.pt cannot be read; the run continues from the checkpoint before, epoch {info.epochs_done}."
            return ResumePoint(self.last, info.epochs_done, info.steps, ("checkpoint-broken", text) if broken else None)
        if broken:
            text = f"{' and '.join(broken)} cannot be read; the training starts from the beginning."
            return ResumePoint(None, warning=("checkpoint-lost", text))
        return ResumePoint(None)

    def drop_unfinished(self) -> None:
        """Removes the files of a killed writer."""
        self.new_last.unlink(missing_ok=True)
        self.new_best.unlink(missing_ok=True)
