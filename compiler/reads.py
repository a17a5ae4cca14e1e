"""Which parameters a piece of a spec names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_NAMED = re.compile(r"""\bparams\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*['"]([^'"]+))""")
_WHOLE = re.compile(r"\bparams\b(?!\s*[.\[])")


def params_read(data: Any, *, but: str | None = None) -> frozenset[str] | None:
    """Return the parameters that data as written name; None where `params` is handed on whole.

    What stands under the key `but` does not count.
    """
    named: set[str] = set()
    for text in _texts(data, but):
        if _WHOLE.search(text):
            return None
        named |= {dotted or quoted for dotted, quoted in _NAMED.findall(text)}
    return frozenset(named)


def _texts(data: Any, but: str | None) -> Iterator[str]:
    if isinstance(data, str):
        if "params" in data:
            yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            if key != but:
                yield from _texts(value, but)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value, but)
