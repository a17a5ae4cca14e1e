"""The function `document.cut`: a document in parts that `document.join` puts together again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.spec.rowtype import INTEGER, STRING, STRINGS, ListOf, Record, Type, nullable
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.functions.fields import need
from atkc.stdlib.functions.packing import Span, pack
from atkc.stdlib.functions.spans import units
from atkc.stdlib.tokens import TOKENIZERS, Counted

PART = Record.of(
    {
        "index": INTEGER,
        "count": INTEGER,  # parts of the document
        "page": nullable(INTEGER),  # on which the part begins
        "length": INTEGER,  # characters of its text before anything changed it
        "after": STRING,  # the space between it and the next
    }
)
PAGES = ListOf(Record.of({"start": INTEGER, "page": INTEGER}))
HEADINGS = ListOf(Record.of({"start": INTEGER, "level": INTEGER, "text": STRING}))
PIECE = Record.of({"text": STRING, "pages": PAGES, "headings": HEADINGS, "part": PART})


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: rewrites text, pages and headings, adds `part`."""
    read: dict[str, Type] = {"text": STRING, "pages": PAGES, "headings": HEADINGS}
    for name, kind in read.items():
        if problem := need(record, name, kind, "max_tokens"):
            return problem
    names = {"text", "pages", "headings"}
    if options["formats"]:
        if problem := need(record, "format", STRING, "formats"):
            return problem
        names.add("format")
    if options["tokenizer"] and options["tokenizer"] not in TOKENIZERS:
        message = f"no tokenizer is called `{options['tokenizer']}`"
        return ShapeError(message, "tokenizer", f"use one of {', '.join(TOKENIZERS)}")
    return Shape(record.only(names), PIECE, frozenset(read))


SIGNATURE = FunctionSignature(
    name="document.cut",
    version=1,
    shape=shape,
    options={
        "max_tokens": Option(INTEGER, 4000, 8, "tokens of a part, at most"),
        "formats": Option(STRINGS, [], description="formats to cut, [] is all; others stay whole"),
        "tokenizer": Option(STRING, "", description="by default that of the pipeline"),
    },
    cardinality="1:n",
    costly=True,
    description="cut a document into parts that keep the space between them",
)


def apply(row: Data, options: Options, context: Context) -> list[Data]:
    """Return the parts in order: `text + part.after` of all of them is the document's text.

    Pages and headings stand with the part in which they begin, counted from its beginning.
    """
    text = row["text"]
    tokenizer = options["tokenizer"] or context.tokenizer
    whole = options["formats"] and row["format"] not in options["formats"]
    limit = options["max_tokens"]
    spans = [] if whole else list(_spans(text, row["headings"], limit, tokenizer))
    ends = [*(end for _, end in spans[:-1]), len(text.rstrip())]
    starts = [0, *(start for start, _ in spans[1:]), len(text)]
    return [
        _piece(row, n, (starts[n], max(starts[n], end)), starts[n + 1], len(ends))
        for n, end in enumerate(ends)
    ]


def _spans(text: str, headings: list[Data], limit: int, tokenizer: str) -> Iterator[Span]:
    begins = {heading["start"] for heading in headings}
    counted = Counted(text, tokenizer)
    for group in pack(counted, list(units(counted, limit)), limit, begins):
        yield group[0].start, group[-1].end


def _piece(row: Data, index: int, span: Span, following: int, count: int) -> Data:
    start, end = span
    last = index == count - 1
    ahead = [mark for mark in row["pages"] if mark["start"] <= start]
    return {
        "text": row["text"][start:end],
        "pages": _within(row["pages"], start, following, last),
        "headings": _within(row["headings"], start, following, last),
        "part": {
            "index": index,
            "count": count,
            "page": ahead[-1]["page"] if ahead else None,
            "length": end - start,
            "after": row["text"][end:following],
        },
    }


def _within(marks: list[Data], start: int, following: int, last: bool) -> list[Data]:
    return [
        {**mark, "start": mark["start"] - start}
        for mark in marks
        if start <= mark["start"] and (last or mark["start"] < following)
    ]
