"""The device of a run."""

from __future__ import annotations

import torch

from al_trainer.errors import TrainerError


def resolve_device(name: str) -> str:
    """`auto`, `cpu`, `mps` or a CUDA index as Ultralytics' device. @raises TrainerError `device-missing`."""
    mps = torch.backends.mps.is_available()
    if name == "auto":
        return "0" if torch.cuda.is_available() else "mps" if mps else "cpu"
    index = name.removeprefix("cuda:")
    if name == "cpu" or (name == "mps" and mps):
        return name
    if index.isdigit() and int(index) < torch.cuda.device_count():
        return index
    found = [str(i) for i in range(torch.cuda.device_count())] + (["mps"] if mps else [])
    raise TrainerError(
        "device-missing",
        f"The device {name!r} is configured, but this torch finds only {', '.join(['cpu', *found])} on this machine.",
        "Choose another device (auto takes the best one), or install a torch that was built for your GPU.",
    )
