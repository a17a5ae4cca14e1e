"""The text of a source, read once more, if it still says what it said when the run read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from atkc.runtime.errors import AtkcError
from atkc.runtime.trail import digest
from atkc.spec.places import real
from atkc.stdlib.library import bodies

_ROW = re.compile(r"#\d+\Z")
_FAR = frozenset({"huggingface"})  # readers that might ask a network


def excerpt(source: Mapping[str, Any], told: Mapping[str, Any] | None) -> str | None:
    """Return the text of a source (of its stretch); None where it is gone or has changed."""
    if told is None or not source["digest"] or told["reader"] in _FAR:
        return None
    file = _file(real(told["options"]["path"]), source["source"])
    reader = bodies().readers.get(told["reader"])
    if reader is None or not file.is_file():
        return None
    start, end, wanted = source["start"], source["end"], bytes.fromhex(source["digest"])
    try:
        for record in reader({**told["options"], "path": str(file), "first": None}):
            text = record.get("text") if isinstance(record, dict) else None
            if isinstance(text, str) and digest(text[start:end]) == wanted:
                return text[start:end]
    except (AtkcError, OSError):
        return None  # it cannot be read any more
    return None


def _file(root: Path, name: str) -> Path:
    """Return the file that a source stands in; rows are called `file#row`."""
    if not root.is_dir():
        return root
    whole = root / name
    return whole if whole.exists() else root / _ROW.sub("", name)
