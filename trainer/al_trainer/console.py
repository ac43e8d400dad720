"""The terminal: readable lines for a person. Nothing reads them but a task's problem matcher."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

# Controls but tab and line feed, marks that turn the direction of text around, and lone surrogates: names of files and
# classes and messages of libraries may hold them, and a terminal obeys them.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)


def visible(text: str) -> str:
    r"""The text with every unseen character as \uXXXX."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04X}", text)


def say(text: str) -> None:
    """Prints a line. A terminal that went away must not end a training."""
    try:
        print(visible(text), flush=True)
    except (OSError, ValueError):
        # Python would complain again, about what is still buffered, when it exits.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115


def make_robust() -> None:
    """Characters that the terminal's encoding lacks are replaced."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say_error(report: Mapping[str, str]) -> None:
    """`ERROR <file>:<line>: <message>` where a file is known, then what to do."""
    where = report.get("where")
    if where is None:
        say(f"ERROR {report['message']}")
    else:
        place = where if _has_line(where) else f"{where}:1"
        say(f"ERROR {place}: {report['message']}")
    say(f"  {report['hint']}")


def _has_line(where: str) -> bool:
    return where.rpartition(":")[2].isdigit()
