"""`atkc check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import asdict

from atkc.cli import codes
from atkc.spec.codes import CODES
from atkc.spec.render import as_json, as_text
from atkc.stdlib.readiness.examining import Report, examine
from atkc.stdlib.readiness.lengths import Length


def check_output(folder: str, *, as_data: bool, examples: int) -> int:
    """Print what is wrong with the data that a run left; return 1 where anything is."""
    report = examine(Path(folder), examples)
    sys.stdout.write(_data(report) if as_data else _text(report))
    return codes.FINDINGS if report.counts else codes.COMPLETE


def _text(report: Report) -> str:
    text = as_text(report.findings, {}, color=sys.stdout.isatty())
    found = sum(report.counts.values())
    word = "finding" if found == 1 else "findings"
    rows = [(code, CODES[code].title, path, n) for (code, path), n in _sorted(report)]
    text += _table(("finding", "", "in", "number"), rows)
    text += _lengths(report.lengths)
    return text + f"{report.files} files, {report.records} records: {found} {word}\n"


def _sorted(report: Report) -> list[tuple[tuple[str, str], int]]:
    return sorted(report.counts.items())


def _lengths(lengths: Sequence[Length]) -> str:
    """Return the histogram of each config, by file."""
    out = ""
    for config in dict.fromkeys(length.config for length in lengths):
        told = [length for length in lengths if length.config == config]
        heads = (f"tokens, {config}", "records", "longest", *told[0].bounds())
        out += _table(heads, [(x.file, x.records, x.longest, *x.counts) for x in told])
    return out


def _table(heads: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    if not rows:
        return ""
    cells = [list(map(str, row)) for row in (heads, *rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(heads))]
    plain = [isinstance(cell, str) for cell in rows[0]]
    return "".join(f"{_row(row, widths, plain)}\n" for row in cells)


def _row(row: Sequence[str], widths: Sequence[int], plain: Sequence[bool]) -> str:
    told = zip(row, widths, plain, strict=True)
    return "  ".join(f"{c:<{w}}" if text else f"{c:>{w}}" for c, w, text in told).rstrip()


def _data(report: Report) -> str:
    told = json.loads(as_json(report.findings))
    told["clean"] = not report.counts
    told["counts"] = [{"code": c, "path": p, "number": n} for (c, p), n in _sorted(report)]
    told["lengths"] = [{**asdict(x), "bounds": x.bounds()} for x in report.lengths]
    return json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
