"""What is handed on says nothing of the machine it was made on."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import Any


def without_places(value: Any) -> Any:
    """A copy in which every absolute path, in whatever dict or list, is the name of its file alone."""
    if isinstance(value, dict):
        return {key: without_places(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(without_places(item) for item in value)
    if isinstance(value, PurePosixPath | PureWindowsPath):
        return without_places(str(value))
    if isinstance(value, str):
        for kind in (PurePosixPath, PureWindowsPath):
            path = kind(value)
            if path.is_absolute():
                return path.name
    return value
