"""The pid file: the process that works in this run folder."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from al_trainer.atomic import write_json
from al_trainer.errors import TrainerError
from al_trainer.run_files import read_plain

# Names the variable with the nonce: unlike the files of the folder, only the parent knows it.
NONCE = "AL_TRAINER_NONCE"


def start_time(pid: int) -> str:
    """The start time of a process, as a text for comparisons only; empty if it is unknown.

    Linux: field 22 of /proc/<pid>/stat (clock ticks since boot). Elsewhere: milliseconds since 1970, through psutil.
    """
    if sys.platform.startswith("linux"):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        # The second field is the command in parentheses and may itself hold spaces and parentheses.
        return stat[stat.rindex(")") + 2 :].split()[19]
    try:
        import psutil
    except ImportError:
        return ""
    try:
        return str(round(psutil.Process(pid).create_time() * 1000))
    except psutil.Error:
        return ""


def is_alive(pid: int, started: str) -> bool:
    """Whether the process `pid` that started at `started` is alive."""
    if pid <= 0:
        return False
    if started:
        return start_time(pid) == started and not _is_zombie(pid)
    if sys.platform == "win32":
        return False  # os.kill(pid, 0) would terminate it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_zombie(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat[stat.rindex(")") + 2 :].startswith("Z")


def other_owner(folder: Path) -> int | None:
    """The pid of another live trainer in this folder."""
    try:
        owner = json.loads(read_plain(folder / "pid"))
        pid, started = int(owner["pid"]), str(owner["startTime"])
    except (OSError, ValueError, KeyError, TypeError, TrainerError):
        return None
    return pid if pid != os.getpid() and is_alive(pid, started) else None


def write_pid(folder: Path, nonce: str) -> None:
    """Records this process as the owner of the run folder, with the nonce of its parent if there is one."""
    pid = os.getpid()
    nonce = os.environ.get(NONCE) or nonce
    write_json(folder / "pid", {"pid": pid, "startTime": start_time(pid), "nonce": nonce})
