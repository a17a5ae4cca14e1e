"""`atkc cache export` and `import`: entries as one file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from atkc.cli import codes
from atkc.cli.cache.shown import as_size
from atkc.runtime.errors import InputError, UsageError
from atkc.runtime.storage.carry import Imported, export_store, import_file
from atkc.runtime.storage.store import FILE
from atkc.runtime.storage.transfer import ForeignFileError
from atkc.spec.diagnostic import Diagnostic


def export_cache(folder: Path, file: Path, used_by: tuple[str, ...]) -> int:
    """Write a cache, or what the last runs into some folders used, to a file.

    The file appears when it is whole. Returns 1 where corrupt entries had to be left out.
    """
    if not (folder / FILE).exists():
        raise UsageError(f"there is no cache in `{folder}`")
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as out:
            done = export_store(folder, out, used_by)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    size = as_size(file.stat().st_size)
    sys.stdout.write(f"{done.entries} entries in {file}, {size}\n")
    if done.corrupt:
        sys.stdout.write(
            f"error[ATK051]: {done.corrupt} corrupt entries were left out; "
            f"`atkc cache verify --repair --cache {folder}` drops them\n"
        )
    return codes.FINDINGS if done.corrupt else codes.COMPLETE


def import_cache(folder: Path, file: Path) -> int:
    """Bring the entries of a file in; return 1 where some could not be read."""
    try:
        with file.open("rb") as source:
            done = import_file(folder, source)
    except ForeignFileError as error:
        raise InputError(Diagnostic("ATK052", f"`{file}` cannot be imported: {error}")) from None
    sys.stdout.writelines(line + "\n" for line in _lines(file, done))
    return codes.FINDINGS if done.refused.is_something else codes.COMPLETE


def _lines(file: Path, done: Imported) -> Iterator[str]:
    refused = done.refused
    if refused.cut_off:
        yield f"error[ATK052]: `{file}` was cut off: its end is missing"
    if refused.entries:
        yield f"error[ATK052]: {refused.entries} entries are spoiled and were left out"
    if refused.wrong_keys:
        yield f"error[ATK052]: {refused.wrong_keys} entries lie under a key not their own"
    yield f"{done.new} entries came in, {done.known} were there already"
    if done.earlier:
        yield f"{done.earlier} of them are of an older generation than this cache: unused by runs"
    if done.later:
        yield f"{done.later} entries of generations that this cache has not come to stay out"
