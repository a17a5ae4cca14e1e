"""What a stream carries: rows, and marks for places of the order that stay empty or split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from atkc.runtime.trail import Trail

Ordinal = tuple[int, ...]  # a place in the canonical order; children extend their parent's place


@dataclass(frozen=True, slots=True)
class Row:
    """A record at its place. `identity` has 16 bytes and seeds all that is random about it.

    `trail` says where it comes from; nothing that a step does may depend on it.
    """

    ordinal: Ordinal
    identity: bytes
    data: dict[str, Any]
    trail: Trail


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a place that holds no row.

    children 0: a gap, nothing came of it here; n: it was split into `ordinal + (0,)` …
    `ordinal + (n - 1,)`, which settle separately; None: children are being announced, a second mark
    tells how many there were. `rejected` and `failed` count the rows that left at other ports.
    """

    ordinal: Ordinal
    children: int | None = 0
    rejected: int = 0
    failed: int = 0


Token = Row | Mark


def under(token: Token, prefix: Ordinal) -> Token:
    """Return the token moved below `prefix`."""
    if isinstance(token, Row):
        return Row(prefix + token.ordinal, token.identity, token.data, token.trail)
    return Mark(prefix + token.ordinal, token.children, token.rejected, token.failed)
