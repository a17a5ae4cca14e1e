"""How a value stands in a rendered text, and how large a text may become."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import Undefined

from atkc.spec.template.failure import TemplateError

_WORDS = {"dict": "a record", "list": "a list", "str": "a text"}
MAX_TEXT = 4 * 1024 * 1024  # characters of one rendered text, and of any value on the way to it


def spell(value: Any) -> str:
    """Return the text of a printable value; booleans as in JSON. Null, lists, records fail."""
    if isinstance(value, str):
        return value
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise TemplateError(f"{describe(value)} cannot be printed")


def describe(value: Any) -> str:
    """Return what a value is, in words, for a message."""
    if isinstance(value, Undefined):
        name = value._undefined_name  # noqa: SLF001 -- Jinja has no other way to it
        return f"the absent field `{name}`" if name is not None else "an item of an empty list"
    if value is None:
        return "null"
    return _WORDS.get(type(value).__name__, "this value")


def text_of(parts: Iterable[Any]) -> str:
    """Return the parts spelled and joined, no longer than `MAX_TEXT`."""
    return bounded([spell(part) for part in parts])


def bounded(parts: list[str], glue: str = "") -> str:
    """Return the parts joined, or fail before the result grows beyond `MAX_TEXT`."""
    check_size(sum(map(len, parts)) + len(glue) * len(parts))
    return glue.join(parts)


def check_size(size: int) -> None:
    """Fail if a text of `size` characters would be too long."""
    if size > MAX_TEXT:
        raise TemplateError(f"the text would have {size} characters, more than {MAX_TEXT}")
