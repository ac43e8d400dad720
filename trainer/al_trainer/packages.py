"""The packages and devices of this Python, for `--check` and for result.json."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import sys

from al_trainer.errors import packages_missing

REQUIRED = ("torch", "torchvision", "ultralytics", "onnx", "onnxruntime", "numpy")
# Without it, exported models are larger and slower.
OPTIONAL = ("onnxslim",)
MISSING_EXIT_CODE = 3


def versions() -> dict[str, str]:
    """The versions of the required and optional packages that are installed."""
    found = {}
    for name in (*REQUIRED, *OPTIONAL):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def missing() -> list[str]:
    """The required packages that are missing."""
    # For torchvision, the metadata is enough: a stub replaces it if it does not load.
    present = versions()
    return [n for n in REQUIRED if n not in present or (n != "torchvision" and importlib.util.find_spec(n) is None)]


def python_version() -> str:
    return platform.python_version()


def require() -> None:
    """@raises TrainerError `packages-missing`."""
    absent = missing()
    if absent:
        raise packages_missing(absent)


def devices() -> list[str]:
    """`cpu`, then the other devices of torch: CUDA indices, `mps`."""
    import torch

    found = ["cpu", *(str(index) for index in range(torch.cuda.device_count()))]
    return [*found, "mps"] if torch.backends.mps.is_available() else found


def check() -> int:
    """Prints the packages and devices as one JSON line. @returns the exit code, 3 if a package is missing."""
    absent = missing()
    report: dict[str, object] = {"pythonVersion": python_version(), "packages": versions(), "devices": []}
    if "torch" not in absent:
        try:
            report["devices"] = devices()
        except Exception as error:
            absent.append("torch")
            report["detail"] = str(error).splitlines()[0] if str(error) else type(error).__name__
    if absent:
        report["missing"] = absent
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()
    return MISSING_EXIT_CODE if absent else 0
