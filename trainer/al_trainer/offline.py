"""Keeps Ultralytics private: it sends, fetches and installs nothing, and its own files stay in the run folder."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# What Ultralytics would do unasked: its cloud, its analytics, trackers that are installed.
QUIET_SETTINGS: dict[str, bool] = {
    name: False
    for name in (
        "sync",
        "hub",
        "platform",
        "clearml",
        "comet",
        "dvc",
        "mlflow",
        "neptune",
        "raytune",
        "tensorboard",
        "wandb",
        "vscode_msg",
        "openvino_msg",
    )
}


def prepare_environment(private: Path, threads: int) -> None:
    """Sets the variables that Ultralytics and torch read during their import. Call it before."""
    private.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        {
            "YOLO_OFFLINE": "true",
            "YOLO_AUTOINSTALL": "false",
            "YOLO_VERBOSE": "false",
            "YOLO_CONFIG_DIR": str(private),
            "MPLCONFIGDIR": str(private / "matplotlib"),
            "MPLBACKEND": "Agg",
            "NO_ALBUMENTATIONS_UPDATE": "1",
            # A .pt file is a program of its author: only the classes of a detector are made from it.
            "ULTRALYTICS_SAFE_LOAD": "1",
            # Without it, Ultralytics sets 1, and a CPU training uses one core.
            "OMP_NUM_THREADS": str(threads),
            "MKL_NUM_THREADS": str(threads),
            "WANDB_MODE": "disabled",
            "COMET_MODE": "disabled",
        }
    )


class NetworkGuard:
    """Refuses every connection and name lookup beyond this machine, for all code in the process."""

    def __init__(self) -> None:
        self._open = False

    def install(self) -> None:
        sys.addaudithook(self._audit)

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """For the one download that the user agreed to."""
        self._open = True
        try:
            yield
        finally:
            self._open = False

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._open or not event.startswith("socket."):
            return
        if event == "socket.getaddrinfo":
            host = arguments[0]
        elif event in ("socket.connect", "socket.sendto"):
            host = arguments[1]
        elif event in ("socket.gethostbyname", "socket.gethostbyaddr"):
            host = arguments[0]
        else:
            return
        if isinstance(host, tuple) and host:
            host = host[0]
        elif event == "socket.connect":
            return  # a path or a number: a Unix socket between our own processes
        if not is_local(host):
            raise ConnectionRefusedError(f"The trainer makes no network request (refused: {host!r})")


def is_local(host: object) -> bool:
    """Whether an address names this machine."""
    if host is None:
        return True
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    if name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        return False
