"""Images that are named to the job `predict` while it runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from al_trainer.run_files import open_plain

# Between two looks for new images.
POLL_SECONDS = 0.003

Job = tuple[int, str]


def read_jobs(path: Path, check_cancelled: Callable[[], None]) -> Iterator[Job | None]:
    """Tails images.jsonl: `{"id", "path"}` a line, until `{"end": true}`. None = nothing new at the moment."""
    rest = b""
    offset = 0
    while True:
        check_cancelled()
        data = b""
        if path.exists():
            with open_plain(path, "rb") as file:
                file.seek(offset)
                data = file.read()
        offset += len(data)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            entry = json.loads(line)
            if entry.get("end") is True:
                return
            yield int(entry["id"]), str(entry["path"])
        if not lines:
            yield None
