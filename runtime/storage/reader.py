"""Reads values by their key, many in one read transaction: half the cost of one each.

A transaction lasts one turn of the event loop at most, so it holds up no writer's clearing of the
log. Within it a value that was found is the value, for values do not change; what was not found is
looked for again outside, for it may have been committed since. Only after a hit is one begun: where
nothing is stored it would be in the way.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_GET = "SELECT value FROM entry WHERE key=?"


class Reader:
    """Looks into a store by one connection, for one thread. Raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._execute = connection.cursor().execute
        self._open = False  # whether a read transaction is
        self._hit = False  # whether the last value looked for was there, so the next may be

    def get(self, key: bytes) -> bytes | None:
        """Return what is stored under a key, as it lies there."""
        if self._hit and not self._open:
            self._begin()
        row = self._execute(_GET, (key,)).fetchone()
        if row is None and self._open:
            self.end()
            row = self._execute(_GET, (key,)).fetchone()
        self._hit = row is not None
        return None if row is None else row[0]

    def end(self) -> None:
        """End the transaction, so that what others commit is seen."""
        if self._open:
            self._open = False
            self._execute("COMMIT")

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Return the connection for other statements, outside of the transaction."""
        self.end()
        yield self._connection

    def close(self) -> None:
        """End the transaction and close the connection."""
        self.end()
        self._connection.close()

    def _begin(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # nobody would end it
            return
        self._execute("BEGIN")
        self._open = True
        loop.call_soon(self._turn_over)

    def _turn_over(self) -> None:
        try:
            self.end()
        except sqlite3.ProgrammingError:  # closed meanwhile: it ended with the connection
            self._open = False
        except sqlite3.Error:  # the file is damaged: whoever reads next is told, if it matters
            with suppress(sqlite3.Error):
                self._execute("ROLLBACK")
