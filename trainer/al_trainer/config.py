"""config.json: read once, checked strictly, then plain data."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from al_trainer.errors import TrainerError
from al_trainer.run_files import read_plain

SCHEMA = 1
Job = Literal["train", "export", "predict", "quantise"]
_JOBS: tuple[Job, ...] = ("train", "export", "predict", "quantise")
Predictor = Literal["own", "ultralytics"]


@dataclass(frozen=True)
class Plan:
    """The numbers a training runs with. `warmup_epochs` may be fractional; `validate_every` 0 = only at the end.

    The jobs `predict` and `quantise` read `image_size` and `threads` alone.
    """

    image_size: int
    threads: int
    epochs: int = 1
    batch: int = 1
    learning_rate: float = 0.001
    optimizer: str = "AdamW"
    cosine: bool = True
    warmup_epochs: float = 0
    warmup_bias_learning_rate: float = 0
    nominal_batch: int = 1
    close_mosaic: int = 0
    validate_every: int = 0
    best_by: Literal["map50_95", "last"] = "last"


@dataclass(frozen=True)
class PredictOptions:
    """How `predict` decodes: thresholds 0…1; `class_scores_above` None leaves the class vectors out.

    `predictor` `own` is the product's decoding, `ultralytics` Ultralytics' own `predict`, for comparisons.
    `end_with_input` ends the process when its standard input ends, so that it does not outlive its parent.
    """

    predictor: Predictor
    min_confidence: float
    iou_threshold: float
    max_detections: int
    class_scores_above: float | None
    embedding: bool
    localisation: bool
    flip: bool
    batch: int
    end_with_input: bool


@dataclass(frozen=True)
class QuantiseOptions:
    """`images` calibrate the activations; `careful` keeps more in float, for a model that ranks too differently."""

    images: tuple[str, ...]
    careful: bool


@dataclass(frozen=True)
class Config:
    """A run. `dataset` is absolute; `class_names` by class id; `weights_may_run_code` as in `BaseWeights`."""

    run: str
    nonce: str
    job: Job
    dataset: Path
    class_names: tuple[str, ...]
    weights: str
    allow_download: bool
    plan: Plan
    seed: int
    device: str
    # What the file held when the user chose it or a run made it; None for a name, which is looked up.
    weights_sha256: str | None = None
    weights_may_run_code: bool = False
    predict: PredictOptions | None = None
    quantise: QuantiseOptions | None = None


def read_config(folder: Path) -> Config:
    """Reads `config.json` of a run folder.

    @raises TrainerError `config-invalid`, naming the key.
    """
    path = folder / "config.json"
    try:
        raw = json.loads(read_plain(path).decode())
    except OSError as error:
        raise _invalid(path, f"cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        line = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise _invalid(path, f"is not JSON: {error}", line) from error
    if not isinstance(raw, dict):
        raise _invalid(path, "is not an object")
    return _Reader(path).config(cast("dict[str, Any]", raw), folder)


def _invalid(path: Path, what: str, line: str = "") -> TrainerError:
    return TrainerError(
        "config-invalid",
        f"config.json {what}",
        "The run folder is written before the trainer starts; start the training again to write it anew.",
        f"{path}{line}",
    )


class _Reader:
    """Takes typed values out of parsed JSON; every complaint names the key."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def config(self, raw: Mapping[str, Any], folder: Path) -> Config:
        if raw.get("schema") != SCHEMA:
            raise _invalid(self._path, f"has schema {raw.get('schema')!r}; this trainer reads schema {SCHEMA}")
        job = cast("Job", self._choice(raw, "job", _JOBS))
        weights = self._object(raw, "weights")
        names = raw.get("classNames", [] if job in ("predict", "quantise") else None)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _invalid(self._path, "classNames must be a list of texts")
        if job == "train" and not names:
            raise _invalid(self._path, "classNames must name at least one class")
        return Config(
            run=self._text(raw, "run"),
            nonce=self._text(raw, "nonce"),
            job=job,
            dataset=folder / (self._text(raw, "dataset") if job == "train" else str(raw.get("dataset") or "")),
            class_names=tuple(names),
            weights=self._text(weights, "source", "weights."),
            allow_download=self._boolean(weights, "allowDownload", "weights."),
            plan=self._plan(self._object(raw, "plan"), job),
            seed=self._integer(raw, "seed", 0),
            device=self._text(raw, "device"),
            weights_sha256=self._text(weights, "sha256", "weights.") if "sha256" in weights else None,
            weights_may_run_code="mayRunCode" in weights and self._boolean(weights, "mayRunCode", "weights."),
            predict=self._predict(self._object(raw, "predict")) if job == "predict" else None,
            quantise=self._quantise(self._object(raw, "quantise")) if job == "quantise" else None,
        )

    def _quantise(self, raw: Mapping[str, Any]) -> QuantiseOptions:
        images = raw.get("images")
        if not isinstance(images, list) or not images or not all(isinstance(path, str) for path in images):
            raise _invalid(self._path, "quantise.images must be a list of paths")
        return QuantiseOptions(tuple(images), self._boolean(raw, "careful", "quantise."))

    def _predict(self, raw: Mapping[str, Any]) -> PredictOptions:
        p = "predict."
        above = raw.get("classScoresAbove")
        return PredictOptions(
            predictor=cast("Predictor", self._choice(raw, "predictor", ("own", "ultralytics"), p)),
            min_confidence=self._number(raw, "minConfidence", lambda x: 0 <= x <= 1, "from 0 to 1", p),
            iou_threshold=self._number(raw, "iouThreshold", lambda x: 0 <= x <= 1, "from 0 to 1", p),
            max_detections=self._integer(raw, "maxDetections", 1, p),
            class_scores_above=None
            if above is None
            else self._number(raw, "classScoresAbove", lambda x: 0 <= x <= 1, "from 0 to 1, or null", p),
            embedding=self._boolean(raw, "embedding", p),
            localisation=self._boolean(raw, "localisation", p),
            flip=self._boolean(raw, "flip", p),
            batch=self._integer(raw, "batch", 1, p),
            end_with_input=self._boolean(raw, "endWithInput", p),
        )

    def _plan(self, raw: Mapping[str, Any], job: Job) -> Plan:
        p = "plan."
        if job in ("predict", "quantise"):
            return Plan(self._integer(raw, "imageSize", 32, p), self._integer(raw, "threads", 1, p))
        return Plan(
            epochs=self._integer(raw, "epochs", 1, p),
            batch=self._integer(raw, "batch", 1, p),
            image_size=self._integer(raw, "imageSize", 32, p),
            learning_rate=self._number(raw, "learningRate", lambda x: x > 0, "above 0", p),
            optimizer=self._choice(raw, "optimizer", ("AdamW", "SGD", "Adam"), p),
            cosine=self._boolean(raw, "cosine", p),
            warmup_epochs=self._number(raw, "warmupEpochs", lambda x: x >= 0, "0 or more", p),
            warmup_bias_learning_rate=self._number(raw, "warmupBiasLearningRate", lambda x: x >= 0, "0 or more", p),
            nominal_batch=self._integer(raw, "nominalBatch", 1, p),
            close_mosaic=self._integer(raw, "closeMosaic", 0, p),
            validate_every=self._integer(raw, "validateEvery", 0, p),
            best_by=cast("Literal['map50_95', 'last']", self._choice(raw, "bestBy", ("map50_95", "last"), p)),
            threads=self._integer(raw, "threads", 1, p),
        )

    def _object(self, raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = raw.get(key)
        if not isinstance(value, dict):
            raise _invalid(self._path, f"{key} must be an object")
        return cast("dict[str, Any]", value)

    def _text(self, raw: Mapping[str, Any], key: str, prefix: str = "") -> str:
        value = raw.get(key)
        if not isinstance(value, str) or not value.strip():
            raise _invalid(self._path, f"{prefix}{key} must be a text")
        return value

    def _choice(self, raw: Mapping[str, Any], key: str, allowed: tuple[str, ...], prefix: str = "") -> str:
        value = raw.get(key)
        if value not in allowed:
            raise _invalid(self._path, f"{prefix}{key} must be one of {', '.join(allowed)}, not {value!r}")
        return cast("str", value)

    def _boolean(self, raw: Mapping[str, Any], key: str, prefix: str = "") -> bool:
        value = raw.get(key)
        if not isinstance(value, bool):
            raise _invalid(self._path, f"{prefix}{key} must be true or false")
        return value

    def _integer(self, raw: Mapping[str, Any], key: str, least: int, prefix: str = "") -> int:
        value = raw.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise _invalid(self._path, f"{prefix}{key} must be a whole number of {least} or more, not {value!r}")
        return value

    def _number(
        self, raw: Mapping[str, Any], key: str, fits: Callable[[float], bool], allowed: str, prefix: str = ""
    ) -> float:
        value = raw.get(key)
        number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
        if not math.isfinite(number) or not fits(number):
            raise _invalid(self._path, f"{prefix}{key} must be a number {allowed}, not {value!r}")
        return float(number)
