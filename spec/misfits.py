"""What in plain data does not fit a structure: all that is wrong, each at its path.

msgspec, which checks the data, stops at the first mistake. So data that it refuses is taken apart
here, and each part is held against the type that it should have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec

Path = tuple[str | int, ...]
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_EXPECTED = re.compile(r"Expected `([a-z |]+)`, got `\w+`")
_BOUND = re.compile(r"Expected `\w+`(?: of length)? ([<>]=?) (\S+)")
_PATTERN = re.compile(r"Expected `str` matching regex '(.*)'")
_BOUNDS = {">=": "at least", ">": "above", "<=": "at most", "<": "below"}


class Misfit(NamedTuple):
    """What does not fit: where, in words that follow on the value; or a key that is not there."""

    path: Path
    value: Any
    message: str
    missing: bool = False


def misfits(data: Any, kind: Any, path: Path = ()) -> Iterator[Misfit]:
    """Yield what does not fit a type, in the order of the type's fields."""
    try:
        msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        told = str(error).partition(" - at `$")[0]
    else:
        return
    inside = list(_inside(data, _meant(data, kind), path))
    yield from inside or [Misfit(path, data, _said(told, kind))]


def _inside(data: Any, kind: Any, path: Path) -> Iterator[Misfit]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(data, Mapping):
        yield from _of_fields(data, kind, path)
    elif get_origin(kind) is dict and isinstance(data, Mapping):
        for key, value in data.items():
            yield from misfits(key, get_args(kind)[0], (*path, key))
            yield from misfits(value, get_args(kind)[1], (*path, key))
    elif get_origin(kind) is list and isinstance(data, list):
        for i, item in enumerate(data):
            yield from misfits(item, get_args(kind)[0], (*path, i))


def _of_fields(data: Mapping[str, Any], kind: type[msgspec.Struct], path: Path) -> Iterator[Misfit]:
    fields = {f.encode_name: f for f in msgspec.structs.fields(kind)}
    for name, field in fields.items():
        if name in data:
            yield from misfits(data[name], field.type, (*path, name))
        elif field.required:
            yield Misfit((*path, name), None, "it is missing", missing=True)
    for key in data:
        if key not in fields and key != kind.__struct_config__.tag_field:
            yield Misfit((*path, key), data[key], "there is no such key")


def _meant(data: Any, kind: Any) -> Any:
    """Return which of several types the data is of, as far as its form tells."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) not in (Union, UnionType):
        return kind
    return next((k for k in get_args(kind) if _alike(data, k)), kind)


def _alike(data: Any, kind: Any) -> bool:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if isinstance(data, list):
        return get_origin(kind) is list
    if not isinstance(data, Mapping):
        return False
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return get_origin(kind) is dict
    tag = kind.__struct_config__.tag_field
    return tag is None or data.get(tag) == kind.__struct_config__.tag


def _said(told: str, kind: Any) -> str:
    """Return what msgspec tells in words of specs."""
    if told.startswith("Invalid enum value"):
        return f"it must be one of {', '.join(f'`{word}`' for word in _choices(kind))}"
    if found := _BOUND.fullmatch(told):
        return f"it must be {_BOUNDS[found[1]]} {found[2]}"
    if found := _PATTERN.fullmatch(told):
        return f"it must match `{found[1]}`"
    if found := _EXPECTED.fullmatch(told):
        words = [word for word in found[1].split(" | ") if word != "null"] or ["null"]
        kinds = [_WORDS.get(w, w) for w in words if w != "int" or "float" not in words]
        return f"it must be {' or '.join(kinds)}"
    return told[:1].lower() + told[1:]


def _choices(kind: Any) -> list[Any]:
    """Return the values that a type names."""
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [value for part in get_args(kind) for value in _choices(part)]
