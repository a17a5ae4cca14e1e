"""The function `text.compare`: what a rewritten text has lost of the one it was made from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.spec.rowtype import NUMBER, STRING, STRINGS, Record, nullable
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.functions.fields import need, top, value_at

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
# A line that is nothing but the number of a page.
_PAGE_LINE = re.compile(
    r"(?im)^[^\w\n]*(?:(?:page|pg|p|seite|s|página|pagina|pág)\.?[ \t]+)?\d+"
    r"(?:[ \t]*(?:/|of|von|de)[ \t]*\d+)?[^\w\n]*$"
)
CHANGE = Record.of(
    {"length": NUMBER, "numbers_lost": NUMBER, "lost": STRINGS}  # shares of the text before
)


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads two texts, adds what has changed."""
    for option in ("before", "after"):
        if problem := need(record, options[option], nullable(STRING), option):
            return problem
    reads = top(record, options["before"], options["after"])
    return Shape(reads, Record.of({options["as"]: nullable(CHANGE)}))


SIGNATURE = FunctionSignature(
    name="text.compare",
    version=1,
    shape=shape,
    options={
        "before": Option(STRING, description="the field with the text as it was"),
        "after": Option(STRING, description="the field with the text made from it"),
        "as": Option(STRING, "change", description="the field to add"),
    },
    description="how long a text has become, and which numbers it lost; null without both texts",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return `length`, characters after by characters before (space does not count),
    `numbers_lost`, the share of the different numbers that are gone, and `lost`, those numbers.

    Numbers of pages on lines of their own do not count, and a number is there when its digits
    stand inside a longer one: `1 826` may become `1826`.
    """
    before, after = value_at(row, options["before"]), value_at(row, options["after"])
    if before is None or after is None:
        return {options["as"]: None}
    old = list(dict.fromkeys(_NUMBER.findall(_PAGE_LINE.sub("", before))))
    now = "\n".join(_NUMBER.findall(after))
    lost = [number for number in old if number not in now]
    length = _letters(after) / _letters(before) if _letters(before) else 1.0
    share = len(lost) / len(old) if old else 0.0
    return {options["as"]: {"length": length, "numbers_lost": share, "lost": lost}}


def _letters(text: str) -> int:
    return sum(not char.isspace() for char in text)
