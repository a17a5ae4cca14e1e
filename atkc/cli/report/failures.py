"""Failed records that no step reads: how many of which kind, and a few with request and reply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from atkc.cli.report.facts import Facts
from atkc.cli.report.markup import el, joined
from atkc.cli.report.records import failure, shown
from atkc.cli.report.rows import record_at
from atkc.cli.report.tables import table

EACH = 3  # that are shown of each step
_BYTES = 20_000_000  # of a file that are looked through for kinds


def failures(facts: Facts) -> Markup | None:
    """Return the kinds by step, and examples; None where nothing failed."""
    files = {path: e for path, e in facts.entries.items() if e["role"] == "failed"}
    if not files:
        return None
    parts: list[Any] = []
    kinds: list[tuple[str, str, int]] = []
    for path, entry in files.items():
        told, some = _looked(facts, path)
        kinds += [(path, kind, n) for kind, n in sorted(told.items())]
        left = entry["records"] - told.total()
        kinds += [(path, "not looked at", left)] if left else []
        parts += [el("h3", f"{path}: {entry['records']:,}"), *map(_example, some)]
    return joined([table(("file", "kind", "records"), kinds, of="kinds"), *parts])


def _looked(facts: Facts, path: str) -> tuple[Counter[str], list[dict[str, Any]]]:
    kinds: Counter[str] = Counter()
    some: list[dict[str, Any]] = []
    for record in _records(facts, path):
        kinds[str(_told(record).get("kind", ""))] += 1
        if len(some) < EACH:
            some.append(record)
    return kinds, some


def _records(facts: Facts, path: str) -> Iterator[dict[str, Any]]:
    size = 0
    with (facts.folder / path).open("rb") as lines:
        for line in lines:
            size += len(line)
            if facts.most is not None and size > _BYTES:
                return
            record = record_at(line)
            if isinstance(record, dict):
                yield record


def _told(record: dict[str, Any]) -> dict[str, Any]:
    told = record.get("failure")
    return told if isinstance(told, dict) else {}


def _example(record: dict[str, Any]) -> Markup:
    own = {name: value for name, value in record.items() if name != "failure"}
    fields = el("details", el("summary", "record"), shown(own))
    return el("div", failure(_told(record)), fields, cls="r-record")
