"""What a process that was killed has left in its store, without touching it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from atkc.cli.chaos.endpoint import Paid
from atkc.runtime.storage.store import CALL, EMBEDDING

_FILES = ("store.sqlite", "store.sqlite-wal")


def durable(cache: Path) -> Paid:
    """Return how many replies and vectors are durable.

    Read from a copy: to open the store would do the recovery that the next run has to do.
    """
    with tempfile.TemporaryDirectory(dir=cache.parent) as copy:
        for name in _FILES:
            if (cache / name).exists():
                shutil.copy(cache / name, copy)
        return _counted(Path(copy) / _FILES[0])


def _counted(file: Path) -> Paid:
    if not file.exists():
        return Paid(0, 0)
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT 1 FROM sqlite_master WHERE name='entry'").fetchone()
        rows = "SELECT kind, count(*) FROM entry GROUP BY kind"
        counts = dict(connection.execute(rows).fetchall()) if found else {}
    return Paid(counts.get(CALL, 0), counts.get(EMBEDDING, 0))
