"""What `atkc run` says of steps that accept a number of records."""

from __future__ import annotations

from collections.abc import Sequence

from atkc.runtime.ledger import Accepted

_HEADS = ("accepted", "target", "accepted", "short", "candidates")


def accepted(found: Sequence[Accepted]) -> str:
    """Return a table with a line per step, and one per stratum; nothing without such steps."""
    rows = [row for one in found for row in _rows(one)]
    if not rows:
        return ""
    widths = [max(len(row[n]) for row in (_HEADS, *rows)) for n in range(len(_HEADS))]
    return "".join(_line(row, widths) for row in (_HEADS, *rows))


def _rows(one: Accepted) -> list[tuple[str, ...]]:
    candidates = "all" if one.candidates is None else str(one.candidates)
    counts = (str(one.target), str(one.accepted), str(one.shortage), candidates)
    rows: list[tuple[str, ...]] = [(one.step, *counts)]
    for name, (wanted, taken, _) in one.strata.items():
        rows.append((f"  {name}", str(wanted), str(taken), str(max(0, wanted - taken)), ""))
    return rows


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
    return f"{row[0]:<{widths[0]}}{''.join(numbers)}".rstrip() + "\n"
