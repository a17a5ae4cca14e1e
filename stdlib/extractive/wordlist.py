"""Tables of words written as running text, so that they stay short enough to read."""

from __future__ import annotations


def wordset(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def wordrow(text: str) -> tuple[str, ...]:
    """Return the words of a text in order."""
    return tuple(text.split())
