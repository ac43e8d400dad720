"""Ultralytics' log as warnings of the run."""

from __future__ import annotations

import logging
import re

from al_trainer.job import Observer

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CORRUPT = "ignoring corrupt image/label"


def plain(text: str) -> str:
    """A message of Ultralytics without its colours."""
    return _ANSI.sub("", text).strip()


class LogBridge(logging.Handler):
    """Passes on Ultralytics' warnings, and keeps the images it leaves out (which it tells as mere information)."""

    def __init__(self, observer: Observer) -> None:
        super().__init__(logging.INFO)
        self._observer = observer
        self._told: set[str] = set()
        # Images that Ultralytics leaves out: path as it names it → why.
        self.ignored: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        text = plain(record.getMessage())
        if record.levelno >= logging.WARNING:
            self._tell("ultralytics", text)
            return
        for line in text.splitlines():
            path, found, reason = line.partition(f": {_CORRUPT}: ")
            if found:
                # In front of the path stands the name of the split.
                self.ignored[path.split(": ", 1)[-1].strip()] = reason.strip()

    def _tell(self, code: str, text: str) -> None:
        if text and text not in self._told:
            self._told.add(text)
            self._observer.warning(code, text)
