"""Samples of each file: its first record and a few by chance, and how long its records are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from atkc.cli.report import charts
from atkc.cli.report.facts import Facts
from atkc.cli.report.markup import el, joined
from atkc.cli.report.records import shown
from atkc.cli.report.rows import Few, few

_COLUMNS = 12


def samples(facts: Facts) -> Markup | None:
    """Return a part for each file with records; None where there is none."""
    seed = int(facts.manifest.get("seed", 0))
    parts = [
        _file(path, entry, few(facts.folder / path, seed))
        for path, entry in facts.entries.items()
        if entry["role"] != "failed" and entry["records"]
    ]
    return joined(parts) if parts else None


def _file(path: str, entry: Mapping[str, Any], found: Few) -> Markup:
    records, tokens = entry["records"], entry["tokens"]
    per = f", {tokens / records:,.0f} tokens a record" if tokens else ""
    title = el("summary", el("b", path), f" {records:,} records, {tokens:,} tokens{per}")
    return el("details", title, *_inside(found), cls="r-file")


def _inside(found: Few) -> Iterator[Markup]:
    if found.problem:
        yield el("p", found.problem, cls="r-alarm")
        return
    heads, counts = lengths(found.lengths)
    said = f"Characters of {found.says}"
    yield el("figure", charts.histogram(counts, heads, said), el("figcaption", said))
    for number, record in found.shown:
        place = f"record {number}" if number else "a record"
        yield el("div", el("p", place, cls="r-place"), shown(record), cls="r-record")


def lengths(found: Sequence[int]) -> tuple[list[str], list[int]]:
    """Return the upper bounds of up to 12 equal ranges, and how many lengths are in each.

    Ranges are of a round width: 1, 2 or 5 times a power of ten.
    """
    top = max(found, default=0)
    width = _round(top / _COLUMNS)
    counts = [0] * (top // width + 1)
    for length in found:
        counts[length // width] += 1
    return [_short((at + 1) * width) for at in range(len(counts))], counts


def _round(least: float) -> int:
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power > least:
                return factor * power
        power *= 10


def _short(value: int) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else str(value)
