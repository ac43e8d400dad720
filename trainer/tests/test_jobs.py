"""The registry of jobs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from al_trainer import jobs
from al_trainer.config import open_config
from al_trainer.errors import TrainerError
from al_trainer.jobs import find_job, job_names


def write(folder: Path, job: str) -> Path:
    (folder / "config.json").write_text(json.dumps({"schema": 1, "job": job}))
    return folder


def test_each_job_has_the_name_of_its_module(tmp_path: Path) -> None:
    assert set(job_names()) == {"train", "export", "quantise", "predict"}
    for name in job_names():
        assert find_job(open_config(write(tmp_path, name))).name == name


def test_a_new_job_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "from al_trainer.job import Job\nclass AutoLabel(Job):\n    name = 'auto-label'\nJOB = AutoLabel\n"
    (tmp_path / "auto_label.py").write_text(module)
    with pytest.raises(TrainerError, match="auto-label"):
        find_job(open_config(write(tmp_path, "auto-label")))
    monkeypatch.setattr(jobs, "__path__", [*jobs.__path__, str(tmp_path)])
    assert find_job(open_config(write(tmp_path, "auto-label"))).name == "auto-label"
