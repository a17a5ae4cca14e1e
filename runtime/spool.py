"""Rows and tokens that wait on disk: a queue's overflow, and a shelf for rows that come early."""

from __future__ import annotations

import pickle
import tempfile
from collections import deque
from pathlib import Path
from typing import IO, Any

from atkc.runtime.tokens import Row, Token

# A shelf keeps so many rows in memory; an early row beyond them costs a write and a read.
ROWS_IN_MEMORY = 4096


class _File:
    """Pickled objects in a nameless file of the spool folder: gone when closed, killed or not."""

    __slots__ = ("_end", "_file", "_folder")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._end = 0

    def append(self, value: Any) -> int:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        at = self._end
        self._file.seek(at)
        pickle.dump(value, self._file, pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()
        return at

    def read(self, at: int) -> tuple[Any, int]:
        assert self._file is not None
        self._file.seek(at)
        value = pickle.load(self._file)  # noqa: S301 (our own nameless file)
        return value, self._file.tell()

    def rewind(self) -> None:
        if self._file is not None and self._end:
            self._file.truncate(0)
            self._end = 0

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Spool:
    """A queue on disk, in chunks, first in first out."""

    __slots__ = ("_chunk", "_chunks", "_file", "_size", "count")

    def __init__(self, folder: Path, chunk: int = 64) -> None:
        self._file = _File(folder)
        self._size = chunk
        self._chunk: list[Token] = []
        self._chunks: deque[int] = deque()
        self.count = 0  # tokens that wait

    def append(self, token: Token) -> None:
        """Add a token at the end."""
        self._chunk.append(token)
        self.count += 1
        if len(self._chunk) >= self._size:
            self._chunks.append(self._file.append(self._chunk))
            self._chunk = []

    def take(self) -> list[Token]:
        """Remove and return the oldest chunk of tokens."""
        if self._chunks:
            tokens, _ = self._file.read(self._chunks.popleft())
            if not self._chunks:
                self._file.rewind()
        else:
            tokens, self._chunk = self._chunk, []
        self.count -= len(tokens)
        return list(tokens)

    def close(self) -> None:
        """Give up the file."""
        self._file.close()


class Shelf:
    """Rows by a number: the first in memory, the others on disk."""

    __slots__ = ("_file", "_most", "_next", "_places", "_rows")

    def __init__(self, folder: Path, most: int = ROWS_IN_MEMORY) -> None:
        self._file = _File(folder)
        self._most = most
        self._rows: dict[int, Row] = {}
        self._places: dict[int, int] = {}
        self._next = 0

    def put(self, row: Row) -> int:
        """Keep a row and return its number."""
        number = self._next
        self._next += 1
        if len(self._rows) < self._most:
            self._rows[number] = row
        else:
            self._places[number] = self._file.append(
                (row.ordinal, row.identity, row.data, row.trail)
            )
        return number

    def get(self, number: int) -> Row:
        """Return the row of that number."""
        row = self._rows.get(number)
        return row if row is not None else Row(*self._file.read(self._places[number])[0])

    def take(self, number: int) -> Row:
        """Return the row of that number and forget it."""
        row = self.get(number)
        self._rows.pop(number, None)
        self._places.pop(number, None)
        if not self._places:
            self._file.rewind()
        return row

    def close(self) -> None:
        """Forget all rows."""
        self._rows.clear()
        self._places.clear()
        self._file.close()
