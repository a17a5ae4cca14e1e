"""The table that benchmarks print, whether its bounds held, and the options that they share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: the values of all runs, and the bounds of their median."""

    name: str
    unit: str
    values: Sequence[float]
    most: float | None = None
    least: float | None = None

    @property
    def missed(self) -> bool:
        """Return whether the median is beyond a bound."""
        value = median(self.values)
        too_low = self.least is not None and value < self.least
        return too_low or (self.most is not None and value > self.most)

    def bound(self) -> str:
        """Return the bound as text, "" where there is none."""
        if self.least is not None:
            return f"≥ {self.least:g} {self.unit}"
        return "" if self.most is None else f"≤ {self.most:g} {self.unit}"


def table(lines: Sequence[Line], *, bounds: bool) -> str:
    """Return the lines as text: median, least and most, bound."""
    rows = [f"{'':<40} {'median':>9}  {'min – max':>17}         {'bound' if bounds else ''}"]
    for line in lines:
        span = f"{min(line.values):.3g} – {max(line.values):.3g}"
        row = f"{line.name:<40} {median(line.values):>9.3g}  {span:>17} {line.unit:<7}"
        if bounds and line.bound():
            row += f" {line.bound():<13} {'MISSED' if line.missed else 'held'}"
        rows.append(row)
    return "\n".join(row.rstrip() for row in rows) + "\n"


def ended(lines: Sequence[Line], *, bounds: bool) -> int:
    """Print the table; return the exit code: 1 where a bound counts and is missed."""
    sys.stdout.write(table(lines, bounds=bounds))
    return int(bounds and any(line.missed for line in lines))


def options_of(
    description: str | None, *, quick: str = "a small run, no bounds", runs: int = 0
) -> argparse.ArgumentParser:
    """Return a parser that knows `--quick`, and `--runs` where there is a number to begin with."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if runs:
        parser.add_argument("--runs", type=int, default=runs, help="of each measurement")
    parser.add_argument("--quick", action="store_true", help=quick)
    return parser
