"""Which parameters a piece of a spec names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_READ = re.compile(r"\bparams\b(?:\s*\.\s*(\w+))?")


def reads_none_of(names: set[str], data: Any) -> bool:
    """Return whether data as written name none of the parameters, nor `params` as a whole."""
    return not names or all(read and read not in names for read in _reads(data))


def _reads(data: Any) -> Iterator[str]:
    """Yield the parameters that are named; nothing for `params` alone."""
    if isinstance(data, str):
        yield from _READ.findall(data)
    elif isinstance(data, dict):
        for value in data.values():
            yield from _reads(value)
    elif isinstance(data, list):
        for value in data:
            yield from _reads(value)
