"""What was submitted, in files below the cache: durable before anything is waited for.

A record is written before a batch exists, with a name that the batch will carry; so a run that is
killed between submission and note finds its batch again by that name.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

import orjson
from msgspec import Struct
from msgspec.structs import asdict

from atkc.runtime.errors import StoreError

_FORM = 1  # of the files


class Record(Struct, frozen=True):
    """A batch of ours. `id` is the provider's, empty until it is known; `told`: answers were read.

    `keys` are those of the calls, in hexadecimal, in the order of the requests.
    """

    name: str
    endpoint: tuple[str, ...]
    model: str
    mode: str
    keys: tuple[str, ...]
    id: str = ""
    told: bool = False


class Records:
    """The folder of records; safe for several processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new_name(self) -> str:
        """Return a name that no batch has, nor a later one of the same calls will have."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return f"atkc-{os.urandom(16).hex()}"

    def requests(self, name: str) -> Path:
        """Return where the requests of a batch lie until they are submitted."""
        return self._folder / f"{name}.jsonl"

    def nameless(self) -> BinaryIO:
        """Return a file for answers that goes with the process: the provider has them still."""
        return cast(BinaryIO, tempfile.TemporaryFile(dir=self._folder))

    def read(self, name: str) -> Record | None:
        """Return a record, None where there is none."""
        return _read(self._path(name))

    def of(self, endpoint: tuple[str, ...], known: Container[str] = ()) -> list[Record]:
        """Return the records of an endpoint by name, less those that are known."""
        paths = sorted(self._folder.glob("atkc-*.json"))
        found = (_read(path) for path in paths if path.stem not in known)
        return [r for r in found if r is not None and r.endpoint == endpoint]

    def every(self) -> list[Record]:
        """Return the records of all endpoints by endpoint and name."""
        found = (_read(path) for path in sorted(self._folder.glob("atkc-*.json")))
        return sorted((r for r in found if r is not None), key=lambda r: (r.endpoint, r.name))

    def since(self, name: str) -> float:
        """Return when a record was written last, 0 where there is none any more."""
        with suppress(OSError):
            return self._path(name).stat().st_mtime
        return 0.0

    def save(self, record: Record) -> None:
        """Write a record down; it is durable on return. Raises StoreError."""
        path = self._path(record.name)
        beside = path.with_suffix(".new")
        try:
            with beside.open("wb") as file:
                file.write(orjson.dumps({"form": _FORM, **asdict(record)}))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
            _sync(self._folder)
        except OSError as error:
            raise StoreError(f"the record of a batch cannot be written: {error}") from error

    def remove(self, name: str) -> None:
        """Forget a batch and all its files."""
        for path in (self._path(name), self.requests(name), self._lock(name)):
            path.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the requests that killed runs had collected and not yet submitted."""
        if not self._folder.exists():
            return
        with self.claiming():
            for path in self._folder.glob("atkc-*.jsonl"):
                if not path.with_suffix(".json").exists():
                    _remove_if_left(path)

    @contextmanager
    def claiming(self) -> Iterator[None]:
        """Let no other process write new records within the block."""
        handle = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def hold(self, name: str) -> int | None:
        """Return a handle that says a batch is being submitted; None where another process does.

        It goes with the process; `release` gives it back before.
        """
        handle = os.open(self._lock(name), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return handle

    def release(self, name: str, handle: int) -> None:
        """Say that a batch is submitted, or never will be."""
        self._lock(name).unlink(missing_ok=True)
        os.close(handle)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _lock(self, name: str) -> Path:
        return self._folder / f"{name}.lock"


def _read(path: Path) -> Record | None:
    with suppress(OSError):
        told = orjson.loads(path.read_bytes())
        if told.pop("form") != _FORM:
            raise StoreError(f"`{path}` was written by a newer version of atkc")
        told |= {"endpoint": tuple(told["endpoint"]), "keys": tuple(told["keys"])}
        return Record(**told)
    return None


def _remove_if_left(path: Path) -> None:
    with suppress(OSError), path.open("rb") as file:  # who collects holds it
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
