"""`export`, and an output of the spec that runs: records become a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from atkc.compiler.flow import Flow, Made
from atkc.compiler.instance import Instance
from atkc.compiler.options import settle
from atkc.compiler.plan import ExportOp
from atkc.spec.rowtype import INTEGER, STRING, STRINGS, Enum, Fit, Record, fits, non_null, show
from atkc.spec.signature import ExporterSignature, Shape, ShapeError
from atkc.spec.suggest import hint

FILES = Record.of(
    {
        "path": STRING,
        "format": STRING,
        "role": STRING,
        "records": INTEGER,
        "tokens": INTEGER,
        "columns": STRINGS,
    }
)

# What a run writes into its output folder besides the exports.
_OURS = {
    "manifest.json": "its manifest",
    "events.jsonl": "its events",
    "report.html": "its report",
    "failed": "failed records",
    "provenance": "where lines come from",
    ".publishing.json": "which files it moves",
}


def make_export(flow: Flow, inst: Instance) -> Made | None:
    """Return the node of an `export` step, also where nothing will arrive."""
    step = inst.step
    formats = flow.space.library.exporters
    signature = formats.get(step.format)
    if signature is None:
        helps = hint(step.format, formats) or "use one of " + ", ".join(sorted(formats))
        message = f"there is no export format `{step.format}`"
        flow.report("ATK304", message, flow.span(inst, "format"), helps)
        return None
    own = {"path": step.path, "tokenizer": flow.tokenizer}  # what a format may want to know
    given = {**{k: v for k, v in own.items() if k in signature.options}, **step.with_}
    options = settle(flow, inst, ("with",), given, signature.options, signature.name)
    record = flow.incoming(inst)
    if options is None:
        return None
    read: frozenset[str] = frozenset()
    if record is not None:
        found = _reads(flow, inst, signature, options, record)
        if found is None:
            return None
        read = found
    partition = getattr(step, "partition", None)
    values = _values(flow, inst, partition, record) if partition else []
    if not _path(flow, inst, step.path, partition):
        return None
    op = ExportOp(
        format=signature.name,
        version=signature.version,
        path=str(PurePosixPath(step.path)),
        options=options,
        partition=partition or "",
        values=values,
        empty=step.empty,
        reads_files=signature.reads_files,
        role=signature.role,
        columns=[] if record is None else _columns(signature, options, record),
    )
    return Made(op, {"files": FILES}, "n:0", reads=read, lineage=(inst.id,))


def _columns(signature: ExporterSignature, options: Mapping[str, Any], record: Record) -> list[str]:
    """Return the columns of the file: the format's own, those of `columns`, or all fields."""
    chosen = list(options.get("columns") or ())
    if signature.writes:
        return [*signature.writes, *(c for c in chosen if c not in signature.writes)]
    return [] if signature.reads_files else chosen or record.names()


def _reads(
    flow: Flow,
    inst: Instance,
    signature: ExporterSignature,
    options: Mapping[str, Any],
    record: Record,
) -> frozenset[str] | None:
    files = any(t.port == "files" for ts in inst.inputs.values() for t in ts)
    if files != signature.reads_files:
        what = "files: read `step.files`" if signature.reads_files else "records, not `.files`"
        flow.report("ATK420", f"`{signature.name}` takes {what}", flow.span(inst, "from"))
        return None
    if signature.reads_files:
        return frozenset()
    shape = signature.shape(options, record)
    if isinstance(shape, ShapeError):
        path = ("with", *shape.option.split(".")) if shape.option else ("from",)
        flow.report("ATK420", shape.message, flow.span(inst, *path), shape.help)
        return None
    return fits_shape(flow, inst, shape, record, ("from",))


def fits_shape(
    flow: Flow, inst: Instance, shape: Shape, record: Record, path: tuple[str | int, ...]
) -> frozenset[str] | None:
    """Return the fields that are read, or None after reporting those that are missing or misfit."""
    right = True
    for name, want in shape.reads.items():
        have = record.get(name)
        if have is None:
            if not want.optional:
                flow.unknown_field(inst, path, name, record)
                right = False
        elif fits(have.type, want.type) is Fit.NO:
            message = f"`{name}` is {show(have.type)}; {show(want.type)} is needed"
            flow.report("ATK420", message, flow.span(inst, *path))
            right = False
    return frozenset(n for n in shape.reads.names() if n in record) if right else None


def _values(flow: Flow, inst: Instance, field: str, record: Record | None) -> list[str]:
    found = record.get(field) if record is not None else None
    if record is not None and found is None:
        flow.unknown_field(inst, ("partition",), field, record)
    if found is None:
        return []
    kind = non_null(found.type)
    if flow.opaque and kind == STRING:
        return []  # a module may well hand out an enum where it declares a text
    if not isinstance(kind, Enum):
        flow.report(
            "ATK420",
            f"`{field}` is {show(found.type)}; files are known before the run only for an enum",
            flow.span(inst, "partition"),
            "partition by a field that `label:` adds",
        )
        return []
    return list(kind.values)


def _path(flow: Flow, inst: Instance, path: str, partition: str | None) -> bool:
    span = flow.span(inst, "path")
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.name or "\\" in path:
        flow.report("ATK002", f"`{path}` leaves the output folder", span, "write a relative path")
        return False
    if pure.parts[0] in _OURS:
        message = f"`{path}` is where a run writes {_OURS[pure.parts[0]]}"
        flow.report("ATK205", message, span, "choose another path")
        return False
    holes = re.findall(r"\{(\w*)\}", path)
    if holes != ([partition] if partition else []):
        wanted = f"`{{{partition}}}` once" if partition else "no `{…}`"
        flow.report("ATK205", f"the path `{path}` must have {wanted}", span)
        return False
    return True
