"""The fixed sentences of reply instructions, shared by their writer and their reader."""

from __future__ import annotations

import re

from atkc.spec.contract_model import Each
from atkc.spec.rowtype import (
    Enum,
    Field,
    ListOf,
    MapOf,
    Nullable,
    Record,
    Scalar,
    Type,
    to_notation,
)

REASON = "First reason step by step."
VERDICT = "End with your verdict, in one of the words given:"
WHEN = "Only if it is {word}, add these {places} after it:"
# Heads by (format, form); `{count}` is as `count_words` writes it.
HEADS = {
    ("json", "one"): "Reply with one JSON object and nothing else:",
    ("json", "many"): "Reply with a JSON array of {count} objects and nothing else, each with:",
    ("json", "wrapped"): (
        'Reply with one JSON object and nothing else, whose key "items" holds an array of '
        "{count} objects, each with:"
    ),
    ("sections", "one"): "Reply in these sections, each starting with its heading on a new line:",
    ("sections", "many"): (
        "Write {count} items, one after another, each in these sections, "
        "each section starting with its heading on a new line:"
    ),
    ("tags", "one"): "Reply with these tags, filled in:",
    ("tags", "many"): "Write {count} items, one after another, each with these tags, filled in:",
    ("list", "one"): "Reply with a numbered list and nothing else, each item on a new line:",
    ("list", "many"): (
        "Reply with a numbered list of {count} items and nothing else, each on a new line:"
    ),
    ("text", "one"): "Reply with this text and nothing else:",
    ("regex", "one"): "Reply with a text that matches this regular expression, and nothing else:",
    ("regex", "many"): (
        "Reply with {count} lines that each match this regular expression, and nothing else:"
    ),
    ("grammar", "one"): "Reply with a text of this grammar, and nothing else:",
    (
        "grammar",
        "many",
    ): "Reply with {count} items in a text of this grammar, and nothing else:",
}
IN_LINES = ", one per line, each after a dash"
LEFT_OUT = ", left out if there is none"
_COUNTS = re.compile(r"exactly (\d+)|(\d+) to (\d+)|up to (\d+)|(\d+) or more|any number of")
COUNT = r"(exactly \d+|\d+ to \d+|up to \d+|\d+ or more|any number of)"


def count_words(each: Each) -> str:
    """Return the number of items in words: `1 to 5`, `exactly 3`, `2 or more`, `up to 4`."""
    if each.most is None:
        return f"{each.least} or more" if each.least else "any number of"
    if each.least == each.most:
        return f"exactly {each.most}"
    return f"{each.least} to {each.most}" if each.least else f"up to {each.most}"


def read_count(words: str) -> Each:
    """Return the bounds that `count_words` wrote."""
    found = _COUNTS.fullmatch(words)
    assert found
    exact, low, high, most, least = (None if g is None else int(g) for g in found.groups())
    if exact is not None:
        return Each(exact, exact)
    if high is not None:
        return Each(low or 0, high)
    return Each(0, most) if most is not None else Each(least or 0)


def type_words(t: Type, optional: bool = False) -> str:
    """Return the type in the notation of specs, as one line of text that `parse_field` reads."""
    prefix = "optional " if optional else ""
    match t:
        case Scalar() | Enum():
            return prefix + str(to_notation(t))
        case ListOf():
            return f"{prefix}[{type_words(t.item)}]"
        case MapOf():
            return f"{prefix}{{any: {type_words(t.value)}}}"
        case Record():
            inner = (f"{name}: {_field_words(field)}" for name, field in t.items())
            return prefix + "{" + ", ".join(inner) + "}"
        case Nullable():
            return f"{prefix}{type_words(t.item)} | null"


def _field_words(field: Field) -> str:
    return type_words(field.type, field.optional)


def balanced(text: str) -> tuple[str, str] | None:
    """Split `(inner) rest` at the bracket that closes the first, or return None."""
    if not text.startswith("("):
        return None
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return text[1:at], text[at + 1 :].strip()
    return None
