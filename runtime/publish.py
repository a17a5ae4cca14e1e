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
from atkc.runtime.own_file import read_own
from atkc.spec.diagnostic import Diagnostic

MANIFEST = "manifest.json"
EVENTS = "events.jsonl"
REPORT = "report.html"
REPORT_MARK = "<!doctype html><!-- report of a run of atkc -->"  # how each of ours begins
INCOMPLETE = "INCOMPLETE.json"  # there while the last run has not completed
# Names the files that are being moved in: after a kill in the middle they are known as ours.
JOURNAL = ".publishing.json"
STAGING = ".staging"


@contextmanager
def claimed(target: Path) -> Iterator[Path]:
    """Hold the output folder for one run and yield a staging folder beside it.

    Raises InputError where the folder holds other people's files (ATK006) or another run is
    writing there (ATK007). The lock goes with the process, so nothing stale is left by a kill.
    """
    target = target.absolute()
    _own(target)
    target.mkdir(parents=True, exist_ok=True)
    lock = os.open(target, os.O_RDONLY)
    try:
        _lock(lock, target)
        # Only who holds the lock may touch the staging folder: it may be another run's.
        staging = _beside(target)
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    finally:
        os.close(lock)


def _beside(target: Path) -> Path:
    """Return the staging folder: on the file system of the target, so that files can be moved."""
    return target / STAGING if target.is_mount() else target.parent / f".{target.name}{STAGING}"


def _own(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise InputError(Diagnostic("ATK006", f"`{target}` is a file, not a folder"))
    if not target.is_dir() or any(
        _listed(target, name) is not None for name in (MANIFEST, JOURNAL)
    ):
        return
    ours = (EVENTS, INCOMPLETE, STAGING)
    if any(p.name not in ours and not is_report(p) for p in target.iterdir()):
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


def _listed(target: Path, name: str) -> list[str] | None:
    """Return the files that our manifest or journal lists; None where there is none of ours."""
    told = read_own(target / name, "atkc_manifest")
    if told is None:
        return None
    files = told.get("files")
    entries = files if isinstance(files, list) else []
    return [str(entry["path"]) for entry in entries if isinstance(entry, dict) and "path" in entry]


def is_report(path: Path) -> bool:
    """Return whether a file is a report that a run has left."""
    if path.name != REPORT or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(REPORT_MARK)) == REPORT_MARK.encode()


def owned_files(target: Path) -> list[str]:
    """Return the files that the former manifest lists, and those of a run killed while it moved."""
    both = [*(_listed(target, MANIFEST) or ()), *(_listed(target, JOURNAL) or ())]
    return list(dict.fromkeys(both))


def publish(staging: Path, target: Path, manifest: dict[str, Any]) -> None:
    """Move all files of the manifest into place, remove those of the former one, manifest last.

    Raises InputError (ATK006), before anything is moved, where a file that is not ours is in the
    way.
    """
    new = [entry["path"] for entry in manifest["files"]]
    old = owned_files(target)
    for path in new:
        _make_sure(target, path, old)
    put_file(staging, target, JOURNAL, _journal([*old, *new]))
    for path in old:
        if path not in new:
            _remove(target, path)
    for path in new:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (staging / path).replace(target / path)
    put_file(staging, target, MANIFEST, manifest)
    (target / JOURNAL).unlink()
    (target / INCOMPLETE).unlink(missing_ok=True)


def _journal(paths: list[str]) -> dict[str, Any]:
    return {"atkc_manifest": 1, "files": [{"path": path} for path in dict.fromkeys(paths)]}


def put_file(staging: Path, target: Path, name: str, told: dict[str, Any]) -> None:
    """Write a JSON file of ours into the output folder, whole or not at all.

    A folder that somebody removed while the run was at work is made again.
    """
    target.mkdir(parents=True, exist_ok=True)
    (staging / name).write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    (staging / name).replace(target / name)


def _make_sure(target: Path, path: str, old: list[str]) -> None:
    """Raise InputError where the file cannot stand without something of others being lost."""
    whole = target / path
    above = [folder for folder in whole.parents if target in folder.parents]
    for place in (*above, whole):
        if place.is_dir() and place != whole:
            continue
        found = (p for p in place.rglob("*") if not p.is_dir()) if place.is_dir() else [place]
        foreign = [p for p in found if os.path.lexists(p) and _name(p, target) not in old]
        if foreign:
            raise InputError(
                Diagnostic(
                    "ATK006",
                    f"`{foreign[0]}` is in the way of an output, and no run of atkc wrote it",
                    help="move it away, or choose another folder with `--output`",
                )
            )


def _name(path: Path, target: Path) -> str:
    return path.relative_to(target).as_posix()


def _remove(target: Path, path: str) -> None:
    whole = target / path
    if not whole.resolve().is_relative_to(target.resolve()):
        return  # an edited manifest must not reach outside
    if not whole.is_file():
        return
    whole.unlink()
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
