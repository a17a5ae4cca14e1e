"""Elements of HTML. Whatever is not markup of ours is escaped, where it is put in."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

# Characters that HTML cannot hold, or that nobody should see at work.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_VOID = frozenset({"meta", "br", "rect", "input"})


def el(tag: str, *children: Any, **attributes: Any) -> Markup:
    """Return an element; children and values that are not Markup are escaped.

    `cls` is `class`, `_` in a name is `-`; an attribute that is None or False is left out.
    """
    told = "".join(
        f" {_NAMES.get(name) or name.replace('_', '-')}"
        + ("" if value is True else f'="{safe(value)}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    if tag in _VOID:
        return Markup(f"<{tag}{told}>")  # noqa: S704  # its parts are escaped
    return Markup(f"<{tag}{told}>{''.join(map(safe, children))}</{tag}>")  # noqa: S704


_NAMES = {"cls": "class", "http_equiv": "http-equiv", "viewbox": "viewBox"}


def safe(value: Any) -> Markup:
    """Return a value as markup: Markup as it is, all else as text."""
    if isinstance(value, Markup):
        return value
    return escape(_CONTROL.sub("\ufffd", str(value)))


def joined(parts: Any) -> Markup:
    """Return the parts one after another."""
    return Markup("").join(map(safe, parts))


def number(value: float) -> str:
    """Return a count with its thousands apart; nothing for 0."""
    return f"{value:,}" if value else ""


def money(value: float) -> str:
    """Return dollars, to four digits where they are few."""
    if not value:
        return ""
    return f"${value:,.2f}" if value >= 1 else f"${value:.4f}"


def cut(text: str, most: int) -> str:
    """Return a text, shortened at its end with how much is missing."""
    left = len(text) - most
    return text if left <= 0 else f"{text[:most]} … ({left:,} more characters)"
