"""events.jsonl: append-only, numbered over the whole run, also across a resume."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from al_trainer.run_files import open_plain, read_plain


class EventLog:
    """Appends events, after those of earlier processes of the same run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sequence = 0
        self.earlier: list[dict[str, Any]] = []
        self._continue()

    def _continue(self) -> None:
        """Reads the existing events and drops an unfinished last line."""
        if not os.path.lexists(self._path):
            return
        data = read_plain(self._path)
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            with open_plain(self._path, "rb+") as file:
                file.truncate(whole)
        for line in data[:whole].splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and isinstance(event.get("sequence"), int):
                self.earlier.append(event)
                self._sequence = max(self._sequence, event["sequence"])

    def write(self, kind: str, fields: Mapping[str, Any] | None = None, *, durable: bool = False) -> None:
        """Appends one event with a single write, so that a reader can recognise an incomplete line by its end."""
        event = {
            "sequence": self._sequence + 1,
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "kind": kind,
            **(_finite(dict(fields)) if fields else {}),
        }
        line = json.dumps(event, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        with open_plain(self._path, "ab") as file:
            start = file.seek(0, os.SEEK_END)
            if file.write(line) != len(line):
                file.truncate(start)
                raise OSError(28, "No space left on device", str(self._path))
            if durable:
                os.fsync(file.fileno())
        self._sequence += 1


def _finite(value: Any) -> Any:
    """JSON has no NaN: a loss that diverged is written as null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return value
