"""Ultralytics' log as warnings of the run."""

from __future__ import annotations

import logging
import re

from al_trainer.training_hooks import Observer

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CORRUPT = "ignoring corrupt image/label"


def plain(text: str) -> str:
    """A message of Ultralytics without its colours."""
    return _ANSI.sub("", text).strip()


class LogBridge(logging.Handler):
    """Passes on Ultralytics' warnings, and keeps the images that it leaves out, which it logs as information."""

    def __init__(self, observer: Observer) -> None:
        super().__init__(logging.INFO)
        self._observer = observer
        self._reported: set[str] = set()
        # Images that Ultralytics leaves out: path as it names it → why.
        self.ignored: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        text = plain(record.getMessage())
        if record.levelno >= logging.WARNING:
            self._report("ultralytics", text)
            return
        for line in text.splitlines():
            path, found, reason = line.partition(f": {_CORRUPT}: ")
            if found:
                # The name of the split precedes the path.
                self.ignored[path.split(": ", 1)[-1].strip()] = reason.strip()

    def _report(self, code: str, text: str) -> None:
        if text and text not in self._reported:
            self._reported.add(text)
            self._observer.warning(code, text)
