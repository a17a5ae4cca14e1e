"""Tables that can be sorted, and that end where nobody would read on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from atkc.cli.report.markup import el, joined, number

Row = Sequence[Any]


def table(
    heads: Sequence[str], rows: Iterable[Row], *, most: int = 200, of: str = "rows"
) -> Markup:
    """Return a table of at most so many rows, and how many more there are."""
    told = list(rows)
    top = el("tr", *(el("th", head, scope="col") for head in heads))
    body = joined(_row(row) for row in told[:most])
    left = len(told) - most
    more = el("p", f"and {left:,} more {of}", cls="r-more") if left > 0 else ""
    inner = el("table", el("thead", top), el("tbody", body), cls="r-table")
    return joined([el("div", inner, cls="r-wide"), more])


def _row(row: Row) -> Markup:
    return el("tr", *(_cell(cell) for cell in row))


def _cell(cell: Any) -> Markup:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        said = number(cell) if isinstance(cell, int) else f"{cell:,.2f}"
        return el("td", said, cls="r-num", data_sort=cell)
    return el("td", cell)
