"""Which entries the last run into each output folder used: what `atkc cache gc` must not lose.

A run notes eight bytes of each key that it met, and writes them down once, when it ends. What a
run used that did not complete stands beside what the last complete one did.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from atkc.runtime.storage.schema import today

PREFIX = 8  # bytes of a key

_WRITE = "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?)"
_SETTLE = "DELETE FROM run WHERE target=? AND NOT complete"
_LIST = """SELECT target, complete, spec, day, length(uses) FROM run
    ORDER BY day DESC, target, complete"""


class Ran(NamedTuple):
    """What is known of the last run into an output folder."""

    target: str
    complete: bool
    spec: str
    day: int
    uses: int  # replies and values that it took from the store or brought there


class Uses:
    """What one run uses of a store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._noted = bytearray()

    def note(self, key: bytes) -> None:
        """Take down that an entry was used."""
        self._noted += key[:PREFIX]

    @contextmanager
    def of_run(self, target: str, spec: str) -> Iterator[None]:
        """Write down what is used meanwhile; raises sqlite3.Error where nothing else failed."""
        self._noted.clear()
        try:
            yield
        except BaseException:
            # What ended the run is to be told; a store that fails now fails for the same reason.
            with suppress(sqlite3.Error):
                self._write(target, spec, complete=False)
            raise
        self._write(target, spec, complete=True)

    def all(self) -> list[Ran]:
        """Return the last runs, the newest first."""
        rows = self._connection.execute(_LIST).fetchall()
        return [Ran(to, bool(c), spec, day, size // PREFIX) for to, c, spec, day, size in rows]

    def _write(self, target: str, spec: str, *, complete: bool) -> None:
        row = (target, complete, spec, today(), bytes(self._noted))
        self._connection.execute(_WRITE, row)
        if complete:
            self._connection.execute(_SETTLE, (target,))
