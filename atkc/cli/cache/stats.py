"""`atkc cache stats`: what a cache holds, out of its books; no entry is read."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from atkc.cli import codes
from atkc.cli.cache.shown import as_date, as_size, is_there, print_json, table
from atkc.runtime.storage.schema import today
from atkc.runtime.storage.store import FILE, Tally, open_store
from atkc.runtime.storage.uses import Ran
from atkc.spec.screen import printable

_AGES = ((0, "today"), (7, "up to 7 days"), (30, "up to 30 days"), (90, "up to 90 days"))
_OLDER = "older"
_PARTS = (("kinds", "kind"), ("origins", "model or function"), ("ages", "age"))


def show_stats(folder: Path, *, as_json: bool) -> int:
    """Print what a cache holds."""
    if not is_there(folder):
        return codes.COMPLETE
    store = open_store(folder)
    try:
        told, runs = store.stats(), store.runs()
    finally:
        store.close()
    told |= {"file_bytes": _file_bytes(folder), "ages": by_age(told["days"], today())}
    if as_json:
        print_json({**_plain(told), "runs": [run._asdict() for run in runs]})
    else:
        _print(folder, told, runs)
    return codes.COMPLETE


def by_age(days: Mapping[int, Tally], now: int) -> dict[str, Tally]:
    """Return tallies by how long ago entries were made; a day in the future is today."""
    found: dict[str, Tally] = {}
    for day, tally in sorted(days.items(), reverse=True):
        age = next((name for most, name in _AGES if now - day <= most), _OLDER)
        before = found.get(age, Tally(0, 0))
        found[age] = Tally(before.entries + tally.entries, before.bytes + tally.bytes)
    return found


def _print(folder: Path, told: Mapping[str, Any], runs: list[Ran]) -> None:
    out = sys.stdout.write
    sizes = f"{as_size(told['bytes'])}, {as_size(told['file_bytes'])} on disk"
    out(f"cache {folder}: {told['entries']} entries, {sizes}\n")
    for name, head in _PARTS:
        if told[name]:
            out("\n" + table((head, "entries", "size"), _rows(told[name])))
    if len(told["generations"]) > 1 or told["generation"]:
        head = f"generation (now {told['generation']})"
        out("\n" + table((head, "entries", "size"), _rows(told["generations"])))
    if runs:
        rows = [(_run(run), as_date(run.day), str(run.uses)) for run in runs]
        out("\n" + table(("last run into", "on", "entries used"), rows))
    if told["corrupt_dropped"]:
        out(f"\n{told['corrupt_dropped']} corrupt entries were dropped so far and made again\n")


def _run(run: Ran) -> str:
    return printable(run.target) + ("" if run.complete else " (not complete)")


def _rows(tallies: Mapping[Any, Tally]) -> Iterable[tuple[str, str, str]]:
    for name, tally in tallies.items():
        shown = "(not known)" if name == "" else printable(str(name))
        yield shown, str(tally.entries), as_size(tally.bytes)


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON can say: mappings by text, tallies as mappings."""
    return {
        name: {str(key): asdict(tally) for key, tally in value.items()}
        if isinstance(value, dict)
        else value
        for name, value in told.items()
    }


def _file_bytes(folder: Path) -> int:
    parts = (folder / f"{FILE}{suffix}" for suffix in ("", "-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())
