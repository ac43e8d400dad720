"""Opens the files of a run folder: plain files of that folder, never the target of a link."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

from al_trainer.errors import TrainerError

# Without the second flag, opening a pipe would wait forever. Windows has neither flag.
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FLAGS = {
    "rb": os.O_RDONLY,
    "rb+": os.O_RDWR,
    "ab": os.O_WRONLY | os.O_APPEND | os.O_CREAT,
    "xb": os.O_WRONLY | os.O_CREAT | os.O_EXCL,
}
# The files that the trainer or Ultralytics writes in a run folder.
_NAMES = (
    ".trainer",
    "weights",
    "weights/last.pt",
    "weights/previous.pt",
    "weights/best.pt",
    "weights/last.pt.part",
    "weights/best.pt.part",
    "weights/model.onnx",
    "weights/model.onnx.part",
    "weights/model.json",
    "weights/model.json.part",
    "events.jsonl",
    "predictions.jsonl",
    "images.jsonl",
    "config.json",
    "result.json",
    "pid",
)


def open_plain(path: Path, mode: str) -> IO[bytes]:
    """Opens a file without a buffer. @raises TrainerError `config-invalid` for a link or a file that is not plain."""
    if not hasattr(os, "O_NOFOLLOW") and path.is_symlink():
        raise _not_plain(path)
    try:
        number = os.open(path, _FLAGS[mode] | _PLAIN, 0o600)
    except OSError as error:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise _not_plain(path) from error
        raise
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise _not_plain(path)
    return os.fdopen(number, mode.replace("x", "w"), buffering=0)


def read_plain(path: Path) -> bytes:
    """@raises TrainerError, OSError."""
    with open_plain(path, "rb") as file:
        return file.read()


def refuse_links(folder: Path) -> None:
    """Checks a run folder before anything is written in it. @raises TrainerError `config-invalid`."""
    for path in (folder, *(folder / name for name in _NAMES)):
        if path.is_symlink():
            raise _not_plain(path)


def remove_links(folder: Path) -> None:
    """Removes every link in a folder that libraries write to: they would write to its target."""
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent) / name
            if path.is_symlink():
                path.unlink()


def _not_plain(path: Path) -> TrainerError:
    return TrainerError(
        "config-invalid",
        f"{path.name} in the run folder is a link or not a plain file, so the trainer does not open it.",
        "Delete this run folder and start the training again; labels and models are not affected.",
        str(path),
    )
