"""How many calls a second pass when the endpoint answers at once: all that is left is the client.

    python benchmarks/zero_latency.py            five runs of each, about a minute
    python benchmarks/zero_latency.py --quick    one small run of each, no bounds

The two steps of run.py on 4,000 records with 256 calls in flight, by hand and by `atkc run` in
turn, each run with a server of its own. Calls a second as the server sees them: from the first
request to the last, so that neither start-up nor the writing of the outputs counts. Ends with 1
if the bound is missed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from endpoint import Endpoint, endpoint
from lines import Line, ended, options_of
from run import Bench, Size
from timing import Run

IN_FLIGHT = 256
AT_LEAST = 0.5  # of the calls per second by hand


def rate(
    bench: Bench, client: Callable[[Endpoint, int, str], Run], number: int, width: str
) -> float:
    """Return the calls a second of one run; it must make each call once."""
    with endpoint(0.0) as server:
        run = client(server, number, width)
        calls, seconds = server.span()
    assert calls == bench.size.calls, f"{calls} calls: {run.output}"
    return calls / seconds


def lines(bench: Bench) -> list[Line]:
    """Measure both by turns."""
    hand, ours = [], []
    for number in range(-1, bench.size.runs):  # the first makes byte code and is not counted
        hand.append(rate(bench, bench.handmade, number, f"--concurrency={IN_FLIGHT}"))
        ours.append(rate(bench, bench.two_steps, number, f"concurrency={IN_FLIGHT}"))
        assert bench.dataset(number).count(b"\n") == bench.size.records, "records are missing"
    hand, ours = hand[1:], ours[1:]
    times = [theirs / our for our, theirs in zip(ours, hand, strict=True)]
    return [
        Line("by hand: calls a second", "", hand),
        Line("`atkc run`: calls a second", "", ours),
        Line("  by hand, times those of `atkc run`", "x", times, 1 / AT_LEAST),
    ]


def main() -> int:
    options = options_of(__doc__, runs=5).parse_args()
    size = Size(100, 0.0, 1) if options.quick else Size(4000, 0.0, max(1, options.runs))
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(
            f"{size.calls} calls, no latency, {IN_FLIGHT} in flight; runs: {size.runs}; "
            f"load {os.getloadavg()[0]:.1f}\n\n"
        )
        measured = lines(Bench(Path(folder), size))
    return ended(measured, bounds=not options.quick)


if __name__ == "__main__":
    sys.exit(main())
