"""The entry point."""

import os
import sys

import pytest

from al_trainer import __main__ as entry
from al_trainer import cli, isolation


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_what_the_trainer_writes_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def main(_: list[str]) -> int:
        seen.append(os.umask(0o022))
        return 0

    monkeypatch.setattr(cli, "main", main)
    # It would restart this process, with its tests.
    monkeypatch.setattr(isolation, "isolate", lambda: None)
    before = os.umask(0o022)
    try:
        assert entry.start() == 0
    finally:
        os.umask(before)
    assert seen == [0o077]
