"""Finds the base weights: a path, a name in Ultralytics' weights folder, or an architecture."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from al_trainer.errors import TrainerError
from al_trainer.offline import NetworkGuard

# Ultralytics publishes its weights here. The variable names a mirror.
ASSETS_URL = "https://github.com/ultralytics/assets/releases/download/v8.4.0"
ASSETS_URL_VARIABLE = "AL_TRAINER_ASSETS_URL"
_ARCHITECTURE_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class BaseWeights:
    """`source`: an existing `.pt`, or an architecture (a path, or a name that Ultralytics carries).

    `may_run_code`: the user trusts the author of the file, so that it is loaded as a program, not only as data.
    """

    kind: Literal["checkpoint", "architecture"]
    source: str
    may_run_code: bool = False


def settings_folders() -> list[Path]:
    """The folders of the user's own Ultralytics settings, likeliest first (the rule of `get_user_config_dir`)."""
    named = os.environ.get("YOLO_CONFIG_DIR")
    if named:
        base = Path(named).expanduser()
    elif sys.platform == "win32":
        base = Path.home() / "AppData" / "Roaming"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return [base / "Ultralytics", Path(tempfile.gettempdir()) / "Ultralytics"]


def user_weights_folder() -> Path | None:
    """The `weights_dir` of the user's own Ultralytics settings. Call it before `prepare_environment` hides them."""
    for folder in settings_folders():
        try:
            file = folder / "settings.json"
            # Every user of the machine can write to one of the folders.
            if sys.platform != "win32" and file.stat().st_uid not in (os.getuid(), 0):
                continue
            settings = json.loads(file.read_text(encoding="utf-8"))
            return Path(settings["weights_dir"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def resolve_weights(
    source: str, *, allow_download: bool, weights_folder: Path | None, run_folder: Path, guard: NetworkGuard
) -> BaseWeights:
    """Finds the weights or the architecture that `source` names.

    @raises TrainerError `weights-missing` with the ways out; `weights-broken` for a file of another kind.
    """
    path = Path(source).expanduser()
    suffix = path.suffix.lower()
    if suffix in _ARCHITECTURE_SUFFIXES:
        found = run_folder / path
        if found.is_file():
            return BaseWeights("architecture", str(found.resolve()))
        if _has_folder(source):
            raise _missing(source, weights_folder, allow_download)
        return BaseWeights("architecture", source)
    if suffix != ".pt":
        raise TrainerError(
            "weights-broken",
            f"{source} is neither a .pt file nor a .yaml architecture.",
            "Training starts from Ultralytics weights (.pt) or from an architecture (.yaml); an exported model such as "
            ".onnx cannot be trained further.",
            source,
        )
    # A bare name means the user's own weights, even if the run folder has a file of that name.
    places = [run_folder / path] if _has_folder(source) else []
    if weights_folder is not None and not _has_folder(source):
        places.append(weights_folder / path.name)
    for place in places:
        if place.is_file():
            return BaseWeights("checkpoint", str(place.resolve()))
    if _has_folder(source) or not allow_download:
        raise _missing(source, weights_folder, allow_download)
    target = (weights_folder or run_folder / "weights") / path.name
    download(path.name, target, guard)
    return BaseWeights("checkpoint", str(target.resolve()))


def check_content(path: str | Path, sha256: str | None) -> None:
    """Checks that a file is still the one that was chosen. @raises TrainerError `weights-changed`."""
    if sha256 is None or not Path(path).is_file():
        return
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != sha256:
        raise TrainerError(
            "weights-changed",
            f"{path} is not the file that you chose: its content has changed since.",
            "Choose the weights again if you trust the new content.",
            str(path),
        )


def download(name: str, target: Path, guard: NetworkGuard) -> None:
    """Fetches published weights into `target`, in one step. @raises TrainerError `weights-missing`."""
    if re.fullmatch(r"[\w.-]+\.pt", name) is None:
        raise _missing(name, target.parent, True)
    url = f"{os.environ.get(ASSETS_URL_VARIABLE) or ASSETS_URL}/{name}"
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with guard.lifted(), urllib.request.urlopen(url, timeout=60) as answer, part.open("wb") as file:
            expected = int(answer.headers.get("Content-Length") or 0)
            received = 0
            while block := answer.read(1 << 20):
                file.write(block)
                received += len(block)
        if expected and received != expected:
            raise OSError(f"only {received} of {expected} bytes arrived")
        part.replace(target)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        part.unlink(missing_ok=True)
        raise TrainerError(
            "weights-missing",
            f"{name} could not be downloaded from {url}: {error}",
            f"Check the connection and try again. {_ways_out(target.parent, may_download=False)}",
            name,
        ) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _has_folder(source: str) -> bool:
    return "/" in source or "\\" in source


def _missing(source: str, weights_folder: Path | None, allow_download: bool) -> TrainerError:
    if _has_folder(source):
        message = f"The weights {source} do not exist."
    else:
        message = f"The weights {source} are not on this machine" + (
            "." if allow_download else ", and downloading them was not allowed."
        )
    hint = _ways_out(weights_folder, may_download=not allow_download)
    return TrainerError("weights-missing", message, hint, source)


def _ways_out(weights_folder: Path | None, *, may_download: bool) -> str:
    """`may_download`: whether allowing the download would help. It does not if it was allowed already."""
    cache = "put the file into Ultralytics' weights folder" + (f" ({weights_folder})" if weights_folder else "")
    return (
        f"Choose a .pt file on this machine, or {cache}, {'or allow the download, ' if may_download else ''}"
        "or name an architecture such as yolov8n.yaml to train from scratch (which needs many more labels)."
    )


def local_file_first(find: Callable[..., str]) -> Callable[..., str]:
    """Takes the path of an existing file as it is: Ultralytics drops apostrophes from it."""

    def find_file(file: str | Path, *args: Any, **kwargs: Any) -> str:
        return str(file) if Path(file).is_file() else find(file, *args, **kwargs)

    return find_file
