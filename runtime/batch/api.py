"""What of a provider's batch API is used, and the shapes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from msgspec import Struct

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})


class Problem(Struct, frozen=True):
    """Why a batch failed as a whole; `line` counts from 1 where it is about one request."""

    code: str
    message: str
    line: int | None = None


class Remote(Struct, frozen=True):
    """A batch as the provider tells of it; `output` and `errors` name files of answers."""

    id: str
    status: str
    output: str | None = None
    errors: str | None = None
    problems: tuple[Problem, ...] = ()
    total: int = 0
    done: int = 0

    @property
    def ended(self) -> bool:
        """Return whether nothing more will come of it."""
        return self.status in ENDED


class BatchApi(Protocol):
    """A provider's files and batches. Raises `Transient` or `Permanent`; nothing else."""

    async def upload(self, path: Path) -> str:
        """Return the provider's name of an uploaded file of requests."""
        ...

    async def create(self, file: str, mode: str, model: str, name: str) -> Remote:
        """Begin a batch that carries our name of it."""
        ...

    async def retrieve(self, batch: str) -> Remote:
        """Return a batch as it stands."""
        ...

    async def cancel(self, batch: str) -> Remote:
        """Ask for the end of a batch; what is ready of it stays."""
        ...

    async def find(self, name: str) -> Remote | None:
        """Return the batch that carries our name, None where there is none."""
        ...

    async def download(self, file: str, into: BinaryIO) -> None:
        """Append a file of answers to a file of ours."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


PATHS = {"chat": "/v1/chat/completions", "completion": "/v1/completions"}
NAMED = "atkc"  # the key of a batch's metadata that holds our name of it


def read_remote(data: Mapping[str, Any]) -> Remote:
    """Return what a provider's answer tells of a batch."""
    counts = data.get("request_counts") or {}
    errors = data.get("errors") or {}
    return Remote(
        id=str(data.get("id") or ""),
        status=str(data.get("status") or ""),
        output=data.get("output_file_id") or None,
        errors=data.get("error_file_id") or None,
        problems=tuple(map(_problem, errors.get("data") or ())),
        total=int(counts.get("total") or 0),
        done=int(counts.get("completed") or 0) + int(counts.get("failed") or 0),
    )


def _problem(told: Mapping[str, Any]) -> Problem:
    line = told.get("line")
    said = str(told.get("message") or "no reason is told")
    return Problem(str(told.get("code") or ""), said, line if isinstance(line, int) else None)
