"""The files against the manifest, and what was drawn against what was to be drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from atkc.spec.diagnostic import Diagnostic
from atkc.stdlib.exporters.axolotl_datasets import NOT_DATA
from atkc.stdlib.readiness.output import OURS, Output

_RERUN = "run the spec again, which replaces the files of the manifest"


def check(output: Output) -> Iterator[Diagnostic]:
    """Yield files that are gone, edited, empty or unknown, and takes that fell short."""
    for entry in output.entries():
        yield from _one(output, str(entry["path"]), str(entry["sha256"]))
        if not entry["records"] and entry["role"] not in NOT_DATA:
            message = f"`{entry['path']}` holds no records"
            hint = "look in the ledger of the manifest for where they went"
            yield Diagnostic("ATK803", message, output.at(entry["path"]), help=hint)
    known = {str(entry["path"]) for entry in output.entries()}
    for path in _others(output):
        if path not in known:
            message = f"the manifest does not name `{path}`"
            hint = "take it away, or train without it: no run of this spec wrote it"
            yield Diagnostic("ATK802", message, output.at(path), help=hint)
    yield from _shares(output)


def _one(output: Output, path: str, digest: str) -> Iterator[Diagnostic]:
    place = output.root / path
    if not place.is_file():
        yield Diagnostic("ATK801", f"`{path}` is gone", output.at(path), help=_RERUN)
        return
    with place.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            message = f"`{path}` was changed after the run"
            yield Diagnostic("ATK801", message, output.at(path), help=_RERUN)


def _others(output: Output) -> Iterator[str]:
    """Yield the files that are there, less what training has written since."""
    made = [folder.resolve() for config in output.configs for folder in config.made]
    for place in sorted(output.root.rglob("*")):
        if place.is_file() and not _apart(place, output.root, made):
            yield place.relative_to(output.root).as_posix()


def _apart(place: Path, root: Path, made: list[Path]) -> bool:
    name = place.relative_to(root)
    hidden = any(part.startswith(".") for part in name.parts)
    return hidden or str(name) in OURS or any(place.resolve().is_relative_to(m) for m in made)


def _shares(output: Output) -> Iterator[Diagnostic]:
    for taken in output.manifest.get("takes", ()):
        if taken["shortage"] > 0:
            message = (
                f"step `{taken['step']}` was to draw {taken['target']} {taken['unit']} and drew "
                f"{taken['actual']}"
            )
            hint = "give that step more to draw from, or lower its target"
            yield Diagnostic("ATK832", message, output.at("manifest.json"), help=hint)
