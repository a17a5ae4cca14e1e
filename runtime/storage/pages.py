"""The rows of a SQLite file as they lie in its pages, whatever has become of the rest of it.

A table's rows stand in leaf pages, each complete in itself but for long ones, which go on in a
chain of pages. So they are found without the header, the schema and the tree above them. What is
read may be nonsense: whoever asks must check it. See https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

Cell = int | float | str | bytes | None
Row = tuple[int, tuple[Cell, ...]]  # the row's number and its columns

_MAGIC = b"SQLite format 3\0"
_USUAL = 4096  # bytes of a page, where the header does not say
_LEAF = 0x0D  # of a table
_LOG_HEAD, _FRAME_HEAD = 32, 24  # bytes
_LARGEST = 1 << 28  # bytes of a row
_COLUMNS = 20


class Pages:
    """The pages of a file, newer ones from its write-ahead log; a context that closes both."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("rb")
        log = file.with_name(f"{file.name}-wal")
        self._log = log.open("rb") if log.exists() else None
        self.size = _page_size(self._file.read(100))
        self._newer = _logged(self._log, self.size) if self._log is not None else {}
        self.count = max(self._file.seek(0, 2) // self.size, *self._newer, 0)

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        if self._log is not None:
            self._log.close()

    def page(self, number: int) -> bytes:
        """Return a page (from 1), shorter or empty where the file ends before it does."""
        place = self._newer.get(number)
        file = self._file if place is None or self._log is None else self._log
        file.seek((number - 1) * self.size if place is None else place)
        return file.read(self.size)

    def rows(self) -> Iterator[Row]:
        """Iterate over the rows of all tables, less what cannot be told apart as rows."""
        for number in range(1, self.count + 1):
            page = self.page(number)
            start = 100 if number == 1 else 0
            if len(page) == self.size and page[start] == _LEAF:
                yield from self._rows_of(page, start)

    def _rows_of(self, page: bytes, start: int) -> Iterator[Row]:
        count = int.from_bytes(page[start + 3 : start + 5], "big")
        for place in range(start + 8, min(start + 8 + 2 * count, self.size - 1), 2):
            at = int.from_bytes(page[place : place + 2], "big")
            try:
                length, at = _varint(page, at)
                number, at = _varint(page, at)
                yield number, _columns(self._payload(page, at, length))
            except (ValueError, IndexError):
                continue  # not a row, or not a whole one

    def _payload(self, page: bytes, at: int, length: int) -> bytes:
        """Return a row's bytes, those in the chain of pages included."""
        local = _local(length, self.size)
        if local == length:
            return page[at : at + length]
        if length > _LARGEST:
            raise ValueError(length)
        parts, left = [page[at : at + local]], length - local
        further = int.from_bytes(page[at + local : at + local + 4], "big")
        while left > 0:
            if not 0 < further <= self.count:
                raise ValueError(further)
            page = self.page(further)
            parts.append(page[4 : 4 + left])
            left -= self.size - 4
            further = int.from_bytes(page[:4], "big")
        return b"".join(parts)


def _page_size(head: bytes) -> int:
    if not head.startswith(_MAGIC):
        return _USUAL
    told = int.from_bytes(head[16:18], "big")
    size = 65536 if told == 1 else told
    return size if size >= 512 and size & (size - 1) == 0 else _USUAL


def _logged(log: BinaryIO, size: int) -> dict[int, int]:
    """Return where in the log the newest committed version of each page lies."""
    head = log.read(_LOG_HEAD)
    found: dict[int, int] = {}
    pending: dict[int, int] = {}
    while len(frame := log.read(_FRAME_HEAD)) == _FRAME_HEAD and frame[8:16] == head[16:24]:
        pending[int.from_bytes(frame[:4], "big")] = log.tell()
        if int.from_bytes(frame[4:8], "big"):  # the last frame of a commit
            found |= pending
            pending.clear()
        log.seek(size, 1)
    end = log.seek(0, 2)
    return {page: place for page, place in found.items() if place + size <= end}


def _local(length: int, usable: int) -> int:
    """Return how many bytes of a row stand in the leaf page itself."""
    most = usable - 35
    if length <= most:
        return length
    least = (usable - 12) * 32 // 255 - 23
    wanted = least + (length - least) % (usable - 4)
    return wanted if wanted <= most else least


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of one to nine bytes and where it ends."""
    value = 0
    for index in range(at, at + 8):
        value = value << 7 | data[index] & 0x7F
        if data[index] < 0x80:
            return value, index + 1
    return value << 8 | data[at + 8], at + 9


def _columns(record: bytes) -> tuple[Cell, ...]:
    end, at = _varint(record, 0)
    cells: list[Cell] = []
    place = end
    while at < end:
        kind, at = _varint(record, at)
        length = _length(kind)
        if place + length > len(record) or len(cells) >= _COLUMNS:
            raise ValueError(kind)
        cells.append(_cell(kind, record[place : place + length]))
        place += length
    return tuple(cells)


def _length(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    return (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]


def _cell(kind: int, data: bytes) -> Cell:
    if kind == 0:
        return None
    if kind in (8, 9):
        return kind - 8
    if kind < 7:
        return int.from_bytes(data, "big", signed=True)
    if kind >= 12:
        return data if kind % 2 == 0 else data.decode("utf-8")
    raise ValueError(kind)  # a float: there are none in a store
