"""The function `document.join`: the parts of `document.cut` as one document again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import STRING, ListOf, Record
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.functions.document_cut import HEADINGS, PAGES, PIECE
from atkc.stdlib.functions.fields import need, top


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads a list of parts, adds text, pages and headings."""
    if problem := need(record, options["field"], ListOf(PIECE), "field"):
        return problem
    added = Record.of({"text": STRING, "pages": PAGES, "headings": HEADINGS})
    return Shape(top(record, options["field"]), added)


SIGNATURE = FunctionSignature(
    name="document.join",
    version=1,
    shape=shape,
    options={"field": Option(STRING, "parts", description="the parts, a list of records")},
    description="put the parts of `document.cut` together; pages and headings move with the text",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return the document; RecordError `hole` if a part is missing or stands twice.

    In a part whose text has changed, a heading is looked for by its words; a page, and a heading
    not found, keeps its share of the way through the part.
    """
    pieces = sorted(row[options["field"]], key=lambda piece: piece["part"]["index"])
    _check_whole(pieces)
    found: dict[str, Any] = {"text": "", "pages": [], "headings": []}
    texts: list[str] = []
    at = 0
    for piece in pieces:
        found["pages"] += _moved(piece, "pages", at)
        found["headings"] += _moved(piece, "headings", at)
        texts += [piece["text"], piece["part"]["after"]]
        at += len(piece["text"]) + len(piece["part"]["after"])
    return {**found, "text": "".join(texts)}


def _check_whole(pieces: Sequence[Data]) -> None:
    there = [piece["part"]["index"] for piece in pieces]
    count = pieces[0]["part"]["count"] if pieces else 0
    if not there or there != list(range(count)):
        raise RecordError("hole", f"of {count} parts there are {there}")


def _moved(piece: Data, kind: str, at: int) -> list[Data]:
    text, length = piece["text"], piece["part"]["length"]
    moved, least = [], 0
    for mark in piece[kind]:
        words = mark.get("text", "")
        place = _place(mark["start"], length, len(text))
        if words and not text.startswith(words, place):
            seen = text.find(words, least)
            place = place if seen < 0 else seen
        least = max(least, place)
        moved.append({**mark, "start": at + max(place, least)})
    return moved


def _place(start: int, before: int, now: int) -> int:
    """Return where a place of the old text lies in the new; behind it, it stays as far behind."""
    if start >= before:
        return now + start - before
    return start * now // before
