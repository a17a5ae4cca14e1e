"""An output folder as a run left it: its manifest, and the sidecars that trace its files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

from atkc.runtime.errors import InputError
from atkc.runtime.own_file import read_own
from atkc.runtime.provenance import ROLE, sidecar
from atkc.runtime.publish import MANIFEST, fingerprint
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.render import as_text
from atkc.stdlib.readiness.unfinished import go_on, unfinished

WRITE_IT = "run the spec again, without `--no-provenance`"


class Outputs(Struct, frozen=True):
    """A folder with a manifest of ours."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def entries(self) -> dict[str, dict[str, Any]]:
        """Return what the manifest tells of each file, by path, less the sidecars."""
        return {e["path"]: e for e in self.manifest["files"] if e["role"] != ROLE}

    def is_traced(self, path: str) -> bool:
        """Return whether a file has a sidecar."""
        return any(entry["path"] == sidecar(path) for entry in self.manifest["files"])

    def trails(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield sources and calls of each record of a file; raises InputError ATK032, ATK034."""
        if not self.is_traced(path):
            message = f"nothing tells where the lines of `{path}` come from"
            raise mistake("ATK032", message, WRITE_IT)
        self.check(path)
        self.check(sidecar(path))
        with (self.folder / sidecar(path)).open("rb") as lines:
            yield from map(orjson.loads, lines)

    def check(self, path: str) -> None:
        """Raise InputError ATK034 if a file is not what the run wrote: its lines may have moved."""
        (entry,) = (e for e in self.manifest["files"] if e["path"] == path)
        whole = self.folder / path
        if not whole.is_file() or fingerprint(whole)["sha256"] != entry["sha256"]:
            message = f"`{whole}` is not the file that the run wrote"
            raise mistake("ATK034", message, "run the spec again; cached replies cost nothing")

    def trail(self, path: str, line: int) -> dict[str, Any]:
        """Return sources and calls of one record, counted from 1; raises InputError ATK031."""
        number = 0
        for number, trail in enumerate(self.trails(path), 1):
            if number == line:
                return trail
        message = f"`{path}` has no line {line}, it has {number}"
        raise mistake("ATK031", message, "lines count from 1; in .json, .csv, .parquet: records")


def outputs_of(file: Path) -> tuple[Outputs, str]:
    """Return the outputs that a file belongs to and its path there; raises InputError ATK030."""
    whole = file.absolute()
    for folder in whole.parents:
        found = _read(folder)
        if found is None:
            continue
        path = whole.relative_to(folder).as_posix()
        if path in found.entries:
            warn_unfinished(folder)
            return found, path
        known = ", ".join(found.entries)
        raise mistake("ATK030", f"the manifest of `{folder}` lists no `{path}`", f"it has {known}")
    raise mistake("ATK030", f"`{file}` lies in no output folder", "its folder has a manifest.json")


def outputs_in(folder: Path) -> Outputs:
    """Return the outputs in a folder; raises InputError ATK030."""
    found = _read(folder)
    if found is None:
        message = f"`{folder}` has no manifest of a run"
        raise mistake("ATK030", message, "name the folder that holds manifest.json")
    warn_unfinished(folder)
    return found


def warn_unfinished(folder: Path) -> None:
    """Say where the last run into a folder did not complete (ATK722)."""
    how = unfinished(folder)
    if how is not None:
        message = f"the last run did not complete ({how}): the files are of an earlier one"
        found = Diagnostic("ATK722", message, help=go_on(folder))
        sys.stderr.write(as_text([found], {}))


def mistake(code: str, message: str, hint: str | None = None) -> InputError:
    """Return the exception for what a user asked of outputs and cannot get."""
    return InputError(Diagnostic(code, message, help=hint))


def _read(folder: Path) -> Outputs | None:
    told = read_own(folder / MANIFEST, "atkc_manifest")
    return None if told is None else Outputs(folder, told)
