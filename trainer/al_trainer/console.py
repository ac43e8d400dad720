"""The terminal: readable lines for a person. Only the problem matcher of a task reads them."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

# Control characters except tab and line feed, marks that change the direction of text, and lone surrogates. Names of
# files and classes and messages of libraries may hold them, and a terminal obeys them.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)


def visible(text: str) -> str:
    r"""The text with every unseen character as \uXXXX."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04X}", text)


def say(text: str) -> None:
    """Prints a line. A closed terminal must not end a training."""
    try:
        print(visible(text), flush=True)
    except (OSError, ValueError):
        # At its exit, Python would fail again on the text that is still buffered.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115


def make_robust() -> None:
    """Replaces characters that the terminal's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say_error(report: Mapping[str, str]) -> None:
    """Prints `ERROR <file>:<line>: <message>` if a file is known, then the hint."""
    where = report.get("where")
    if where is None:
        say(f"ERROR {report['message']}")
    else:
        place = where if _has_line(where) else f"{where}:1"
        say(f"ERROR {place}: {report['message']}")
    say(f"  {report['hint']}")


def _has_line(where: str) -> bool:
    return where.rpartition(":")[2].isdigit()
