"""Loads files of weights as the trainer does before a training: a path as JSON on a line of the input, a report on one of the output."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from unittest.mock import Mock

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "trainer"))

from al_trainer.errors import TrainerError, classify
from al_trainer.offline import NetworkGuard, prepare_environment
from al_trainer.weights import resolve_weights

# What packages print must not come between the reports.
answers, sys.stdout = sys.stdout, sys.stderr


def report(source: str, folder: Path) -> dict[str, str] | None:
    from al_trainer.ultralytics_adapter.models import load_base

    try:
        base = resolve_weights(
            source, allow_download=False, weights_folder=None, run_folder=folder, guard=NetworkGuard()
        )
        load_base(base, to_train=True)
    except TrainerError as error:
        return error.report()
    except Exception as error:
        return classify(error).report()
    return None


def main() -> None:
    with tempfile.TemporaryDirectory() as private:
        prepare_environment(Path(private), 1)
        from al_trainer import ultralytics_adapter

        ultralytics_adapter.configure(1, Mock())
        print(json.dumps("ready"), file=answers, flush=True)
        for line in sys.stdin:
            source = Path(json.loads(line))
            print(json.dumps(report(str(source), source.parent)), file=answers, flush=True)


main()
