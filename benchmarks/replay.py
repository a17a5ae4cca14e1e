"""100,000 model calls from the cache: what it costs to run again when nothing has changed.

    python benchmarks/replay.py            two minutes; ends with 1 if a bound is missed
    python benchmarks/replay.py --quick    1,000 calls, no bounds: does it still work?

The cache is filled by a run of two_steps.yaml against the stand-in endpoint, which answers at once.
Then the same command runs again, in fresh processes; the endpoint must see no call, and the file
must be the same to the byte.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from run import Bench, Line, Size, table
from standin import StandIn, standing_in
from timing import Run

_RECORDS = 50_000
_MOST = 8.0  # seconds, of 100,000 calls


def replay_lines(bench: Bench) -> list[Line]:
    """Fill a cache, run again from it, and return the figures."""
    size = bench.size
    with standing_in(0.0) as server:
        cold = _with_calls(server, size.calls, lambda: bench.two_steps(server, 0))
        before = bench.dataset(0)
        assert before.count(b"\n") == size.records, "records are missing"
        warm = [
            _with_calls(server, 0, lambda: bench.two_steps(server, 0)) for _ in range(size.runs)
        ]
    assert bench.dataset(0) == before, "a run from the cache wrote another file"
    folder = bench.folder / "cache-0"
    stored = sum(part.stat().st_size for part in folder.glob("store.sqlite*"))
    per_call = 1e6 / size.calls
    return [
        Line("first run: wall", "s", [cold.wall]),
        Line("  CPU per call", "us", [cold.cpu * per_call]),
        Line("  the cache, per call", "B", [stored / size.calls]),
        Line("again from the cache: wall", "s", [run.wall for run in warm], _MOST),
        Line("  CPU per call", "us", [run.cpu * per_call for run in warm]),
        Line("  against the first run", "x", [run.wall / cold.wall for run in warm]),
        Line("  peak memory", "MB", [run.peak for run in warm]),
    ]


def _with_calls(server: StandIn, expected: int, run: Callable[[], Run]) -> Run:
    before = server.calls()
    done = run()
    made = server.calls() - before
    assert made == expected, f"{made} calls instead of {expected}: {done.output}"
    return done


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3, help="of the replay")
    parser.add_argument("--quick", action="store_true", help="a small run without bounds")
    options = parser.parse_args()
    size = Size(500, 0.0, 1) if options.quick else Size(_RECORDS, 0.0, max(1, options.runs))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), size)
        sys.stdout.write(
            f"{size.calls} calls; runs: {size.runs}; Python {sys.version.split()[0]}; "
            f"load {os.getloadavg()[0]:.1f}\n\n"
        )
        lines = replay_lines(bench)
    sys.stdout.write(table(lines, bounds=not options.quick))
    return 1 if not options.quick and any(line.missed for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
