"""The sidecar of a written file: for each of its records, in order, the sources and the calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from atkc.runtime.api import Data, FileEntry
from atkc.runtime.json_line import json_line
from atkc.runtime.tokens import Row
from atkc.runtime.trail import flat

FOLDER = "provenance"
ROLE = "provenance"


def sidecar(path: str) -> str:
    """Return the path of the sidecar of a file."""
    return f"{FOLDER}/{path}.jsonl"


def traced(rows: Iterable[Row], staging: Path, path: str) -> Iterator[Data]:
    """Yield the fields of the rows while their trails are written to the sidecar of `path`."""
    whole = staging / sidecar(path)
    whole.parent.mkdir(parents=True, exist_ok=True)
    with whole.open("wb") as file:
        for row in rows:
            file.write(json_line(flat(row.trail)))
            yield row.data


def entry(path: str, records: int) -> FileEntry:
    """Return what the manifest tells of the sidecar of a file."""
    return FileEntry(sidecar(path), "jsonl", ROLE, records, 0, ("sources", "calls"))
