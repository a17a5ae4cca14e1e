"""Texts with `{name}` in them as templates with `{{ name }}`."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Two braces, `{%`, `{#`, or a brace right before a hole would open something else.
_OPENS = re.compile(r"\{(?=[{%#])|\{\Z")


def with_holes(text: str, names: Iterable[str]) -> str:
    """Return a template that renders as the original fills the text.

    What the original leaves as it is, other braces included, is words here too.
    """
    known = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    parts = re.split(rf"\{{({known})\}}", text) if known else [text]
    return "".join(f"{{{{ {p} }}}}" if n % 2 else _words(p) for n, p in enumerate(parts))


def _words(text: str) -> str:
    """Return words in which nothing opens a template."""
    return _OPENS.sub("{{ '{' }}", text)
