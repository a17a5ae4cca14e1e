"""The functions of the expression language: one table of typed signatures, bodies in stdlib."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from atkc.spec.expression.kinds import (
    ANYTHING,
    FIELD_NAME,
    INTEGER_KIND,
    LABEL,
    LIST,
    MAP,
    NUMBER_KIND,
    NUMBERS,
    NUMBERS_OR_LIST,
    PRINTABLE,
    SEARCHED,
    SIZED,
    SORTABLE,
    TEXT,
    TEXTS,
    Kind,
)
from atkc.spec.expression.results import (
    Arg,
    Refusal,
    concatenated,
    entry,
    first_type,
    item_or_null,
    largest,
    map_values,
    plucked,
    read_integer,
    read_number,
    rounded,
    searched,
    total,
)
from atkc.spec.rowtype import BOOLEAN, INTEGER, NUMBER, STRING, STRINGS, ListOf, Type

Result = Callable[[Sequence[Arg]], Type | Refusal]


class Function(Struct, frozen=True):
    """A signature. `uses` is "", "tokens" or "chance": what the body needs of its `Env`.

    The body of a function that uses something gets the Env before its arguments.
    """

    params: tuple[Kind, ...]
    result: Result
    says: str
    required: int  # how many of the params must be given
    rest: bool = False  # the last param may be repeated
    uses: str = ""

    def show(self, name: str) -> str:
        """Return the call as a person reads it: `take(list, integer)`."""
        shown = [
            kind.name if at < self.required else f"{kind.name}?"
            for at, kind in enumerate(self.params)
        ]
        return f"{name}({', '.join(shown)}{', …' if self.rest else ''})"


def _function(
    *params: Kind,
    gives: Type | Result,
    says: str,
    required: int | None = None,
    rest: bool = False,
    uses: str = "",
) -> Function:
    result = gives if callable(gives) else _always(gives)
    return Function(params, result, says, len(params) if required is None else required, rest, uses)


def _always(kind: Type) -> Result:
    return lambda _: kind


FUNCTIONS: Mapping[str, Function] = {
    # sizes and numbers
    "count": _function(SIZED, gives=INTEGER, says="items of a list or map, characters of a text"),
    "length": _function(SIZED, gives=INTEGER, says="the same as `count`"),
    "sum": _function(NUMBERS, gives=total, says="the sum; 0 for an empty list"),
    "min": _function(NUMBERS_OR_LIST, rest=True, gives=largest, says="the smallest number"),
    "max": _function(NUMBERS_OR_LIST, rest=True, gives=largest, says="the largest number"),
    "abs": _function(NUMBER_KIND, gives=first_type, says="the number without its sign"),
    "floor": _function(NUMBER_KIND, gives=INTEGER, says="the next integer below"),
    "ceil": _function(NUMBER_KIND, gives=INTEGER, says="the next integer above"),
    "round": _function(
        NUMBER_KIND,
        INTEGER_KIND,
        required=1,
        gives=rounded,
        says="the nearest integer, halves to the even one; or so many decimals",
    ),
    # texts
    "lower": _function(TEXT, gives=STRING, says="in small letters"),
    "upper": _function(TEXT, gives=STRING, says="in capitals"),
    "strip": _function(TEXT, gives=STRING, says="without white space at both ends"),
    "slug": _function(TEXT, gives=STRING, says="fit for a file name: letters, digits, `-`, `_`"),
    "basename": _function(TEXT, gives=STRING, says="the last part of a path"),
    "stem": _function(TEXT, gives=STRING, says="the last part of a path without its suffix"),
    "split": _function(TEXT, TEXT, required=1, gives=STRINGS, says="at a text, or at white space"),
    "join": _function(TEXTS, TEXT, gives=STRING, says="the texts with one between them"),
    "replace": _function(TEXT, TEXT, TEXT, gives=STRING, says="each occurrence by another text"),
    "contains": _function(SEARCHED, ANYTHING, gives=searched, says="the same as `x in list`"),
    "starts_with": _function(TEXT, TEXT, gives=BOOLEAN, says="whether the text begins so"),
    "ends_with": _function(TEXT, TEXT, gives=BOOLEAN, says="whether the text ends so"),
    "words": _function(TEXT, gives=INTEGER, says="the number of words"),
    "tokens": _function(TEXT, gives=INTEGER, uses="tokens", says="the number of tokens"),
    "truncate": _function(TEXT, INTEGER_KIND, gives=STRING, says="the first n characters"),
    # lists
    "concat": _function(LIST, rest=True, gives=concatenated, says="one list after the other"),
    "take": _function(LIST, INTEGER_KIND, gives=first_type, says="the first n items"),
    "drop": _function(LIST, INTEGER_KIND, gives=first_type, says="all but the first n items"),
    "first": _function(LIST, gives=item_or_null, says="the first item; null if there is none"),
    "last": _function(LIST, gives=item_or_null, says="the last item; null if there is none"),
    "reverse": _function(LIST, gives=first_type, says="from last to first"),
    "sort": _function(SORTABLE, gives=first_type, says="numbers or texts in rising order"),
    "unique": _function(LIST, gives=first_type, says="each item once, where it stood first"),
    "pluck": _function(LIST, FIELD_NAME, gives=plucked, says="one field of each record"),
    "range": _function(
        INTEGER_KIND, INTEGER_KIND, required=1, gives=ListOf(INTEGER), says="0 to n-1, or a to b-1"
    ),
    # maps
    "keys": _function(MAP, gives=STRINGS, says="the keys of an open map"),
    "values": _function(MAP, gives=map_values, says="the values of an open map"),
    "get": _function(MAP, TEXT, gives=entry, says="the value of a key; null if there is none"),
    # between types
    "to_string": _function(PRINTABLE, gives=STRING, says="a text as it is, others as JSON"),
    "to_number": _function(PRINTABLE, gives=read_number, says="null where it is not a number"),
    "to_integer": _function(PRINTABLE, gives=read_integer, says="null where it is not an integer"),
    # chance: the same record, draw and label give the same value
    "draw": _function(LABEL, gives=NUMBER, uses="chance", says="a number from 0 up to 1"),
    "draw_int": _function(
        LABEL,
        INTEGER_KIND,
        INTEGER_KIND,
        gives=INTEGER,
        uses="chance",
        says="from a to b, both included",
    ),
    "pick": _function(LIST, LABEL, gives=item_or_null, uses="chance", says="one item, or null"),
    "shuffle": _function(LIST, LABEL, gives=first_type, uses="chance", says="in another order"),
}
