"""What went wrong with a store, where, and what to do about it, in a sentence."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

_BUSY = "another process has been writing to it for too long; run the same command again"
_KEPT = "what was committed is kept"
_SALVAGE = (
    "`atkc cache verify --repair --cache {folder}` makes a new one of all that can be read, and "
    "keeps the damaged file"
)
_ELSEWHERE = "or name another folder with `--cache`"
# By the name of SQLite's result code, the longest beginning that fits.
_SAID = {
    "SQLITE_FULL": f"the disk is full; make room and run the same command again: {_KEPT}",
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_READONLY": f"it is read-only; change its permissions, {_ELSEWHERE}",
    "SQLITE_PERM": f"its permissions forbid it; change them, {_ELSEWHERE}",
    "SQLITE_CANTOPEN": f"look at the permissions of the folder, {_ELSEWHERE}",
    "SQLITE_CORRUPT": f"it is damaged; {_SALVAGE}",
    "SQLITE_NOTADB": f"its file is no database any more; {_SALVAGE}",
    "SQLITE_IOERR": f"the disk fails or is full; mend that and run the same command again: {_KEPT}",
}
_GONE = (
    "its file was removed or replaced while it was in use, and what it held went with it; "
    "run the same command again"
)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


def told(error: sqlite3.Error | OSError, folder: Path, deed: str = "used") -> str:
    """Return the sentence; `deed` is what could not be done to the store."""
    why = _why(error)
    advice = "" if why is None else ": " + why.format(folder=folder)
    return f"the cache `{folder}` cannot be {deed}: {error}{advice}"


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error says that the file itself is spoiled."""
    name = getattr(error, "sqlite_errorname", "")
    return isinstance(error, sqlite3.DatabaseError) and name.startswith(DAMAGED)


def _why(error: sqlite3.Error | OSError) -> str | None:
    if isinstance(error, OSError):
        if error.errno == errno.ENOENT:
            return _GONE
        return _SAID["SQLITE_FULL"] if error.errno in _FULL else None
    name = getattr(error, "sqlite_errorname", "")
    fits = [begins for begins in _SAID if name.startswith(begins)]
    return _SAID[max(fits, key=len)] if fits else None
