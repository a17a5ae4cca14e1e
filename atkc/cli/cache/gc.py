"""`atkc cache gc`: removes what is named, and says what that was."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from atkc.cli import codes
from atkc.cli.cache.shown import as_size, days_of, is_there, print_json, size_of, table
from atkc.runtime.errors import UsageError
from atkc.runtime.storage.cleaning import Choice, Collected, collect
from atkc.runtime.storage.store import FILE
from atkc.spec.screen import printable


class Wishes(Struct, frozen=True):
    """The options as they are written."""

    older_than: str | None
    unused: bool
    generations: tuple[int, ...]
    old_generations: bool
    kinds: tuple[str, ...]
    models: tuple[str, ...]
    max_size: str | None
    dry_run: bool
    as_json: bool


def collect_cache(folder: Path, wishes: Wishes) -> int:
    """Remove what is chosen; raises UsageError where nothing is."""
    choice = Choice(
        None if wishes.older_than is None else days_of(wishes.older_than),
        wishes.unused,
        wishes.generations,
        wishes.old_generations,
        wishes.kinds,
        wishes.models,
        None if wishes.max_size is None else size_of(wishes.max_size),
    )
    if not choice.selects and choice.max_size is None:
        raise UsageError(
            "say what is to go: `--unused`, `--older-than 30d`, `--old-generations`, "
            "`--generation N`, `--kind`, `--model`, `--max-size 2GB`; `--dry-run` only shows it"
        )
    if not is_there(folder):
        return codes.COMPLETE
    done = collect(folder, FILE, choice, dry_run=wishes.dry_run)
    if wishes.as_json:
        groups = [group._asdict() for group in done.groups]
        told = {"groups": groups, "entries": done.entries, "bytes": done.size, "left": done.left}
        print_json({**told, "removed": done.removed, "shrunk": done.shrunk, "runs": done.runs})
    else:
        sys.stdout.writelines(_lines(done, wishes))
    return codes.COMPLETE


def _lines(done: Collected, wishes: Wishes) -> Iterator[str]:
    if wishes.unused or wishes.older_than is not None:
        for target in done.runs or ["(none)"]:
            yield f"counted as in use: the last run into {printable(target)}\n"
    if done.groups:
        yield table(("what", "generation", "entries", "size"), map(_row, done.groups))
    deed = "would be removed" if wishes.dry_run else "removed"
    yield f"{done.entries} entries {deed}, {as_size(done.size)}; {done.left} stay\n"
    if done.removed and not done.shrunk:
        yield "another process uses the cache: the file keeps its size, the room in it is reused\n"


def _row(group: tuple[str, str, int, int, int]) -> tuple[str, str, str, str]:
    kind, origin, generation, entries, size = group
    what = f"{kind} {printable(origin)}".rstrip()
    return what, str(generation), str(entries), as_size(size)
