"""Files of ours in an output folder: JSON objects that carry a mark by which they are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson


def read_own(path: Path, mark: str) -> dict[str, Any] | None:
    """Return what a file holds; None where it is not there, cannot be read or has no such key."""
    try:
        told = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return told if isinstance(told, dict) and mark in told else None
