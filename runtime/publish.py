"""The output folder: owned, locked, and replaced as a whole only when a run is complete."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from atkc.runtime.errors import InputError
from atkc.spec.diagnostic import Diagnostic

MANIFEST = "manifest.json"
EVENTS = "events.jsonl"


@contextmanager
def claimed(target: Path) -> Iterator[Path]:
    """Hold the output folder for one run and yield a staging folder beside it.

    Raises InputError where the folder holds other people's files (ATK006) or another run is
    writing there (ATK007). The lock goes with the process, so nothing stale is left by a kill.
    """
    _own(target)
    target.mkdir(parents=True, exist_ok=True)
    lock = os.open(target, os.O_RDONLY)
    staging = target.parent / f".{target.name}.staging"
    try:
        _lock(lock, target)
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        yield staging
    finally:
        os.close(lock)
        shutil.rmtree(staging, ignore_errors=True)


def _own(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise InputError(Diagnostic("ATK006", f"`{target}` is a file, not a folder"))
    if not target.is_dir() or (target / MANIFEST).is_file():
        return
    if any(p.name != EVENTS for p in target.iterdir()):
        raise InputError(
            Diagnostic(
                "ATK006",
                f"`{target}` is not empty, and no run of atkc wrote it",
                help="choose another folder with `--output`, or empty this one",
            )
        )


def _lock(handle: int, target: Path) -> None:
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        message = f"another run is writing to `{target}`"
        raise InputError(Diagnostic("ATK007", message, help="wait for it to end")) from None


def owned_files(target: Path) -> list[str]:
    """Return the files that the former manifest lists."""
    try:
        former = orjson.loads((target / MANIFEST).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return []
    return [str(entry["path"]) for entry in former.get("files", [])]


def publish(staging: Path, target: Path, manifest: dict[str, Any]) -> None:
    """Move all files of the manifest into place, remove those of the former one, manifest last."""
    new = [entry["path"] for entry in manifest["files"]]
    old = owned_files(target)
    for path in new:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (staging / path).replace(target / path)
    for path in old:
        if path not in new:
            _remove(target, path)
    text = orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n"
    (staging / MANIFEST).write_bytes(text)
    (staging / MANIFEST).replace(target / MANIFEST)


def _remove(target: Path, path: str) -> None:
    whole = target / path
    if not whole.resolve().is_relative_to(target.resolve()):
        return  # an edited manifest must not reach outside
    whole.unlink(missing_ok=True)
    for folder in whole.parents:
        if folder == target or any(folder.iterdir()):
            break
        folder.rmdir()


def fingerprint(path: Path) -> dict[str, Any]:
    """Return the size in bytes and the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}
