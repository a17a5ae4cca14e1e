"""Which files of two outputs differ: all that two runs on one cache must have in common."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from atkc.runtime.publish import EVENTS, MANIFEST, REPORT

_FREE = (EVENTS, REPORT)  # they tell times


def fingerprints(folder: Path) -> dict[str, str]:
    """Return a name -> fingerprint of each promised file; of the manifest without `run`."""
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    return {name: _of(name, path) for name, path in sorted(found.items()) if name not in _FREE}


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Return the names of files that differ, or that only one side has."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _of(name: str, path: Path) -> str:
    if name != MANIFEST:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    told = json.loads(path.read_bytes())
    told.pop("run", None)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
