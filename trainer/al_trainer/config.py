"""config.json: read once, checked strictly, then plain data."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from al_trainer.errors import TrainerError
from al_trainer.run_files import read_plain

SCHEMA = 1


@dataclass(frozen=True)
class Config:
    """The part of a configuration that every job has. `image_size`: side of the input, pixels.

    `weights_sha256`: the content when the user chose the file or a run made it; None for a name, which is looked up.
    `weights_may_run_code`: as in `BaseWeights`.
    """

    run: str
    nonce: str
    weights: str
    allow_download: bool
    weights_sha256: str | None
    weights_may_run_code: bool
    image_size: int
    threads: int
    device: str


class ConfigReader:
    """Takes typed values out of config.json. Every error names the key, with the path of its objects."""

    def __init__(self, path: Path, raw: Mapping[str, Any], prefix: str = "") -> None:
        self.path = path
        self._raw = raw
        self._prefix = prefix

    def __contains__(self, key: str) -> bool:
        return key in self._raw

    def is_null(self, key: str) -> bool:
        """Whether the key is absent or null."""
        return self._raw.get(key) is None

    def invalid(self, key: str, what: str) -> TrainerError:
        return _invalid(self.path, f"{self._prefix}{key} {what}")

    def object(self, key: str) -> ConfigReader:
        value = self._raw.get(key)
        if not isinstance(value, dict):
            raise self.invalid(key, "must be an object")
        return ConfigReader(self.path, cast("dict[str, Any]", value), f"{self._prefix}{key}.")

    def text(self, key: str) -> str:
        value = self._raw.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.invalid(key, "must be a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, at least one."""
        value = self._raw.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            raise self.invalid(key, "must be a list of at least one text")
        return tuple(value)

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self._raw.get(key)
        if value not in allowed:
            raise self.invalid(key, f"must be one of {', '.join(allowed)}, not {value!r}")
        return cast("str", value)

    def boolean(self, key: str) -> bool:
        value = self._raw.get(key)
        if not isinstance(value, bool):
            raise self.invalid(key, "must be true or false")
        return value

    def integer(self, key: str, least: int) -> int:
        value = self._raw.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.invalid(key, f"must be a whole number of {least} or more, not {value!r}")
        return value

    def number(self, key: str, fits: Callable[[float], bool], allowed: str) -> float:
        value = self._raw.get(key)
        number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
        if not math.isfinite(number) or not fits(number):
            raise self.invalid(key, f"must be a number {allowed}, not {value!r}")
        return float(number)


def open_config(folder: Path) -> ConfigReader:
    """Opens `config.json` of a run folder and checks its schema.

    @raises TrainerError `config-invalid`, with the line of a syntax error.
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
    if raw.get("schema") != SCHEMA:
        raise _invalid(path, f"has schema {raw.get('schema')!r}; this trainer reads schema {SCHEMA}")
    return ConfigReader(path, cast("dict[str, Any]", raw))


def read_config(reader: ConfigReader) -> Config:
    """The part that every job has. @raises TrainerError `config-invalid`, naming the key."""
    weights, plan = reader.object("weights"), reader.object("plan")
    return Config(
        run=reader.text("run"),
        nonce=reader.text("nonce"),
        weights=weights.text("source"),
        allow_download=weights.boolean("allowDownload"),
        weights_sha256=weights.text("sha256") if "sha256" in weights else None,
        weights_may_run_code="mayRunCode" in weights and weights.boolean("mayRunCode"),
        image_size=plan.integer("imageSize", 32),
        threads=plan.integer("threads", 1),
        device=reader.text("device"),
    )


def _invalid(path: Path, what: str, line: str = "") -> TrainerError:
    return TrainerError(
        "config-invalid",
        f"config.json {what}",
        "The extension writes this file before it starts the trainer. Start the training again to write it again.",
        f"{path}{line}",
    )
