"""Everything that touches Ultralytics. Import it after `prepare_environment` and `ensure_torchvision`."""

from __future__ import annotations

import logging
import os
from functools import partial
from pathlib import Path
from typing import Any

import torch

# Ultralytics reads it while it is imported. Set here, so that it holds however this process was started.
os.environ["ULTRALYTICS_SAFE_LOAD"] = "1"

# Imported here, before any seeding: importing it consumes a random number.
import ultralytics.data.dataset
import ultralytics.data.utils
import ultralytics.nn.tasks
import ultralytics.utils.downloads
import ultralytics.utils.events
import ultralytics.utils.nms
import ultralytics.utils.torch_utils
from ultralytics import SETTINGS
from ultralytics.utils import LOGGER, callbacks

from al_trainer.errors import packages_missing
from al_trainer.log_bridge import LogBridge
from al_trainer.offline import QUIET_SETTINGS
from al_trainer.training_hooks import Observer
from al_trainer.weights import local_file_first


def configure(threads: int, observer: Observer) -> None:
    """Call it once, first: silences Ultralytics, its integrations and its settings, and turns safe loading on.

    @raises TrainerError `packages-missing` if this Ultralytics or torch cannot load weights safely.
    """
    _load_safely()
    SETTINGS.update({name: value for name, value in QUIET_SETTINGS.items() if name in SETTINGS})
    callbacks.add_integration_callbacks = lambda _instance: None
    # Every dataset check would fetch a font, for plots that are never drawn.
    ultralytics.data.utils.check_font = lambda _font: None
    ultralytics.utils.downloads.attempt_download_asset = local_file_first(
        ultralytics.utils.downloads.attempt_download_asset
    )
    # Its time limit drops boxes on a busy machine: the same weights would score lower, and another epoch be the best.
    ultralytics.utils.nms.non_max_suppression = partial(
        ultralytics.utils.nms.non_max_suppression, max_time_img=float("inf")
    )
    torch.set_num_threads(threads)
    for handler in list(LOGGER.handlers):
        LOGGER.removeHandler(handler)
    LOGGER.addHandler(LogBridge(observer))
    LOGGER.setLevel(logging.INFO)


def _load_safely() -> None:
    """A file of weights is a program of its author: only the classes of a detector are made from one."""
    safe = getattr(ultralytics.nn.tasks, "_SafeLoad", None)
    if safe is None or not safe.SUPPORTED or ultralytics.nn.tasks.SAFE_LOAD is not True:
        raise packages_missing(["ultralytics", "torch"], "versions that can load weights without running code")
    # Ultralytics' own loads that the switch does not reach: the checkpoint that is stripped, and label caches.
    ultralytics.utils.torch_utils.torch_load = lambda file, **_: ultralytics.nn.tasks.torch_safe_load(str(file))[0]
    ultralytics.data.dataset.load_dataset_cache_file = _no_cache


def _no_cache(path: Path) -> Any:
    raise FileNotFoundError(path)
