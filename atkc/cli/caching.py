"""`atkc cache`."""

from __future__ import annotations

import sys
from dataclasses import asdict, is_dataclass
from pathlib import Path

from atkc.cli import codes


def show_stats(folder: Path) -> int:
    """Print what a cache holds."""
    from atkc.runtime.store import open_store

    if not (folder / "store.sqlite").exists():
        sys.stdout.write(f"no cache in {folder}\n")
        return codes.COMPLETE
    store = open_store(folder)
    try:
        _print("", store.stats())
    finally:
        store.close()
    return codes.COMPLETE


def _print(indent: str, told: dict[str, object]) -> None:
    for name, value in told.items():
        if is_dataclass(value) and not isinstance(value, type):
            value = asdict(value)
        if isinstance(value, dict):
            sys.stdout.write(f"{indent}{name}\n")
            _print(indent + "  ", value)
        else:
            sys.stdout.write(f"{indent}{name:<20} {value}\n")
