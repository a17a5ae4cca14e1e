"""Rows and tokens that wait on disk: a queue's overflow, and a shelf for rows that come early."""

from __future__ import annotations

import os
import struct
import tempfile
from array import array
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from atkc.runtime.packing import packed, unpacked
from atkc.runtime.tokens import Row, Token

# A shelf keeps so many rows in memory; an early row beyond them costs a write and a read.
ROWS_IN_MEMORY = 4096
_LENGTH = struct.Struct("<Q")
_LATE = 1 << 18  # bytes that wait to be written
_AHEAD = 1 << 13  # bytes that are read at once


class _File:
    """Lists of tokens in a nameless file of the spool folder: gone when closed, killed or not.

    What was written last waits in memory, so that a little never comes to the disk at all.
    """

    __slots__ = ("_block", "_block_at", "_end", "_file", "_folder", "_late")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._late = bytearray()
        self._end = 0
        self._block = b""
        self._block_at = 0

    def append(self, tokens: Sequence[Token]) -> int:
        data = packed(tokens)
        at = self._end
        self._late += _LENGTH.pack(len(data))
        self._late += data
        self._end = at + _LENGTH.size + len(data)
        if len(self._late) >= _LATE:
            self._flush()
        return at

    def read(self, at: int) -> list[Token]:
        (length,) = _LENGTH.unpack(self._bytes(at, _LENGTH.size))
        return unpacked(self._bytes(at + _LENGTH.size, length))

    def _bytes(self, at: int, length: int) -> bytes:
        late_at = self._end - len(self._late)
        if at >= late_at:
            return bytes(self._late[at - late_at : at - late_at + length])
        begin = at - self._block_at
        if begin < 0 or begin + length > len(self._block):
            assert self._file is not None
            self._block = os.pread(self._file.fileno(), max(length, _AHEAD), at)
            self._block_at, begin = at, 0
        return self._block[begin : begin + length]

    def _flush(self) -> None:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        self._file.write(self._late)
        self._file.flush()
        self._late.clear()
        self._block = b""

    def rewind(self) -> None:
        self._late.clear()
        self._block = b""
        self._end = 0
        if self._file is not None and self._file.tell():
            self._file.seek(0)
            self._file.truncate()

    def close(self) -> None:
        self._late.clear()
        self._block = b""
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
            tokens = self._file.read(self._chunks.popleft())
            if not self._chunks:
                self._file.rewind()
        else:
            tokens, self._chunk = self._chunk, []
        self.count -= len(tokens)
        return tokens

    def close(self) -> None:
        """Give up the file."""
        self._file.close()


class Shelf:
    """Rows by a number: the first in memory, the others on disk."""

    __slots__ = ("_file", "_first", "_most", "_on_disk", "_places", "_rows")

    def __init__(self, folder: Path, most: int = ROWS_IN_MEMORY) -> None:
        self._file = _File(folder)
        self._most = most
        self._rows: dict[int, Row] = {}
        # Of the rows from number `_first` on; -1 for those in memory. An array, since there may be
        # millions; it begins anew whenever no row lies on disk.
        self._places = array("q")
        self._first = 0
        self._on_disk = 0

    def put(self, row: Row) -> int:
        """Keep a row and return its number."""
        number = self._first + len(self._places)
        if len(self._rows) < self._most:
            self._rows[number] = row
            self._places.append(-1)
        else:
            self._places.append(self._file.append([row]))
            self._on_disk += 1
        return number

    def get(self, number: int) -> Row:
        """Return the row of that number."""
        row = self._rows.get(number)
        return row if row is not None else self._read(number)

    def take(self, number: int) -> Row:
        """Return the row of that number and forget it."""
        row = self._rows.pop(number, None)
        if row is None:
            row = self._read(number)
            self._on_disk -= 1
        if not self._on_disk:
            self._first += len(self._places)
            self._places = array("q")
            self._file.rewind()
        return row

    def _read(self, number: int) -> Row:
        (row,) = self._file.read(self._places[number - self._first])
        assert isinstance(row, Row)
        return row

    def close(self) -> None:
        """Forget all rows."""
        self._rows.clear()
        self._places = array("q")
        self._file.close()
