"""Standard streams that fail nobody: closed ones, readers that go away, few characters."""

from __future__ import annotations

import errno
import io
import os
import sys

_GONE = (errno.EPIPE, errno.EIO)  # the reader of a pipe, a terminal


def mend_streams() -> None:
    """Let a run go on whatever becomes of what it prints to."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # was closed: its number must not become that of another file
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        elif type(stream) is io.TextIOWrapper:
            setattr(sys, name, _Lasting(stream))


class _Lasting(io.TextIOWrapper):
    """Takes a stream over; what nobody can read any more goes nowhere."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        encoding, lines, through = stream.encoding, stream.line_buffering, stream.write_through
        super().__init__(
            stream.detach(),
            encoding=encoding,
            errors="backslashreplace",  # of what that encoding does not have
            line_buffering=lines,
            write_through=through,
        )

    def write(self, text: str, /) -> int:
        """Return how many characters were taken."""
        try:
            return super().write(text)
        except OSError as error:
            self._go_silent(error)
            return len(text)

    def flush(self) -> None:
        """Send on what waits."""
        try:
            super().flush()
        except OSError as error:
            self._go_silent(error)

    def _go_silent(self, error: OSError) -> None:
        if error.errno not in _GONE:
            raise error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
