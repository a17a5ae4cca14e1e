"""What a stream carries: rows, and marks for places of the order that stay empty or split."""

from __future__ import annotations

from typing import Any, NamedTuple

from atkc.runtime.trail import Trail

Ordinal = tuple[int, ...]  # a place in the canonical order; children extend their parent's place


# Named tuples, not frozen dataclasses: each step makes one for each record, in a third of the time.
class Row(NamedTuple):
    """A record at its place. `identity` has 16 bytes and seeds all that is random about it.

    `trail` says where it comes from; nothing that a step does may depend on it.
    """

    ordinal: Ordinal
    identity: bytes
    data: dict[str, Any]
    trail: Trail


class Mark(NamedTuple):
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
