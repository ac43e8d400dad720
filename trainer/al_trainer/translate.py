"""Errors of Ultralytics as errors of the run."""

from __future__ import annotations

import re
from pickle import UnpicklingError

from al_trainer.errors import TrainerError, chain, classify
from al_trainer.log_bridge import plain
from al_trainer.weights import BaseWeights

# The messages of torch's restricted unpickler and of Ultralytics' own hook.
_REFUSED = re.compile(
    r"GLOBAL (\S+)|(unsafe getattr\(.*?\))|add_safe_globals`,? but got <class '([^']+)'>|unrecognized function (.+)"
)
# The packages of the old YOLOv5 repository.
_YOLOV5_REPOSITORY = ("models.", "utils.")


def weights_error(base: BaseWeights, error: Exception) -> TrainerError:
    known = classify(error)
    if known.code in ("out-of-memory", "disk-full"):
        return known
    if isinstance(error, FileNotFoundError) and base.kind == "architecture":
        return TrainerError(
            "weights-missing",
            f"Ultralytics knows no architecture {base.source}.",
            "Name one that it carries, such as yolov8n.yaml or yolo11n.yaml, or give the path of a .yaml file.",
            base.source,
        )
    text = plain(str(error))
    refused = _refused_class(error)
    if "yolov5" in text.lower() or (refused or "").startswith(_YOLOV5_REPOSITORY):
        return TrainerError(
            "weights-broken",
            f"{base.source} is in the format of the old YOLOv5 repository, which Ultralytics cannot load.",
            "Choose the converted file (its name ends in u, for example yolov5nu.pt) or other Ultralytics weights.",
            base.source,
        )
    if refused is not None:
        return TrainerError(
            "weights-unsafe",
            f"{base.source} holds {refused}, which safe loading refuses: loading such a file can run code.",
            "Load it only if you trust who made it. Otherwise choose weights that Ultralytics itself saved.",
            base.source,
        )
    return TrainerError(
        "weights-broken",
        f"{base.source} cannot be loaded: {(text.splitlines() or [type(error).__name__])[0][:300]}",
        "The file is damaged or not Ultralytics weights: fetch it again, or choose another.",
        base.source,
    )


def _refused_class(error: BaseException) -> str | None:
    """The class or function that safe loading refused."""
    for link in chain(error):
        if isinstance(link, UnpicklingError):
            named = _REFUSED.search(str(link))
            if named is not None:
                return next(name for name in named.groups() if name)
    return None


def export_failed(error: Exception, source: str) -> TrainerError:
    known = classify(error)
    if known.code != "unexpected":
        return known
    return TrainerError(
        "export-failed",
        f"The ONNX export failed: {known.message}",
        "The weights themselves are kept. Check the onnx package, or choose another architecture.",
        source,
    )


def dataset_invalid(error: Exception, where: str) -> TrainerError:
    """An error of Ultralytics that occurred while it read the dataset."""
    known = classify(error)
    if known.code != "unexpected":
        return known
    text = plain(str(error))
    return TrainerError(
        "dataset-invalid",
        f"Ultralytics cannot read the dataset: {text[:500]}",
        "Check the images and labels that the warnings before name, then start the training again.",
        where,
    )
