"""Paths of any bytes: names on Linux are not always UTF-8."""

from __future__ import annotations

import re

_FIRST = 0x10FE00
_ESCAPED = re.compile("[\U0010fe80-\U0010feff]")


def native_path(path: str) -> str:
    """The path for Python's file functions.

    The extension writes each byte that belongs to no UTF-8 character as a private character. Python writes it as a lone
    surrogate (`surrogateescape`), which only file functions accept, so messages keep the private character.
    """
    return _ESCAPED.sub(lambda found: chr(0xDC00 + ord(found[0]) - _FIRST), path)
