"""What slow replies cost: latencies drawn from a law with a long tail, with and without hedging.

    python benchmarks/long_tail.py            ten seeds, about six minutes
    python benchmarks/long_tail.py --quick    one small run of each, no bounds: does it still work?

Each seed is run three times on one server: by the client written by hand, by `atkc run`, and by
`atkc run` with `hedge:`. All draw the same latencies, by seed, content, attempt and arrival number.
Ends with 1 if a bound is missed. See README.md for what each line means.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
from lines import Line, ended, options_of
from run import CONCURRENCY, Bench, Size
from standin import StandIn, standing_in
from timing import Run

SIGMA = 0.8
EXTRA = 0.05
HEDGE = f"hedges={EXTRA}"


@dataclass(frozen=True, slots=True)
class Went:
    """How one client did: the process, its calls, seconds of the last hundredth of the records."""

    run: Run
    calls: int
    tail: float


def went(bench: Bench, server: StandIn, seed: int, client: Callable[[], Run]) -> Went:
    """Return how a client did with the latencies of a seed."""
    server.begin(seed)
    run = client()
    return Went(run, server.calls(), server.tail(max(1, bench.size.records // 100)))


def hedges(bench: Bench, number: int) -> int:
    """Return how many hedges a run says it made."""
    manifest = orjson.loads((bench.folder / f"out-{number}" / "manifest.json").read_bytes())
    return int(manifest["run"]["hedged"])


def tail_lines(bench: Bench) -> list[Line]:
    """Measure the three clients by turns, seed by seed."""
    size = bench.size
    hand: list[Went] = []
    plain: list[Went] = []
    hedged: list[Went] = []
    with standing_in(size.latency, SIGMA) as server:
        bench.handmade(server, -2)  # byte code
        bench.two_steps(server, -2)
        for seed in range(size.runs):
            own = 2 * seed, 2 * seed + 1  # of caches and outputs
            hand.append(went(bench, server, seed, lambda n=own[0]: bench.handmade(server, n)))
            plain.append(went(bench, server, seed, lambda n=own[0]: bench.two_steps(server, n)))
            hedged.append(
                went(bench, server, seed, lambda n=own[1]: bench.two_steps(server, n, HEDGE))
            )
            assert hand[-1].calls == plain[-1].calls == size.calls, "calls are missing"
            made = hedged[-1].calls - size.calls
            assert made == hedges(bench, own[1]), f"{made} hedges were sent"
            assert bench.dataset(own[0]) == bench.dataset(own[1]), "hedging changed the file"
    pairs = list(zip(plain, hedged, strict=True))
    return [
        Line("by hand: wall", "s", [w.run.wall for w in hand]),
        Line("`atkc run`: wall", "s", [w.run.wall for w in plain]),
        Line(
            "  against by hand",
            "x",
            [ours.run.wall / hand.run.wall for ours, hand in zip(plain, hand, strict=True)],
            1.05,
        ),
        Line("  CPU per call", "ms", [1000 * w.run.cpu / w.calls for w in plain]),
        Line("  last 1 % of the records", "s", [w.tail for w in plain]),
        Line("`atkc run` with `hedge:`: wall", "s", [w.run.wall for w in hedged]),
        Line("  last 1 % of the records", "s", [w.tail for w in hedged]),
        Line("  against without", "x", [with_.tail / bare.tail for bare, with_ in pairs], 0.5),
        Line("  calls more", "%", [100 * (w.calls / size.calls - 1) for w in hedged], 100 * EXTRA),
    ]


def main() -> int:
    parser = options_of(__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--records", type=int, default=800, help="of two chained calls each")
    options = parser.parse_args()
    size = Size(options.records, 0.4, max(1, options.seeds))
    if options.quick:
        size = Size(200, 0.01, 1)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), size)
        where = bench.environment.get("PYTHONPATH", "installed")
        sys.stdout.write(
            f"{size.records} records, {size.calls} calls, lognormal with median "
            f"{size.latency * 1000:g} ms and sigma {SIGMA}, {CONCURRENCY} in flight; "
            f"seeds: {size.runs}; Python {sys.version.split()[0]}; atkc: {where}; "
            f"load {os.getloadavg()[0]:.1f}\n\n"
        )
        lines = tail_lines(bench)
    return ended(lines, bounds=not options.quick)


if __name__ == "__main__":
    sys.exit(main())
