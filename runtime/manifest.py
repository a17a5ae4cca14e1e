"""The manifest: what a run was, which files it left, and what became of every record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from atkc.compiler.plan import Plan, SourceOp
from atkc.runtime import provenance
from atkc.runtime.api import FileEntry
from atkc.runtime.calling.outcome import CallStats
from atkc.runtime.json_line import json_line
from atkc.runtime.ledger import ASIDE, LedgerRow
from atkc.runtime.modelspec import ModelSpec
from atkc.runtime.plan_digest import plan_digest
from atkc.runtime.provenance import traced
from atkc.runtime.publish import fingerprint
from atkc.runtime.settings import Result


def manifest(
    plan: Plan,
    result: Result,
    files: Sequence[FileEntry],
    staging: Path,
    limits: Mapping[str, int],
    run: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the manifest; only `run` may differ between two runs of one spec on one cache."""
    return {
        "atkc_manifest": 1,
        "name": plan.name,
        "description": plan.description,
        "partial": dict(limits),
        "plan": plan_digest(plan),
        "seed": plan.seed,
        "tokenizer": plan.tokenizer,
        "params": {name: value.value for name, value in plan.params.items()},
        "files": [{**_file(f), **fingerprint(staging / f.path)} for f in files],
        "ledger": [_line(row) for row in result.ledger],
        "edges": edges(plan),
        "exports": {step: list(paths) for step, paths in result.written.items()},
        "failed": {step: dict(kinds) for step, kinds in result.kinds.items()},
        "takes": [asdict(taken) for taken in result.takes],
        "accepts": [asdict(found) for found in result.accepts],
        "warnings": [asdict(w) for w in result.warnings],
        "run": dict(run),
    }


def edges(plan: Plan) -> list[list[str]]:
    """Return what reads what: [step, port, reader, role]."""
    return [
        [edge.node, edge.port, node.id, role]
        for node in plan.nodes
        for role, read in node.inputs.items()
        for edge in read
    ]


def _file(entry: FileEntry) -> dict[str, Any]:
    told = asdict(entry)
    if not told["facts"]:
        del told["facts"]
    return told


def _line(row: LedgerRow) -> dict[str, Any]:
    told = {k: v for k, v in asdict(row).items() if v or k in ("came", "out")}
    for name in ASIDE:  # most differ from run to run; `run` has the sums
        told.pop(name, None)
    return {**told, "ports": dict(row.ports)}


def call_report(stats: CallStats) -> dict[str, Any]:
    """Return the counts of calls, in all and by model."""
    total = stats.total
    return {
        "calls": total.calls,
        "from_cache": total.cached + total.shared,
        "retried": total.retried,
        "hedged": total.hedged,
        "prompt_tokens": total.prompt_tokens,
        "completion_tokens": total.completion_tokens,
        "money": round(total.money, 6),
        "models": {name: asdict(counts) for name, counts in sorted(stats.models.items())},
    }


def source_report(plan: Plan) -> dict[str, Any]:
    """Return by source step what reads which files: where `atkc trace` looks a text up."""
    return {
        node.id: {"reader": node.op.reader, "options": dict(node.op.options)}
        for node in plan.nodes
        if isinstance(node.op, SourceOp) and "path" in node.op.options
    }


def price_report(models: Iterable[ModelSpec]) -> dict[str, Any]:
    """Return what a million tokens of each model cost: [in, out], null where it is not known."""
    return {
        f"{spec.endpoint.provider}/{spec.model}": [spec.price_in, spec.price_out]
        for model in models
        for spec in (model, *model.fallback)
    }


def write_failures(result: Result, staging: Path, *, traces: bool = True) -> list[FileEntry]:
    """Write the failed records that no step reads to `failed/<step>.jsonl`; return the files.

    With `traces` each has a sidecar of its own.
    """
    out: list[FileEntry] = []
    for step, count in sorted(result.failures.counts().items()):
        path = failed_file(step)
        whole = staging / path
        whole.parent.mkdir(parents=True, exist_ok=True)
        rows = result.failures.rows(step)
        with whole.open("wb") as file:
            for data in traced(rows, staging, path) if traces else (row.data for row in rows):
                file.write(json_line(data))
        out.append(FileEntry(path, "jsonl", "failed", count, 0))
        out += [provenance.entry(path, count)] if traces else []
    return out


def failed_file(step: str) -> str:
    """Return the file that the failed records of a step are written to."""
    return f"failed/{step.replace('/', '-')}.jsonl"


def failure_kinds(result: Result) -> dict[str, Counter[str]]:
    """Return by step how many records failed of which kind; those that no step reads."""
    return {
        step: Counter(str(row.data["failure"]["kind"]) for row in result.failures.rows(step))
        for step in sorted(result.failures.counts())
    }
