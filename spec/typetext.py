"""The notation of types in a spec, read into `rowtype`: `string`, `[T]`, `{f: T}`, `T | null`, …"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from atkc.spec.rowtype import (
    SCALARS,
    TEXT_KINDS,
    Enum,
    Field,
    ListOf,
    MapOf,
    Record,
    Rule,
    Scalar,
    Type,
    is_number,
    non_null,
    nullable,
)
from atkc.spec.suggest import hint, suggest
from atkc.spec.typewords import WordError, alternatives, read_structure, split_optional

Path = tuple[str | int, ...]

MAX_DEPTH = 30
_BOUNDS = {"minimum": "minimum", "maximum": "maximum", "exclusiveMaximum": "exclusive_maximum"}
_SHAPE_KEYS = ("type", "optional", "nullable")
LONG_KEYS = (*_SHAPE_KEYS, "default", *_BOUNDS, "description", "variables")
_MAX_TEXT = 4000
_QUOTED = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*\"""")
_NAMED = re.compile(r"[A-Z][A-Za-z0-9_]*")


class TypeTextError(Exception):
    """A type that cannot be read. `path` leads from the given data to the place of the mistake."""

    def __init__(self, path: Path, message: str, code: str = "ATK208") -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.code = code


def parse_type(data: Any, names: Mapping[str, Type]) -> Type:
    """Return the type that the notation stands for; `names` are the named record types."""
    return _type(data, names, ())


def parse_field(data: Any, names: Mapping[str, Type]) -> Field:
    """Return a field of a record or a param: any notation, `optional T` or the long form."""
    return _field(data, names, ())


def _type(data: Any, names: Mapping[str, Type], path: Path) -> Type:
    if len(path) > MAX_DEPTH:
        raise TypeTextError(path, f"the type is nested deeper than {MAX_DEPTH} levels")
    match data:
        case str() if len(data) > _MAX_TEXT:
            raise TypeTextError(path, f"the type is longer than {_MAX_TEXT} characters")
        case str():
            return _text(data, names, path)
        case list():
            if len(data) != 1:
                raise TypeTextError(path, "a list type has exactly one item: `[string]`")
            return ListOf(_type(data[0], names, (*path, 0)))
        case dict() if _is_long(data):
            _only_keys(data, ("type", "nullable"), path)
            return _long_type(data, names, path)
        case dict() if _is_map(data):
            return MapOf(_type(data["any"], names, (*path, "any")))
        case dict():
            return _record(data, names, path)
        case None:
            raise TypeTextError(path, 'a type is missing; the type of null is written `"null"`')
    raise TypeTextError(path, f"`{data}` is not a type; a type is written as text, list or mapping")


def _is_long(data: Mapping[Any, Any]) -> bool:
    """Tell the long form from a record with a field called `type`, whose type is a long form."""
    if "type" not in data:
        return False
    inner = data["type"]
    flagged = any(isinstance(data.get(k), bool) for k in ("optional", "nullable"))
    return flagged or not (isinstance(inner, dict) and "type" in inner)


def _is_map(data: Mapping[Any, Any]) -> bool:
    """`{any: T}`; with `optional` in the long form of T, `any` is the name of a field."""
    value = data.get("any")
    named_so = isinstance(value, dict) and isinstance(value.get("optional"), bool)
    return len(data) == 1 and "any" in data and not named_so


def _record(data: Mapping[Any, Any], names: Mapping[str, Type], path: Path) -> Record:
    fields = []
    for name, value in data.items():
        if not isinstance(name, str) or not name:
            raise TypeTextError((*path, name), f"the field name `{name}` is not a text")
        fields.append((name, _field(value, names, (*path, name))))
    return Record(tuple(fields))


def _field(data: Any, names: Mapping[str, Type], path: Path) -> Field:
    if isinstance(data, str) and len(data) <= _MAX_TEXT:
        optional, rest = split_optional(data)
        if optional and not _structured(rest):
            return Field(_type(rest, names, path), optional=True)
        if _structured(data):
            return _field(_read(data, path), names, path)
    if not (isinstance(data, dict) and _is_long(data)):
        return Field(_type(data, names, path))
    _only_keys(data, LONG_KEYS, path)
    optional, inner = _flag(data, "optional", path), data["type"]
    if isinstance(inner, str) and split_optional(inner)[0]:
        optional, data = True, {**data, "type": split_optional(inner)[1]}
    kind = _long_type(data, names, path)
    return Field(kind, optional, _rule(data, kind, names, path))


