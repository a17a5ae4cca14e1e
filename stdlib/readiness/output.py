"""An output folder as its manifest tells it: data files, training configs, what was declared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from atkc.runtime.errors import InputError
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.source import Span
from atkc.stdlib.exporters.axolotl_datasets import BY_ROLE, NOT_DATA, role_of_file
from atkc.stdlib.exporters.places import is_held_out
from atkc.stdlib.readiness.configs import Config, read_config

MANIFEST = "manifest.json"
INCOMPLETE = "INCOMPLETE.json"
OURS = (MANIFEST, INCOMPLETE, "events.jsonl", "report.html")  # in the folder, and no outputs


class DataFile(Struct, frozen=True):
    """A file of records. `kind` is a role that can be trained on, or `data`."""

    path: str  # below the folder
    place: Path
    kind: str
    held_out: bool
    trained: bool  # a config names it, or there is no config
    scopes: tuple[str, ...]  # what is trained on together with it: its configs, else itself alone


class Output(Struct, frozen=True):
    """The folder of a run."""

    root: Path
    manifest: Mapping[str, Any]
    configs: tuple[Config, ...]

    def entries(self) -> list[Mapping[str, Any]]:
        """Return the files of the manifest."""
        return list(self.manifest["files"])

    def data(self) -> list[DataFile]:
        """Return the files of records that are there; those held out first."""
        found = [self._file(e) for e in self.entries() if e["role"] not in NOT_DATA]
        return sorted((f for f in found if f.place.is_file()), key=lambda f: not f.held_out)

    def _file(self, entry: Mapping[str, Any]) -> DataFile:
        place = self.root / entry["path"]
        named = [(c, e) for c in self.configs for e in c.entries if _same(e.place, place)]
        scopes = tuple(str(config.place) for config, e in named if not e.test)
        held_out = is_held_out(entry["path"]) or any(e.test for _, e in named)
        kind = entry["role"] if entry["role"] in BY_ROLE else "data"
        if kind == "data" and named:
            kind = role_of_file(entry) or "data"
        trained = bool(scopes) or not self.configs
        return DataFile(entry["path"], place, kind, held_out, trained, scopes or (entry["path"],))

    def at(self, path: str | Path, line: int = 1) -> Span:
        """Return the place of a line of a file below the folder."""
        return Span(str(self.root / path), line, 1, line, 2)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def read_output(root: Path) -> Output:
    """Return the folder; InputError ATK800 where no readable manifest lies in it."""
    manifest = _manifest(root / MANIFEST)
    return Output(root, manifest, tuple(_configs(root)))


def _manifest(path: Path) -> dict[str, Any]:
    hint = "give the folder that `atkc run` wrote to"
    if (path.parent / INCOMPLETE).exists():
        hint = f"no run has completed there yet; `{path.parent / INCOMPLETE}` says how to go on"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "no JSON"
        raise InputError(Diagnostic("ATK800", f"`{path}`: {said}", help=hint)) from None
    whole = isinstance(told, dict) and "atkc_manifest" in told
    if not whole or not _lists_files(told.get("files")):
        raise InputError(Diagnostic("ATK800", f"`{path}` is no manifest of a run", help=hint))
    return dict(told)


def _lists_files(files: Any) -> bool:
    keys = {"path", "role", "records", "sha256"}
    return isinstance(files, list) and all(isinstance(f, dict) and keys <= f.keys() for f in files)


def _configs(root: Path) -> Iterator[Config]:
    for path in sorted(p for p in root.rglob("*.y*ml") if p.suffix in (".yaml", ".yml")):
        if config := read_config(path):
            yield config
