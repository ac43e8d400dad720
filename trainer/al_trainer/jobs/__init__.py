"""The jobs that config.json can name: each module of this package is one, and its `JOB` is a subclass of `Job`."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from al_trainer.config import ConfigReader
from al_trainer.job import Job


def job_names() -> tuple[str, ...]:
    """The names of all jobs, as in config.json."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))


def find_job(config: ConfigReader) -> type[Job]:
    """The job that a configuration names. @raises TrainerError `config-invalid`."""
    name = config.choice("job", job_names())
    job: type[Job] = import_module(f"{__name__}.{name.replace('-', '_')}").JOB
    return job
