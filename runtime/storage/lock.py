"""Who uses a store: each open one holds a lock that it shares with the others.

What needs a store to itself, to move or shrink its file, can so tell whether it is alone. The lock
ends with its process. Where the system has no such locks, nobody is ever seen.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "store.lock"
_PAUSE = 0.05  # seconds


def shared(folder: Path, patience: float) -> int | None:
    """Take part in a store; return what `release` wants, None where locks cannot be had.

    Raises TimeoutError if somebody has it alone for longer than `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return _locked(folder, alone=False)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError("`atkc cache` is at work on it; try again later") from None
        time.sleep(_PAUSE)


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Keep others out as long as this lasts; False where somebody has the store open."""
    try:
        handle = _locked(folder, alone=True)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        release(handle)


def release(handle: int | None) -> None:
    """Give a lock back."""
    if handle is not None:
        os.close(handle)


def _locked(folder: Path, *, alone: bool) -> int | None:
    """Return a lock, None where there can be none; raises BlockingIOError where it is taken."""
    if os.name != "posix":
        return None
    import fcntl

    try:
        handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError:  # a folder that cannot be written: SQLite will say so
        return None
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:  # some network file systems have none
        os.close(handle)
        return None
    return handle
