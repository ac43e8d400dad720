"""Processes of trainers under test."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from al_trainer.isolation import FLAGS

TRAINER = Path(__file__).resolve().parent.parent
# The threads of a library do not survive a fork, and its end waits for them.
SINGLE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


class Process(Protocol):
    """The part of `subprocess.Popen` that tests use."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def send_signal(self, number: int) -> None: ...
    def communicate(self, *, timeout: float | None = None) -> tuple[str, str]: ...


class Fork:
    """A trainer that the fork server started."""

    def __init__(self, pid: int, output: Path) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._output = output

    def poll(self) -> int | None:
        file = self._output / "exit"
        if self.returncode is None and file.exists():
            self.returncode = int(file.read_text())
        return self.returncode

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def communicate(self, *, timeout: float | None = None) -> tuple[str, str]:
        end = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if end is not None and time.monotonic() > end:
                self.kill()
                raise subprocess.TimeoutExpired("al_trainer", timeout or 0)
            time.sleep(0.01)
        out, err = ((self._output / name).read_text() for name in ("stdout", "stderr"))
        return out, err


@functools.cache
def _fork_server() -> subprocess.Popen[str]:
    # Its input ends when this process does, and then it ends, too.
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.fork_server"],
        cwd=TRAINER,
        env={**os.environ, "PYTHONPATH": str(TRAINER), "MPLBACKEND": "Agg", **SINGLE_THREAD},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    return server


def fork_trainer(folder: Path, prelude: str, env: Mapping[str, str]) -> Process:
    """Starts a trainer in a process that has imported torch already. `prelude` is Python that runs before it."""
    server = _fork_server()
    output = Path(tempfile.mkdtemp(dir=folder.parent, prefix="output-"))
    request = {"folder": str(folder), "cwd": str(folder.parent), "env": env, "prelude": prelude, "output": str(output)}
    assert server.stdin is not None
    assert server.stdout is not None
    print(json.dumps(request), file=server.stdin, flush=True)
    return Fork(int(server.stdout.readline()), output)


def spawn_trainer(folder: Path, prelude: str, env: Mapping[str, str]) -> Process:
    """Starts a trainer as the product does, in a new process."""
    start = "import sys; from al_trainer.cli import main; sys.exit(main(sys.argv[1:]))"
    command = ["-c", prelude + "\n" + start] if prelude else [*FLAGS, "-m", "al_trainer"]
    return subprocess.Popen(
        [sys.executable, *command, str(folder)],
        cwd=folder.parent if prelude else TRAINER,
        env=dict(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
