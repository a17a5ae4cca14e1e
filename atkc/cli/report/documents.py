"""Yields: how many records of each file each document fed; who fed none stands first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from atkc.cli.report import charts
from atkc.cli.report.facts import Facts
from atkc.cli.report.markup import el, joined
from atkc.cli.report.tables import table
from atkc.runtime.trail import document_of

Document = tuple[str, str]  # source step, name
NOTHING, DOCUMENTS, FILES = 100, 60, 12
_ASIDE = ("rejected_by", "failure")  # columns of what was turned away


def documents(facts: Facts) -> Markup | None:
    """Return the yields by document; None where nothing tells of documents."""
    if not facts.entries:
        return None  # not yet: the run has left no file
    counted = [path for path in data_files(facts) if facts.is_traced(path)]
    fed, cut = yields(facts, counted)
    read = _read(facts)
    if not fed and not read:
        return None
    if not counted:
        return el("p", "No file has provenance, so it is not known which document fed what.")
    known = {**dict.fromkeys(read), **dict.fromkeys(fed)}
    totals = {document: sum(fed.get(document, {}).values()) for document in known}
    nothing = sorted(document for document, total in totals.items() if not total)
    return joined(
        [
            el("p", _said(len(known), counted, facts.most if cut else None)),
            _barren(nothing),
            _table(counted, fed, totals),
        ]
    )


def data_files(facts: Facts) -> list[str]:
    """Return the files that are trained on; if there is none, all that hold no rejects."""
    kept = {
        path: entry["role"]
        for path, entry in facts.entries.items()
        if entry["role"] != "failed" and not any(c in entry["columns"] for c in _ASIDE)
    }
    trained = [path for path, role in kept.items() if role != "data"]
    return trained or list(kept)


def yields(facts: Facts, paths: list[str]) -> tuple[dict[Document, Counter[str]], bool]:
    """Return by document the records of each file that it fed, and whether some were not read.

    What only was shown to a model beside a record has not fed it.
    """
    fed: dict[Document, Counter[str]] = {}
    cut = False
    for path in paths:
        seen = 0
        for trail in facts.trails(path):
            seen += 1
            own = {
                (s["step"], document_of(s["source"])) for s in trail["sources"] if not s["shown"]
            }
            for document in own:
                fed.setdefault(document, Counter())[path] += 1
        cut = cut or seen < facts.entries[path]["records"]
    return fed, cut


def _read(facts: Facts) -> dict[Document, int]:
    """Return by document how many records were read of it."""
    told: Mapping[str, Mapping[str, int]] = facts.books.get("documents", {})
    return {(step, name): n for step, named in told.items() for name, n in named.items()}


def _said(known: int, counted: list[str], most: int | None) -> str:
    bound = f" Only the first {most:,} records of each file are counted." if most else ""
    files = f"{known:,} documents; records of {', '.join(counted[:FILES])}"
    more = f" and {len(counted) - FILES} more files" if len(counted) > FILES else ""
    return f"{files}{more}. A record that comes of several documents counts for each.{bound}"


def _barren(nothing: list[Document]) -> Markup:
    if not nothing:
        return el("p", "Every document that was read has fed some record.")
    named = [el("li", f"{name} ({step})") for step, name in nothing[:NOTHING]]
    left = len(nothing) - NOTHING
    more = el("li", f"and {left:,} more") if left > 0 else ""
    said = f"{len(nothing):,} of the documents have fed no record:"
    return el("div", el("p", said, cls="r-alarm"), el("ul", *named, more, cls="r-names"))


def _table(
    counted: list[str], fed: Mapping[Document, Counter[str]], totals: Mapping[Document, int]
) -> Markup:
    order = sorted((d for d in totals if totals[d]), key=lambda d: (totals[d], d))
    top = max(totals.values(), default=0)
    columns = counted[:FILES]
    rest = len(counted) - FILES
    heads = ["document", "records", "", *columns, *([f"{rest} more files"] if rest > 0 else [])]
    return table(heads, [_row(d, fed[d], columns, top, rest > 0) for d in order], most=DOCUMENTS,
                 of="documents")  # fmt: skip


def _row(
    document: Document, fed: Counter[str], columns: list[str], top: int, more: bool
) -> list[Any]:
    total = sum(fed.values())
    own = [fed[path] for path in columns]
    drawn = charts.bar((("r-out", total),), top, f"{total} records")
    return [document[1], total, drawn, *own, *([total - sum(own)] if more else [])]
