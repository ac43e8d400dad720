"""Starts trainers as forks of a process that has imported the large packages, which takes seconds in a new one.

Requests come as JSON lines on standard input; the answer to each is the pid. The exit code of a fork is in the file
`exit` beside its output. Ultralytics is not imported here: it reads the environment of each run.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import sys
import traceback
from pathlib import Path
from typing import Any

REAP_SECONDS = 0.01


def serve() -> dict[str, Any]:
    """Forks on request. @returns the request, in the fork. Exits when its input ends."""
    forks: dict[int, Path] = {}
    while True:
        ready, _, _ = select.select([0], [], [], REAP_SECONDS if forks else None)
        for pid in list(forks):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                write_whole(forks.pop(pid), str(os.waitstatus_to_exitcode(status)))
        if not ready:
            continue
        line = sys.stdin.buffer.readline()
        if not line:
            sys.exit()
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            return request
        forks[pid] = Path(request["output"]) / "exit"
        print(pid, flush=True)


def write_whole(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)


def become_trainer(request: dict[str, Any]) -> None:
    """Runs the trainer in this process, as a new one would."""
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    output = Path(request["output"])
    files = [os.open(os.devnull, os.O_RDONLY)]
    files += [os.open(output / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for name in ("stdout", "stderr")]
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["al_trainer", request["folder"]]
    code = 1
    try:
        exec(compile(request["prelude"], "prelude", "exec"), {"__name__": "__main__"})
        from al_trainer.cli import main

        code = main(sys.argv[1:])
    except Exception:
        traceback.print_exc()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    # The interpreter would free the modules that this process shares with the server, one by one.
    os._exit(code)


def preload() -> None:
    # Not onnxruntime and polars: they start threads, which a fork does not have.
    for name in ("cv2", "matplotlib.pyplot", "numpy", "onnx", "PIL.Image", "yaml", "torch"):
        try:
            __import__(name)
        except ImportError:
            continue


if __name__ == "__main__":
    preload()
    gc.freeze()
    print("ready", flush=True)
    become_trainer(serve())
