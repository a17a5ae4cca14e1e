"""Rejects: a few of the records that each step turned away, with what was said of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from atkc.cli.report.facts import Facts
from atkc.cli.report.markup import el, joined
from atkc.cli.report.records import shown
from atkc.cli.report.rows import record_at

EACH = 3  # that are shown of each step
LOOKED = 2_000  # records of a file, as long as not all steps have their three
COLUMN = "rejected_by"


def rejects(facts: Facts) -> Markup | None:
    """Return examples by step, in canonical order; None where no file holds rejects."""
    found: dict[str, list[tuple[str, int, dict[str, Any]]]] = {}
    for path, entry in facts.entries.items():
        if COLUMN not in entry["columns"]:
            continue
        for number, record in _records(facts, path):
            own = found.setdefault(str(record.get(COLUMN)), [])
            if len(own) < EACH:
                own.append((path, number, record))
    if not found:
        return None
    said = (
        "From the files with a column rejected_by. `atkc trace FILE:LINE` prints the request and "
        "the reply behind each."
    )
    parts = [el("p", said)]
    for step, some in sorted(found.items()):
        parts += [el("h3", step), *(_example(*one) for one in some)]
    return joined(parts)


def _records(facts: Facts, path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.endswith(".jsonl"):
        return
    with (facts.folder / path).open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if number > LOOKED:
                return
            record = record_at(line)
            if isinstance(record, dict):
                yield number, record


def _example(path: str, number: int, record: dict[str, Any]) -> Markup:
    return el("div", el("p", f"{path}:{number}", cls="r-place"), shown(record), cls="r-record")
