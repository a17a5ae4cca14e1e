"""What `atkc run` says at the end: what was drawn, which files, what failed, the last line."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from atkc.cli.accepted import accepted
from atkc.cli.progress import told
from atkc.runtime.calling.outcome import CallStats
from atkc.runtime.ledger import Taken
from atkc.runtime.manifest import failed_file
from atkc.runtime.settings import Result


def summarise(
    result: Result,
    stats: CallStats,
    failed: Mapping[str, Counter[str]],
    target: Path,
    *,
    partial: bool,
    quiet: bool = False,
) -> None:
    """Print the summary of a run: warnings and failures to stderr, the rest to stdout.

    With `quiet` the last line alone: the manifest, the report and the events have all of it.
    """
    if not quiet:
        _all_but_the_last(result, failed, target, partial=partial)
    sys.stdout.write(last_line(stats, sum(kinds.total() for kinds in failed.values())))


def _all_but_the_last(
    result: Result, failed: Mapping[str, Counter[str]], target: Path, *, partial: bool
) -> None:
    for warning in result.warnings:
        sys.stderr.write(f"warning: {told(warning)}\n")
    out = sys.stdout
    out.write(drawn(result.takes))
    out.write(accepted(result.accepts))
    records = sum(f.records for f in result.files)
    out.write(f"{len(result.files)} files, {records} records in {target}\n")
    if partial:
        out.write("partial: made with --limit; its calls serve the full run\n")
    for step, kinds in failed.items():
        what = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        sys.stderr.write(f"failed in {step}: {what}; see {target / failed_file(step)}\n")


def last_line(stats: CallStats, failed: int) -> str:
    """Return the last line of a run, which programs read."""
    total = stats.total
    return (
        f"{total.calls} model calls, {total.cached + total.shared} from cache, "
        f"{failed} records failed\n"
    )


def drawn(takes: Sequence[Taken]) -> str:
    """Return a table of what was drawn by tokens; nothing where no step draws so."""
    told = [taken for taken in takes if taken.unit == "tokens"]
    if not told:
        return ""
    heads = ("drawn by tokens", "target", "drawn", "short", "records")
    rows = [(t.step, *map(str, (t.target, t.actual, t.shortage, t.records))) for t in told]
    widths = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    return "".join(_line(row, widths) for row in (heads, *rows))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
    return f"{row[0]:<{widths[0]}}{''.join(numbers)}\n"
