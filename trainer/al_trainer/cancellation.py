"""A request to stop: the file `cancel`, SIGTERM or SIGINT."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from types import FrameType

from al_trainer.errors import CancelledRunError


class Cancellation:
    """Remembers a request. The trainer calls `check` at safe points."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "cancel"
        self._signalled = threading.Event()

    def listen(self) -> None:
        """Turns SIGTERM and SIGINT into requests; a second SIGINT stops immediately."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and self._signalled.is_set():
            raise KeyboardInterrupt
        self._signalled.set()

    @property
    def requested(self) -> bool:
        return self._signalled.is_set() or os.path.lexists(self._file)

    def check(self) -> None:
        """@raises CancelledRunError if a stop was requested."""
        if self.requested:
            raise CancelledRunError
