"""The failures that a user may see, each with a stable code and a hint."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Literal

ErrorCode = Literal[
    "weights-missing",
    "weights-broken",
    "weights-unsafe",
    "weights-changed",
    "packages-missing",
    "config-invalid",
    "dataset-invalid",
    "out-of-memory",
    "disk-full",
    "device-missing",
    "export-failed",
    "unexpected",
]


class TrainerError(Exception):
    """`message`: the failure; `where`: its file, perhaps with a line; `hint`: what the user can do."""

    def __init__(self, code: ErrorCode, message: str, hint: str, where: str | None = None) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = message
        self.hint = hint
        self.where = where

    def report(self) -> dict[str, str]:
        """The error as in `events.jsonl` and `result.json`."""
        report = {"name": type(self).__name__, "code": self.code, "message": self.message, "hint": self.hint}
        if self.where is not None:
            report["where"] = self.where
        return report


class CancelledRunError(Exception):
    """The user asked the run to stop."""


_DISK_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
# torch has an exception class for CUDA only; the CPU and MPS allocators raise a plain RuntimeError.
_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")
# The messages of torch.save on a full disk.
_WRITER_FAILED = ("unexpected pos", "pytorchstreamwriter failed", "no space left on device")


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, outermost first, each once."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def classify(error: BaseException) -> TrainerError:
    """Any exception as a `TrainerError`; an unknown one becomes code `unexpected`."""
    if isinstance(error, TrainerError):
        return error
    for link in chain(error):
        text = str(link).lower()
        if isinstance(link, OSError) and link.errno in _DISK_FULL:
            return disk_full(str(link.filename) if link.filename is not None else None)
        if isinstance(link, RuntimeError) and any(part in text for part in _WRITER_FAILED):
            return disk_full(None)
        if isinstance(link, MemoryError) or (
            (isinstance(link, RuntimeError) or (isinstance(link, OSError) and link.errno == errno.ENOMEM))
            and any(part in text for part in _OUT_OF_MEMORY)
        ):
            return TrainerError(
                "out-of-memory",
                f"Memory ran out: {_first_line(link)}",
                "Lower the batch size or the image size, close other programs, or train on another device.",
            )
    if isinstance(error, ImportError):
        return packages_missing([error.name or "unknown"], _first_line(error))
    diverged = "nan" in str(error).lower() and isinstance(error, RuntimeError)
    return TrainerError(
        "unexpected",
        f"{type(error).__name__}: {_first_line(error)}",
        "The training diverged: lower the learning rate."
        if diverged
        else "Please report this with the log, which holds the traceback.",
    )


def disk_full(where: str | None) -> TrainerError:
    return TrainerError(
        "disk-full",
        "The disk is full: a file of the run could not be written.",
        "Free some space (old run folders can be deleted), then start the run again; it continues from its checkpoint.",
        where,
    )


def packages_missing(names: list[str], detail: str = "") -> TrainerError:
    return TrainerError(
        "packages-missing",
        f"This Python lacks what training needs: {', '.join(names)}." + (f" ({detail})" if detail else ""),
        "Install it in one call: python -m pip install -r trainer/requirements.txt",
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:500]
