"""images.jsonl: the images that the parent names while the job `predict` runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from al_trainer.run_files import open_plain

# Between two checks for new images.
POLL_SECONDS = 0.003

# Its id and its path.
NamedImage = tuple[int, str]


def read_images(path: Path, check_cancelled: Callable[[], None]) -> Iterator[NamedImage | None]:
    """Tails images.jsonl: `{"id", "path"}` a line, until `{"end": true}`. None = no new line yet."""
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
