"""config.json: read once, checked strictly, then plain data."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from al_trainer.errors import TrainerError

SCHEMA = 1
Job = Literal["train", "export"]


@dataclass(frozen=True)
class Plan:
    """The numbers a training runs with. `warmup_epochs` may be fractional; `validate_every` 0 = only at the end."""

    epochs: int
    batch: int
    image_size: int
    learning_rate: float
    optimizer: str
    cosine: bool
    warmup_epochs: float
    warmup_bias_learning_rate: float
    nominal_batch: int
    close_mosaic: int
    validate_every: int
    best_by: Literal["map50_95", "last"]
    threads: int


@dataclass(frozen=True)
class Config:
    """A run. `dataset` is absolute; `class_names` by class id."""

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


def read_config(folder: Path) -> Config:
    """Reads `config.json` of a run folder.

    @raises TrainerError `config-invalid`, naming the key.
    """
    path = folder / "config.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
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
        job = self._choice(raw, "job", ("train", "export"))
        weights = self._object(raw, "weights")
        names = raw.get("classNames")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _invalid(self._path, "classNames must be a list of texts")
        if job == "train" and not names:
            raise _invalid(self._path, "classNames must name at least one class")
        return Config(
            run=self._text(raw, "run"),
            nonce=self._text(raw, "nonce"),
            job=cast("Job", job),
            dataset=folder / (self._text(raw, "dataset") if job == "train" else str(raw.get("dataset") or "")),
            class_names=tuple(names),
            weights=self._text(weights, "source", "weights."),
            allow_download=self._boolean(weights, "allowDownload", "weights."),
            plan=self._plan(self._object(raw, "plan")),
            seed=self._integer(raw, "seed", 0),
            device=self._text(raw, "device"),
        )

    def _plan(self, raw: Mapping[str, Any]) -> Plan:
        p = "plan."
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
