"""Calls of one model that wait for their batch: their lines lie on disk already."""

from __future__ import annotations

import asyncio
import fcntl
from pathlib import Path

from atkc.runtime.api import Reply
from atkc.runtime.batch.following import Waiters
from atkc.runtime.batch.lines import line_name


class Collection:
    """The calls of a batch to be."""

    def __init__(self, name: str, path: Path, model: str, mode: str) -> None:
        self.name = name
        self.model = model
        self.mode = mode
        self.size = 0  # bytes
        self.waiters: Waiters = {}
        self._path = path
        self._file = path.open("wb")
        fcntl.flock(self._file, fcntl.LOCK_EX)  # tells other processes that somebody is at it

    def add(self, key: str, line: bytes, waiter: asyncio.Future[Reply]) -> None:
        """Take a call in."""
        self._file.write(line)
        self.size += len(line)
        self.waiters[key] = waiter

    def finish(self) -> None:
        """Write what is left to write; the file is still held."""
        self._file.flush()

    def close(self) -> None:
        """Let go of the file, which a record names by now."""
        self._file.close()

    def drop(self) -> None:
        """Give the calls up."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def leave_out(self, keys: set[str]) -> Waiters:
        """Take calls out of the finished file and return who waits for them."""
        with self._path.open("rb") as file:
            lines = [line for line in file if line_name(line) not in keys]
        self._path.write_bytes(b"".join(lines))
        return {key: self.waiters.pop(key) for key in keys}
