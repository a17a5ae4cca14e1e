"""`max_failures`: how many records may fail, as a number, a share or a percentage."""

from __future__ import annotations

import re
from typing import Any

from atkc.compiler.plan import Gate

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_NUMBER = re.compile(r"\d+")
_SHARE = re.compile(r"\d*\.\d+|\d+\.")


def failure_limit(value: Any) -> Gate | str:
    """Return the limit that a value of a spec states, or what is wrong with it."""
    if isinstance(value, str):
        found = _PERCENT.fullmatch(value.strip())
        if found is None:
            return (
                f"`{value}` is no limit: write a number (20), a share (0.05) or a percentage (5%)"
            )
        value = float(found[1]) / 100
    if isinstance(value, int):
        return Gate(records=value)
    if not 0 <= value <= 1:
        return f"a share lies between 0 and 1, so it cannot be {value * 100:g}%"
    return Gate(share=value)


def written_limit(text: str) -> Gate | str:
    """Return the limit that a text states, as on a command line, or what is wrong with it."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return failure_limit(int(text))
    return failure_limit(float(text) if _SHARE.fullmatch(text) else text)
