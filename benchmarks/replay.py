"""100,000 model calls from the cache: what it costs to run again when nothing has changed.

    python benchmarks/replay.py            two minutes; ends with 1 if a bound is missed
    python benchmarks/replay.py --quick    1,000 calls, no bounds: does it still work?

The cache is filled by a run of two_steps.yaml against the stand-in endpoint, which answers at once.
Then the same command runs again, in fresh processes; the endpoint must see no call, and the file
must be the same to the byte.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from lines import Line, ended, options_of
from run import Bench, Size, counted
from standin import standing_in

_RECORDS = 50_000
_MOST = 8.0  # seconds, of 100,000 calls


def replay_lines(bench: Bench) -> list[Line]:
    """Fill a cache, run again from it, and return the figures."""
    size = bench.size
    with standing_in(0.0) as server:
        cold = counted(server, size.calls, bench.two_steps, 0)
        before = bench.dataset(0)
        assert before.count(b"\n") == size.records, "records are missing"
        warm = [counted(server, 0, bench.two_steps, 0) for _ in range(size.runs)]
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


def main() -> int:
    options = options_of(__doc__, runs=3).parse_args()
    size = Size(500, 0.0, 1) if options.quick else Size(_RECORDS, 0.0, max(1, options.runs))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), size)
        sys.stdout.write(
            f"{size.calls} calls; runs: {size.runs}; Python {sys.version.split()[0]}; "
            f"load {os.getloadavg()[0]:.1f}\n\n"
        )
        lines = replay_lines(bench)
    return ended(lines, bounds=not options.quick)


if __name__ == "__main__":
    sys.exit(main())
