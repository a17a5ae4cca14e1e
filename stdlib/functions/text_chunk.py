"""The function `text.chunk`: a document in pieces of bounded size that know their place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from operator import itemgetter
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import INTEGER, STRING, ListOf, Record, nullable
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.functions.fields import need
from atkc.stdlib.functions.packing import Span, balance, overlapped, pack
from atkc.stdlib.functions.spans import units
from atkc.stdlib.tokens import TOKENIZERS, Counted

CHUNK = Record.of(
    {
        "index": INTEGER,
        "start": INTEGER,
        "end": INTEGER,
        "page": nullable(INTEGER),
        "heading": nullable(STRING),
        "tokens": INTEGER,
    }
)
_PAGES = ListOf(Record.of({"start": INTEGER, "page": INTEGER}))
_HEADINGS = ListOf(Record.of({"start": INTEGER, "text": STRING}))
_REMOVED = ("pages", "headings", "notes", "stats")


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads the text, its pages and headings; gives `text` and `chunk`."""
    field = options["field"]
    if problem := need(record, field, STRING, "field"):
        return problem
    if options["overlap"] >= options["max_tokens"]:
        return ShapeError("`overlap` must be smaller than `max_tokens`", "overlap")
    if options["tokenizer"] and options["tokenizer"] not in TOKENIZERS:
        message = f"no tokenizer is called `{options['tokenizer']}`"
        return ShapeError(message, "tokenizer", f"use one of {', '.join(TOKENIZERS)}")
    places = {"pages": _PAGES, "headings": _HEADINGS}
    placed = {n for n, t in places.items() if n in record and need(record, n, t, "field") is None}
    return Shape(
        reads=record.only({field, *placed}),
        adds=Record.of({"text": STRING, "chunk": CHUNK}),
        removes=frozenset({field, *(name for name in _REMOVED if name in record)}),
    )


SIGNATURE = FunctionSignature(
    name="text.chunk",
    version=2,
    shape=shape,
    options={
        "max_tokens": Option(INTEGER, 800, 8, "tokens of a chunk, at most"),
        "overlap": Option(INTEGER, 0, 0, "tokens repeated from the chunk before, at most"),
        "min_tokens": Option(INTEGER, 0, 0, "a shorter last chunk is filled from the one before"),
        "field": Option(STRING, "text", description="the field to cut"),
        "tokenizer": Option(STRING, "", description="by default that of the pipeline"),
    },
    cardinality="1:n",
    identity="content",
    content=("text",),
    cuts=("field", "chunk"),
    costly=True,
    description="cut a text at paragraphs, else sentences or rows of a table, else words",
)


def apply(row: Data, options: Options, context: Context) -> list[Data]:
    """Return the chunks in order; `text[chunk.start:chunk.end]` of the document is the chunk.

    RecordError `no-text` if nothing but space is there.
    """
    text = row[options["field"]]
    if not text or not text.strip():
        raise RecordError("no-text", f"field `{options['field']}` is empty")
    counted = Counted(text, options["tokenizer"] or context.tokenizer)
    spans = _spans(counted, row, options)
    return [_chunk(counted, row, n, span) for n, span in enumerate(spans)]


def _spans(counted: Counted, row: Data, options: Options) -> list[Span]:
    limit, overlap = options["max_tokens"], options["overlap"]
    body = limit - overlap
    headings = {heading["start"] for heading in row.get("headings") or ()}
    groups = pack(counted, list(units(counted, body)), body, headings)
    groups = balance(counted, groups, options["min_tokens"], body)
    spans = [(group[0].start, group[-1].end) for group in groups]
    if not overlap:
        return spans
    starts = [overlapped(counted, before, span, overlap, limit) for before, span in pairwise(spans)]
    return [spans[0], *((start, end) for start, (_, end) in zip(starts, spans[1:], strict=True))]


def _chunk(counted: Counted, row: Data, index: int, span: Span) -> Data:
    start, end = span
    page = _latest(row.get("pages"), start)
    heading = _latest(row.get("headings"), start)
    place = {
        "index": index,
        "start": start,
        "end": end,
        "page": page["page"] if page else None,
        "heading": heading["text"] if heading else None,
        "tokens": counted(start, end),
    }
    return {"text": counted.text[start:end], "chunk": place}


def _latest(marks: list[Data] | None, at: int) -> Data | None:
    """Return the last mark at or before an offset."""
    found = bisect_right(marks or [], at, key=itemgetter("start"))
    return marks[found - 1] if marks and found else None
