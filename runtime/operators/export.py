"""Export: rows are put in canonical order, wait on disk until all have come, and are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import asdict

from atkc.compiler.plan import ExportOp
from atkc.runtime import provenance
from atkc.runtime.api import Exporter, FileEntry, Written
from atkc.runtime.keys import source_identity
from atkc.runtime.operators.feed import Feed
from atkc.runtime.spool import Spool
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Mark, Row
from atkc.runtime.trail import NO_TRAIL


class _Part(Struct):
    """The rows of one file."""

    rows: Spool
    count: int = 0
    columns: dict[str, None] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self.count += 1
        if not row.data.keys() <= self.columns.keys():
            self.columns.update(dict.fromkeys(row.data))


async def run(stage: Stage) -> None:
    """Gather, write one file (or one for each value of the partition), announce the files."""
    op = stage.node.op
    assert isinstance(op, ExportOp)
    parts = {value: _Part(stage.spool()) for value in (op.values if op.partition else [""])}
    async for token in stage.ordered():
        if isinstance(token, Row):
            value = str(token.data.get(op.partition)) if op.partition else ""
            if value not in parts:
                parts[value] = _Part(stage.spool())
            parts[value].add(token)
    stage.tally.leave("files", 0)
    entries: list[FileEntry] = []
    for value, part in parts.items():
        entry = await _write(stage, op, op.path.replace(f"{{{op.partition}}}", value), part)
        part.rows.close()
        if entry is not None:
            entries.append(entry)
    stage.files.extend(entries)
    _announce(stage, entries)


async def _write(stage: Stage, op: ExportOp, path: str, part: _Part) -> FileEntry | None:
    if not part.count and op.empty == "error":
        raise stage.mistake("ATK606", f"no record reached `{path}`")
    if not part.count and op.empty == "skip":
        return None  # asked for, so no news
    if not part.count:
        stage.warn("empty", f"no record reached `{path}`")
    target = stage.run.settings.staging / path
    target.parent.mkdir(parents=True, exist_ok=True)
    exporter = stage.run.bodies.exporters[op.format]
    rows = _rows(part)
    has_trails = stage.run.settings.provenance and not op.reads_files
    sidecar = provenance.sidecar(path) if has_trails else None
    feed = Feed(rows, stage.run.settings.staging / sidecar if sidecar else None)
    written = await stage.in_thread(lambda: fill(exporter, feed, target, op.options))
    for row, error in feed.refused:
        stage.fail_aside(row, error, stage.tally)
    stage.tally.leave("files", part.count - len(feed.refused))
    for note in written.notes:
        stage.warn(note.kind, f"`{path}`: {note.message}")
    if has_trails:
        stage.sidecars.append(provenance.entry(path, written.records))
    columns = tuple(op.columns or part.columns)
    counts = (written.records, written.tokens)
    return FileEntry(path, op.format, op.role, *counts, columns, written.facts)


def fill(exporter: Exporter, feed: Feed, target: Path, options: Mapping[str, Any]) -> Written:
    """Return what an exporter wrote to a file; an OSError names the file."""
    try:
        with closing(feed):
            told = exporter(feed, target, options)
    except OSError as error:
        error.filename = error.filename or str(target)
        raise
    return told if isinstance(told, Written) else Written(*told)


def _rows(part: _Part) -> Iterator[Row]:
    while part.rows.count:
        for token in part.rows.take():
            assert isinstance(token, Row)
            yield token


def _announce(stage: Stage, entries: list[FileEntry]) -> None:
    stage.ports.mark(Mark((), len(entries)))
    for index, entry in enumerate(entries):
        data = {**asdict(entry), "columns": list(entry.columns)}
        del data["facts"]
        identity = source_identity({"path": entry.path}, 0)
        stage.ports.row("files", Row((index,), identity, data, NO_TRAIL))
