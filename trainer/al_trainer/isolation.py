"""Isolates the trainer from variables of the environment and from files of the current folder."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

# `-E` ignores PYTHONPATH and similar variables; the user's own site-packages still apply.
FLAGS = ("-E", "-u", "-B", "-X", "utf8")
# The parent names the variables to keep, because a terminal adds its whole environment to that of a task.
KEEP = "AL_TRAINER_KEEP"
_DONE = "AL_TRAINER_ISOLATED"
HOME = Path(__file__).resolve().parent.parent


def kept(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that the patterns in `KEEP` let through: `NAME`, `NAME*`, or `!…` for names that never pass."""
    patterns = variables.get(KEEP)
    if patterns is None:
        return dict(variables)
    denied = _matcher(pattern[1:] for pattern in patterns.split() if pattern.startswith("!"))
    allowed = _matcher(pattern for pattern in patterns.split() if not pattern.startswith("!"))
    return {
        name: value
        for name, value in variables.items()
        if name == "ULTRALYTICS_SAFE_LOAD" or (allowed.fullmatch(name) and not denied.fullmatch(name))
    }


def isolate() -> None:
    """Removes the variables that may not pass, and prevents imports from the current folder.

    Except on Windows, the process restarts under the same id, so that its memory does not hold what it inherited. It
    also restarts if a person started it by hand, with a PYTHONPATH or in another folder.
    """
    variables = kept(os.environ)
    arguments = [word if word.startswith("-") else str(Path(word).resolve()) for word in sys.argv[1:]]
    alone = sys.flags.ignore_environment and Path.cwd() == HOME
    if alone and len(variables) == len(os.environ):
        return
    os.chdir(HOME)
    if sys.platform != "win32" and sys.executable and _DONE not in variables:
        chosen = [flag for flag, on in (("-S", sys.flags.no_site), ("-s", sys.flags.no_user_site)) if on]
        command = [sys.executable, *FLAGS, *chosen, "-m", "al_trainer", *arguments]
        os.execve(sys.executable, command, {**variables, _DONE: "1"})
    for name in [name for name in os.environ if name not in variables]:
        del os.environ[name]
    sys.argv[1:] = arguments
    if not sys.flags.ignore_environment:
        inherited = {str(Path(entry).resolve()) for entry in os.environ.pop("PYTHONPATH", "").split(os.pathsep)}
        sys.path[:] = [str(HOME), *(entry for entry in sys.path[1:] if str(Path(entry).resolve()) not in inherited)]


def _matcher(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(pattern).replace(r"\*", ".*") for pattern in patterns), re.IGNORECASE)
