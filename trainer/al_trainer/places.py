"""Removes the paths of this machine from files that leave it."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import Any


def without_places(value: Any) -> Any:
    """A copy in which every absolute path, at any depth, is replaced by the name of its file."""
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
