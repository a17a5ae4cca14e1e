"""What went wrong with a store, where, and what to do about it, in a sentence."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

# By the name of SQLite's result code, the longest beginning that fits.
_SAID = {
    "SQLITE_FULL": "the disk is full; make room and run the same command again: what was committed "
    "is kept",
    "SQLITE_BUSY": "another process has been writing to it for too long; run the same command again",
    "SQLITE_LOCKED": "another process has been writing to it for too long; run the same command "
    "again",
    "SQLITE_READONLY": "it is read-only; change its permissions, or name another folder with "
    "`--cache`",
    "SQLITE_PERM": "its permissions forbid it; change them, or name another folder with `--cache`",
    "SQLITE_CANTOPEN": "its file cannot be opened; look at the permissions of the folder, or name "
    "another with `--cache`",
    "SQLITE_CORRUPT": "it is damaged; `atkc cache verify --repair --cache {folder}` makes a new one "
    "of all that can be read, and keeps the damaged file",
    "SQLITE_NOTADB": "its file is no database any more; `atkc cache verify --repair --cache "
    "{folder}` makes a new one of all that can be read, and keeps the damaged file",
    "SQLITE_IOERR": "the disk failed or is full; run the same command again when that is mended: "
    "what was committed is kept",
}
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
        return _SAID["SQLITE_FULL"] if error.errno in _FULL else None
    name = getattr(error, "sqlite_errorname", "")
    fits = [begins for begins in _SAID if name.startswith(begins)]
    return _SAID[max(fits, key=len)] if fits else None
