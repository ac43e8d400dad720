"""Writes files so that a reader never sees an incomplete one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from al_trainer.run_files import open_plain


def write_json(path: Path, value: Any) -> None:
    """Writes `value` beside `path`, syncs it and moves it into place."""
    data = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    part = path.with_name(path.name + ".part")
    # The file of a killed writer, or a link.
    part.unlink(missing_ok=True)
    with open_plain(part, "xb") as file:
        file.write(data)
        os.fsync(file.fileno())
    part.replace(path)


def sync(path: Path) -> None:
    """Forces a finished file to the disk."""
    with open_plain(path, "rb+") as file:
        os.fsync(file.fileno())