def _long_type(data: Mapping[str, Any], names: Mapping[str, Type], path: Path) -> Type:
    inner = _type(data["type"], names, (*path, "type"))
    return nullable(inner) if _flag(data, "nullable", path) else inner


def _rule(
    data: Mapping[str, Any], kind: Type, names: Mapping[str, Type], path: Path
) -> Rule | None:
    if all(key in _SHAPE_KEYS for key in data):
        return None
    bounds = {to: _bound(data, key, kind, path) for key, to in _BOUNDS.items() if key in data}
    return Rule(
        default=data.get("default"),
        has_default="default" in data,
        description=_description(data, path),
        variables=_variables(data, names, path),
        **bounds,
    )


def _bound(data: Mapping[str, Any], key: str, kind: Type, path: Path) -> float:
    value: float = data[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeTextError((*path, key), f"`{key}` is a number, not `{value}`")
    if not is_number(non_null(kind)):
        raise TypeTextError((*path, key), f"`{key}` bounds a number; the type is not one")
    return value


def _description(data: Mapping[str, Any], path: Path) -> str:
    value = data.get("description", "")
    if not isinstance(value, str):
        raise TypeTextError((*path, "description"), f"`description` is a text, not `{value}`")
    return value


def _variables(data: Mapping[str, Any], names: Mapping[str, Type], path: Path) -> Record | None:
    if "variables" not in data:
        return None
    value = data["variables"]
    if not isinstance(value, dict):
        raise TypeTextError((*path, "variables"), "`variables` maps names to types")
    return _record(value, names, (*path, "variables"))


def _flag(data: Mapping[str, Any], key: str, path: Path) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise TypeTextError((*path, key), f"`{key}` is true or false, not `{value}`")
    return value


def _only_keys(data: Mapping[Any, Any], allowed: Iterable[str], path: Path) -> None:
    allowed = tuple(allowed)
    wrong = next((key for key in data if key not in allowed), None)
    if wrong is None:
        return
    if wrong in LONG_KEYS:
        raise TypeTextError((*path, wrong), f"`{wrong}` stands only on a field or a param")
    near = suggest(str(wrong), allowed)
    tail = f"; did you mean `{near}`?" if near else ""
    message = f"`{wrong}` is not a key beside `type`{tail}"
    raise TypeTextError(
        (*path, wrong), f"{message} (a field called `type` is written `type: {{type: string}}`)"
    )


def _structured(text: str) -> bool:
    bare = _QUOTED.sub("", text)
    return "[" in bare or "{" in bare


def _read(text: str, path: Path) -> Any:
    try:
        return read_structure(text)
    except WordError as error:
        raise TypeTextError(path, str(error)) from None


def _text(text: str, names: Mapping[str, Type], path: Path) -> Type:
    if _structured(text):
        return _type(_read(text, path), names, path)
    if split_optional(text)[0]:
        raise TypeTextError(path, "`optional` stands only on a field of a record")
    try:
        values, may_be_null, is_enum = alternatives(text)
    except WordError as error:
        raise TypeTextError(path, str(error)) from None
    inner: Type = Enum(values) if is_enum else _word(values[0], names, path)
    return nullable(inner) if may_be_null else inner


def _word(word: str, names: Mapping[str, Type], path: Path) -> Type:
    if word in names:
        return names[word]
    if word in SCALARS or word in TEXT_KINDS:
        return Scalar(word)
    if _NAMED.fullmatch(word):
        help_ = hint(word, names)
        tail = f"; {help_}" if help_ else ""
        raise TypeTextError(path, f"there is no record type `{word}`{tail}", "ATK305")
    near = hint(word, (*SCALARS, *TEXT_KINDS))
    tail = f"; {near}" if near else "; a named record type begins with a capital"
    raise TypeTextError(path, f"`{word}` is not a type{tail}")
