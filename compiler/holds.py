"""Whether data holds to a JSON Schema: yes or no, for the keywords that schemas of ours use.

Nearly all documents are right, and jsonschema takes longer to be imported than they take to be
checked here. What does not hold is handed to it, for it says what is wrong.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any] | bool
Test = Callable[[Any, Any, Mapping[str, Any], Mapping[str, Any]], bool]


def holds(data: Any, schema: Schema, defs: Mapping[str, Any]) -> bool:
    """Return whether data holds to a schema; `defs` is what its `$ref` refer to.

    Raises KeyError for a keyword that no schema of ours uses.
    """
    if isinstance(schema, bool):
        return schema
    for keyword, wanted in schema.items():
        test = KEYWORDS[keyword]
        if test is not None and not test(data, wanted, schema, defs):
            return False
    return True


def _number(data: Any) -> bool:
    return isinstance(data, int | float) and not isinstance(data, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "array": lambda data: isinstance(data, list),
    "boolean": lambda data: isinstance(data, bool),
    "integer": lambda data: _number(data) and data == data // 1,
    "null": lambda data: data is None,
    "number": _number,
    "object": lambda data: isinstance(data, dict),
    "string": lambda data: isinstance(data, str),
}


def _type(data: Any, wanted: str | list[str], _schema: Any, _defs: Any) -> bool:
    if isinstance(wanted, str):
        return _TYPES[wanted](data)
    return any(_TYPES[kind](data) for kind in wanted)


def _const(data: Any, wanted: Any, _schema: Any, _defs: Any) -> bool:
    return bool(data == wanted) and isinstance(data, bool) == isinstance(wanted, bool)


def _enum(data: Any, wanted: list[Any], schema: Any, defs: Any) -> bool:
    return any(_const(data, value, schema, defs) for value in wanted)


def _pattern(data: Any, wanted: str, schema: Any, _defs: Any) -> bool:
    if not isinstance(data, str) or data in schema.get("x-values", ()):  # words of the pattern
        return True
    return re.search(wanted, data) is not None


def _bound(fits: Callable[[Any, Any], bool]) -> Test:
    return lambda data, wanted, _schema, _defs: not _number(data) or fits(data, wanted)


def _length(fits: Callable[[Any, Any], bool]) -> Test:
    return lambda data, wanted, _schema, _defs: (
        not isinstance(data, list) or fits(len(data), wanted)
    )


def _required(data: Any, wanted: list[str], _schema: Any, _defs: Any) -> bool:
    return not isinstance(data, dict) or all(key in data for key in wanted)


def _properties(data: Any, wanted: Mapping[str, Schema], _schema: Any, defs: Any) -> bool:
    if not isinstance(data, dict):
        return True
    return all(holds(value, wanted[key], defs) for key, value in data.items() if key in wanted)


def _additional(data: Any, wanted: Schema, schema: Any, defs: Any) -> bool:
    if not isinstance(data, dict) or wanted is True:
        return True
    known = schema.get("properties", ())
    return all(holds(value, wanted, defs) for key, value in data.items() if key not in known)


def _names(data: Any, wanted: Schema, _schema: Any, defs: Any) -> bool:
    return not isinstance(data, dict) or all(holds(key, wanted, defs) for key in data)


def _items(data: Any, wanted: Schema, _schema: Any, defs: Any) -> bool:
    return not isinstance(data, list) or all(holds(item, wanted, defs) for item in data)


def _reference(data: Any, wanted: str, _schema: Any, defs: Any) -> bool:
    return holds(data, defs[wanted.removeprefix("#/$defs/")], defs)


def _any(data: Any, wanted: list[Schema], _schema: Any, defs: Any) -> bool:
    return any(holds(data, schema, defs) for schema in wanted)


def _branch(data: Any, wanted: Schema, schema: Any, defs: Any) -> bool:
    way = "then" if holds(data, wanted, defs) else "else"
    return holds(data, schema.get(way, True), defs)


# The keywords of our schemas; None: it demands nothing, or another keyword reads it.
KEYWORDS: dict[str, Test | None] = {
    "$ref": _reference,
    "additionalProperties": _additional,
    "anyOf": _any,
    "const": _const,
    "enum": _enum,
    "exclusiveMaximum": _bound(operator.lt),
    "exclusiveMinimum": _bound(operator.gt),
    "if": _branch,
    "items": _items,
    "maxItems": _length(operator.le),
    "maximum": _bound(operator.le),
    "minItems": _length(operator.ge),
    "minimum": _bound(operator.ge),
    "pattern": _pattern,
    "properties": _properties,
    "propertyNames": _names,
    "required": _required,
    "type": _type,
    **dict.fromkeys(("$defs", "$id", "$schema", "default", "description", "discriminator")),
    **dict.fromkeys(("else", "then", "title", "x-values")),
}
