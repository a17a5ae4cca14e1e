"""The answers of a batch in a file of ours; in memory are only their places."""

from __future__ import annotations

from typing import BinaryIO

from atkc.runtime.api import Reply
from atkc.runtime.batch.lines import line_name, read_line
from atkc.runtime.errors import CallError


class Answers:
    """What is there for each request; each answer is taken once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[str, tuple[int, int]] = {}
        self.replied: set[str] = set()  # the requests that were answered with a reply
        self._index()

    def close(self) -> None:
        """Give the file up."""
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def names(self) -> list[str]:
        """Return the requests with an answer that nobody took yet."""
        return list(self._places)

    def take(self, name: str) -> Reply | CallError:
        """Return the answer to a request that has one."""
        at, length = self._places.pop(name)
        self._file.seek(at)
        return read_line(self._file.read(length))

    def _index(self) -> None:
        at = 0
        self._file.seek(0)
        for line in self._file:
            name = line_name(line)
            if name is not None:
                self._places[name] = at, len(line)
                if isinstance(read_line(line), Reply):
                    self.replied.add(name)
            at += len(line)
