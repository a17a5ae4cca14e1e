"""What an output folder tells of its run: the manifest, the events, and which files to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from atkc.cli.report.steps import Step, by_node, summed
from atkc.compiler.drawing.picture import Box, Picture
from atkc.runtime.own_file import read_own
from atkc.runtime.provenance import FOLDER, ROLE, sidecar
from atkc.runtime.publish import EVENTS, MANIFEST

COMPLETE = "complete"
_SUMMED = ("calls", "from_cache", "prompt_tokens", "completion_tokens", "money", "models")
NOT_DATA = frozenset({ROLE, "card", "config"})


@dataclass(frozen=True)
class Facts:
    """A folder, its manifest ({} without one), the events of its last run, and how far to read.

    `most` bounds the lines that are read of each sidecar; None: all.
    """

    folder: Path
    manifest: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...]
    most: int | None = None

    @cached_property
    def ended(self) -> Mapping[str, Any]:
        """Return how the run ended; {} if it was killed, or runs still."""
        return next((e for e in reversed(self.events) if e["event"] == "run-ended"), {})

    @property
    def complete(self) -> bool:
        """Return whether the last run came to its end. A copy may have a manifest and no events."""
        if not self.events:
            return bool(self.manifest) and "incomplete" not in self.manifest
        return self.ended.get("how") == COMPLETE

    @cached_property
    def own(self) -> bool:
        """Return whether the files are those of the last run, and not of an earlier one."""
        return bool(self.manifest) and (self.complete or "incomplete" in self.manifest)

    @cached_property
    def run(self) -> Mapping[str, Any]:
        """Return time, calls, tokens and money of the run as far as they are known."""
        told = dict(self.manifest.get("run", {})) if self.own else {}
        return told | {name: self.ended[name] for name in _SUMMED if name in self.ended}

    @cached_property
    def books(self) -> Mapping[str, Any]:
        """Return what the run noted at its end; {} if it could not."""
        return next((e for e in reversed(self.events) if e["event"] == "books"), {})

    @cached_property
    def warnings(self) -> list[Mapping[str, Any]]:
        """Return the warnings of the run."""
        if self.own:
            return list(self.manifest.get("warnings", ()))
        return [e for e in self.events if e["event"] == "warning"]

    @cached_property
    def entries(self) -> dict[str, Mapping[str, Any]]:
        """Return the files of records that this run left, by path."""
        files = self.manifest.get("files", ()) if self.own else ()
        return {e["path"]: e for e in files if e["role"] not in NOT_DATA and self._has(e["path"])}

    def _has(self, path: str) -> bool:
        """Return whether a file is there; an edited manifest must not reach outside."""
        whole = (self.folder / path).resolve()
        return whole.is_file() and whole.is_relative_to(self.folder.resolve())

    @cached_property
    def _drawing(self) -> tuple[Picture, dict[str, tuple[str, ...]]] | None:
        from atkc.cli.report.graph import read

        return read(self.books["graph"]) if "graph" in self.books else None

    @property
    def picture(self) -> Picture | None:
        """Return the picture of the plan."""
        return self._drawing[0] if self._drawing else None

    @property
    def nodes(self) -> Mapping[str, tuple[str, ...]]:
        """Return by box the nodes of the plan that it stands for."""
        return self._drawing[1] if self._drawing else {}

    @cached_property
    def steps(self) -> dict[str, Step]:
        """Return the books of each node."""
        named = next((e["steps"] for e in self.events if e["event"] == "run-started"), ())
        return by_node(self._rows(), named, self.books.get("spans", {}))

    def _rows(self) -> list[Mapping[str, Any]]:
        if "rows" in self.books:
            return list(self.books["rows"])
        if self.own:
            return list(self.manifest["ledger"])
        return [
            {**e, "came": e["records_in"], "ports": {"main": e["out"]}}
            for e in self.events
            if e["event"] == "step-done"
        ]

    @cached_property
    def boxes(self) -> list[tuple[Box | None, str, Step]]:
        """Return written steps in order with their books; nodes where there is no picture."""
        if self.picture is None:
            return [(None, name, step) for name, step in self.steps.items()]
        return [
            (box, box.id, summed(self.steps[n] for n in self.nodes[box.id] if n in self.steps))
            for box in self.picture.boxes
        ]

    def is_traced(self, path: str) -> bool:
        """Return whether a file has a sidecar."""
        return (self.folder / FOLDER).is_dir() and (self.folder / sidecar(path)).is_file()

    def trails(self, path: str) -> Iterator[Mapping[str, Any]]:
        """Yield sources and calls of the records of a file, at most so many."""
        with (self.folder / sidecar(path)).open("rb") as lines:
            for at, line in enumerate(lines):
                if at == self.most:
                    return
                yield orjson.loads(line)


def facts_in(folder: Path, most: int | None = None) -> Facts:
    """Return the facts of a folder; what is not there, or is no JSON, is left out."""
    return Facts(
        folder, read_own(folder / MANIFEST, "atkc_manifest") or {}, tuple(_events(folder)), most
    )


def _events(folder: Path) -> Iterator[Mapping[str, Any]]:
    try:
        lines = (folder / EVENTS).read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        try:
            told = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue  # the last line of a run that was killed
        if isinstance(told, dict) and "event" in told:
            yield told
