"""python -m al_trainer <run folder> | --check | --describe <file.onnx>"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from al_trainer import packages
from al_trainer.console import make_robust, visible

USAGE = (
    "usage: python -m al_trainer <run folder>\n"
    "       python -m al_trainer --check\n"
    "       python -m al_trainer --describe <file.onnx>\n"
)
USAGE_EXIT_CODE = 2


def main(arguments: Sequence[str]) -> int:
    """@returns the exit code: 0 finished or cancelled, 1 failed, 2 wrong use, 3 packages missing, 5 busy folder."""
    make_robust()
    if list(arguments) == ["--check"]:
        return packages.check()
    if len(arguments) == 2 and arguments[0] == "--describe":
        from al_trainer.describe import print_description

        return print_description(Path(arguments[1]).resolve())
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write(USAGE)
        return USAGE_EXIT_CODE
    folder = Path(arguments[0]).resolve()
    if not folder.is_dir():
        sys.stderr.write(visible(f"The run folder {folder} does not exist.\n"))
        return USAGE_EXIT_CODE
    from al_trainer.run import Run

    return Run(folder).execute()
