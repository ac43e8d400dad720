"""The run's own copy of the dataset: checked, and described to Ultralytics with absolute paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from al_trainer.errors import TrainerError
from al_trainer.training_hooks import LeftOut

IMAGE_SUFFIXES = frozenset(
    (".avif", ".bmp", ".dng", ".heic", ".heif", ".jp2", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp")
)


@dataclass(frozen=True)
class Dataset:
    """`description`: the data.yaml that Ultralytics reads. `val_images` 0 = there is nothing to validate on."""

    description: Path
    train_images: int
    val_images: int


def prepare_dataset(source: Path, class_names: tuple[str, ...], private: Path) -> Dataset:
    """Checks the snapshot and writes its description for Ultralytics.

    The description holds absolute paths (Ultralytics resolves `path: .` against the working directory) and only the
    keys that it needs: Ultralytics would execute a `download:` entry.

    @raises TrainerError `dataset-invalid`, naming the file.
    """
    raw = _read(source)
    names = _names(raw, source)
    if names != list(class_names):
        raise _invalid(source, f"names {names} differ from the run's classes {list(class_names)}")
    root = source.parent / str(raw.get("path") or "")
    train, train_images = _split(raw, "train", root, source)
    if train_images == 0:
        raise _invalid(train, "there is no image to train on")
    if not any(_has_rows(label) for label in _label_files(train)):
        raise _invalid(_labels(train), "no image has a box: there is nothing to learn from")
    val, val_images = _split(raw, "val", root, source) if raw.get("val") else (train, 0)
    import yaml

    description = private / "data.yaml"
    content = {"train": str(train), "val": str(val if val_images else train), "names": dict(enumerate(names))}
    description.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    remove_caches(source)
    return Dataset(description, train_images, val_images)


def left_out(folder: Path, taken: Iterable[str], reasons: Mapping[str, str]) -> tuple[LeftOut, ...]:
    """The images of a split that Ultralytics did not take, by id; `reasons` by path."""
    kept = {Path(path).name for path in taken}
    why = {Path(path).name: reason for path, reason in reasons.items() if Path(path).parent == folder}
    missing = [file for file in _images(folder) if file.name not in kept and file.stem.isdecimal()]
    return tuple(
        LeftOut(int(file.stem), folder.name, why.get(file.name, "Ultralytics gave no reason"))
        for file in sorted(missing, key=lambda file: int(file.stem))
    )


def remove_caches(source: Path) -> None:
    """Deletes Ultralytics' label caches: their key is the file size, so that they miss an edit of the same length."""
    for cache in source.parent.rglob("*.cache"):
        cache.unlink(missing_ok=True)


def _read(source: Path) -> dict[str, Any]:
    import yaml

    try:
        raw = yaml.safe_load(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise _invalid(source, f"cannot be read: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        raise _invalid(f"{source}{line}", f"is not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(raw, dict):
        raise _invalid(source, "is not a mapping")
    return raw


def _names(raw: dict[str, Any], source: Path) -> list[str]:
    names = raw.get("names")
    if isinstance(names, dict):
        if sorted(names, key=str) != sorted(range(len(names)), key=str):
            raise _invalid(source, "names must have the keys 0, 1, 2, … without a gap")
        names = [names[index] for index in range(len(names))]
    if not isinstance(names, list) or not names:
        raise _invalid(source, "names is missing")
    return [str(name) for name in names]


def _split(raw: dict[str, Any], key: str, root: Path, source: Path) -> tuple[Path, int]:
    value = raw.get(key)
    if not isinstance(value, str):
        raise _invalid(source, f"{key} must be a folder")
    folder = (root / value).resolve()
    if not folder.is_dir():
        if key == "val":
            return folder, 0
        raise _invalid(folder, "the folder of the training images does not exist")
    return folder, len(_images(folder))


def _images(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.suffix.lower() in IMAGE_SUFFIXES]


def _labels(images: Path) -> Path:
    """Ultralytics' rule: the last `/images/` of the path becomes `/labels/`."""
    head, found, tail = f"{images}/".rpartition("/images/")
    return Path(f"{head}/labels/{tail}" if found else str(images))


def _label_files(images: Path) -> list[Path]:
    return sorted(_labels(images).rglob("*.txt"))


def _has_rows(label: Path) -> bool:
    return any(line.strip() for line in label.read_text(encoding="utf-8", errors="replace").splitlines())


def _invalid(where: Path | str, what: str) -> TrainerError:
    name = where if isinstance(where, str) else where.name
    return TrainerError(
        "dataset-invalid",
        f"{Path(name).name}: {what}",
        "Check the dataset's labels, label at least one image with a box, then start the training again.",
        str(where),
    )
