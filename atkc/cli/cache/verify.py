"""`atkc cache verify`: reads every entry; with `--repair` what is wrong is dropped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import asdict

from atkc.cli import codes
from atkc.cli.cache.shown import is_there, print_json
from atkc.runtime.storage.salvage import Salvaged, salvage
from atkc.runtime.storage.store import FILE
from atkc.runtime.storage.verify import Verified, verify


def verify_cache(folder: Path, *, repair: bool, as_json: bool) -> int:
    """Print what is wrong with a cache; return 1 if anything was, repaired or not."""
    if not is_there(folder):
        return codes.COMPLETE
    found = verify(folder, FILE, repair=repair)
    saved = salvage(folder, FILE) if repair and found.structure else None
    if as_json:
        told = asdict(found) | {"salvaged": None if saved is None else saved.told()}
        print_json(told)
    else:
        sys.stdout.writelines(line + "\n" for line in _lines(folder, found, saved))
    return codes.COMPLETE if found.is_sound else codes.FINDINGS


def _lines(folder: Path, found: Verified, saved: Salvaged | None) -> Iterator[str]:
    for words in found.structure:
        yield f"error[ATK050]: the file of the cache is damaged: {words}"
    dropped = ", dropped: they will be made again" if found.repaired else ""
    if found.values:
        yield f"error[ATK051]: {found.values} entries are not what was stored{dropped}"
    if found.keys:
        yield f"error[ATK051]: {found.keys} entries lie under a key not their own{dropped}"
    if found.requests:
        lost = "; the replies are whole and stay" + (", the requests are dropped" * found.repaired)
        yield f"error[ATK051]: {found.requests} requests cannot be read{lost}"
    yield f"{found.entries} entries read, {found.with_request} with their request"
    if saved is not None:
        yield from _saved(saved)
    elif found.is_sound:
        yield f"the cache {folder} is sound"
    elif not found.repaired:
        yield f"`atkc cache verify --repair --cache {folder}` mends it"


def _saved(saved: Salvaged) -> Iterator[str]:
    yield f"a new cache was made of {saved.entries} whole entries; {saved.spoiled} were spoiled"
    if saved.requests_lost:
        yield f"{saved.requests_lost} replies were kept without their request"
    yield f"the damaged file is kept as {saved.kept}; delete it when nothing is missed"
