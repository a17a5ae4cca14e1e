"""Sizes, days and tables as the commands print them, and sizes and ages as users write them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson

from atkc.runtime.errors import UsageError
from atkc.runtime.storage.store import FILE

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", re.IGNORECASE)
_AGE = re.compile(r"(\d+)\s*([dw]?)", re.IGNORECASE)


def as_size(count: int) -> str:
    """Return bytes as people read them."""
    for unit in ("TB", "GB", "MB", "KB"):
        least = _UNITS[unit[0]]
        if count >= least:
            return f"{count / least:.1f} {unit}"
    return f"{count} B"


def size_of(text: str) -> int:
    """Return the bytes that `2GB` or `500 MB` means; raises UsageError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"`{text}` is no size: write it as `2GB`, `500MB` or a number of bytes")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def days_of(text: str) -> int:
    """Return the days that `30d` or `4w` means; raises UsageError."""
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"`{text}` is no age: write it as `30d` or `4w`")
    return int(found[1]) * (7 if found[2].lower() == "w" else 1)


def as_date(day: int) -> str:
    """Return the date of a day's number."""
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows under heads; the first column stands left, the others right."""
    lines = [tuple(heads), *map(tuple, rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(heads))]
    return "".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    rest = (f"  {cell:>{width}}" for cell, width in zip(cells[1:], widths[1:], strict=True))
    return f"{cells[0]:<{widths[0]}}{''.join(rest)}".rstrip() + "\n"


def print_json(told: Any) -> None:
    """Print data as JSON."""
    sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.flush()


def is_there(folder: Path) -> bool:
    """Return whether there is a cache; else say that there is none. Looking makes none."""
    if (folder / FILE).exists():
        return True
    sys.stdout.write(f"no cache in {folder}\n")
    return False
