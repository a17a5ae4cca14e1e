"""`atkc ledger`: what became of every record, and whether it adds up."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from atkc.cli import codes
from atkc.cli.newest import chosen
from atkc.cli.outputs import Outputs
from atkc.runtime.ledger_check import findings, node_of
from atkc.spec.diagnostic import Diagnostic

_COUNTS = (
    "came",
    "out",
    "filtered",
    "duplicate",
    "failed",
    "merged",
    "not_drawn",
    "expanded",
    "skipped",
)


def show_ledger(folder: str | None, *, checks: bool, as_data: bool) -> int:
    """Print the books of a run; with `checks` return 1 where they do not add up."""
    outputs = chosen(folder)
    found = list(findings(outputs.manifest, outputs.folder)) if checks else []
    if as_data:
        _print_data(outputs, found, checks=checks)
    else:
        sys.stdout.writelines(f"{line}\n" for line in table(outputs.manifest))
        _print_findings(outputs, found, checks=checks)
    return codes.FINDINGS if found else codes.COMPLETE


def table(manifest: Mapping[str, Any]) -> list[str]:
    """Return the ledger as lines; counts that are 0 everywhere have no column."""
    rows: list[dict[str, Any]] = manifest["ledger"]
    counts = [name for name in _COUNTS if name == "came" or any(row.get(name) for row in rows)]
    heads = ["step", *(name.replace("_", " ") for name in counts), "to", "failed by kind"]
    failed: Mapping[str, Mapping[str, int]] = manifest.get("failed", {})
    lines = [heads, *(_cells(row, counts, failed) for row in rows)]
    if not failed:
        lines = [line[:-1] for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [_aligned(line, widths, len(counts)) for line in lines]


def _cells(
    row: Mapping[str, Any], counts: Sequence[str], failed: Mapping[str, Mapping[str, int]]
) -> list[str]:
    name = f"{row['step']} ({row['role']})" if row.get("role") else str(row["step"])
    ports = ", ".join(f"{count} {port}" for port, count in row["ports"].items())
    kinds = failed.get(node_of(row["step"]), {}) if row.get("failed") else {}
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return [name, *(str(row.get(count, 0) or "") for count in counts), ports, told]


def _aligned(line: Sequence[str], widths: Sequence[int], counts: int) -> str:
    cells = [
        cell.rjust(width) if 1 <= n <= counts else cell.ljust(width)
        for n, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _print_findings(outputs: Outputs, found: Sequence[Diagnostic], *, checks: bool) -> None:
    from atkc.spec.render import as_text

    if found:
        sys.stderr.write(as_text(list(found), {}).rstrip("\n") + "\n")
    elif checks:
        files = len(outputs.manifest["files"])
        sys.stdout.write(f"all adds up: {len(outputs.manifest['ledger'])} rows, {files} files\n")


def _print_data(outputs: Outputs, found: Sequence[Diagnostic], *, checks: bool) -> None:
    told: dict[str, Any] = {
        "folder": outputs.folder.as_posix(),
        "ledger": outputs.manifest["ledger"],
        "failed": outputs.manifest.get("failed", {}),
    }
    if checks:
        told["findings"] = [{"code": f.code, "message": f.message} for f in found]
    sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.flush()
