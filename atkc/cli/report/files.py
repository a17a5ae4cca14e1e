"""The files with their records and tokens."""

from __future__ import annotations

from markupsafe import Markup

from atkc.cli.report import charts
from atkc.cli.report.facts import Facts
from atkc.cli.report.tables import table


def files(facts: Facts) -> Markup | None:
    """Return a row for each file of records; None where this run left none."""
    rows = [(p, e["format"], e["records"], e["tokens"]) for p, e in facts.entries.items()]
    if not rows:
        return None
    top = max(tokens for *_, tokens in rows)
    told = [(*row, charts.bar((("r-out", row[3]),), top, f"{row[3]} tokens")) for row in rows]
    return table(("file", "format", "records", "tokens", ""), told, of="files")
