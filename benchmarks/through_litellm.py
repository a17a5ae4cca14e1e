"""What atkc costs on top of LiteLLM, for the providers that it has no client of its own for.

    python benchmarks/through_litellm.py            three runs of each, two minutes
    python benchmarks/through_litellm.py --quick    one small run of each, no bounds

The work of run.py by two clients in turn, both through LiteLLM to the same stand-in endpoint as
the same provider: one written by hand and `atkc run`. Ends with 1 if a bound is missed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from handmade_litellm import PROVIDER
from lines import Line, ended, options_of
from run import CONCURRENCY, HERE, Bench, Size, counted
from standin import StandIn, standing_in
from timing import Run

MODEL = f"{PROVIDER}/stand-in"


class Clients:
    """The two clients, each run with a cache of its number."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def by_hand(self, server: StandIn, number: int) -> Run:
        """Run the client written by hand."""
        places = [f"handmade-{number}.cache", f"handmade-{number}.jsonl"]
        words = [str(self._bench.records), server.api_base, *places]
        words += ["--latency", str(self._bench.size.latency)]
        return self._bench.run(sys.executable, str(HERE / "handmade_litellm.py"), *words)

    def atkc(self, server: StandIn, number: int) -> Run:
        """Run `atkc run`; without an `api_base` of its own, LiteLLM reads the provider's."""
        self._bench.environment[f"{PROVIDER.upper()}_API_BASE"] = server.api_base
        return self._bench.two_steps(server, number, "api_base=", f"model={MODEL}")


def lines(bench: Bench, *, quick: bool) -> list[Line]:
    """Measure both by turns."""
    clients, size = Clients(bench), bench.size
    uncounted = 0 if quick else -1  # a first run makes byte code
    hand, ours = [], []
    with standing_in(size.latency) as server:
        for number in range(uncounted, size.runs):
            hand.append(counted(server, size.calls, clients.by_hand, number))
            ours.append(counted(server, size.calls, clients.atkc, number))
            assert bench.dataset(number).count(b"\n") == size.records, "records are missing"
    hand, ours, per_call = hand[-size.runs :], ours[-size.runs :], 1000 / size.calls
    # Other work on the machine only adds to CPU seconds, by up to a third: the least are compared.
    more = min(run.cpu for run in ours) - min(run.cpu for run in hand)
    ratios = [our.wall / their.wall for our, their in zip(ours, hand, strict=True)]
    return [
        Line("LiteLLM by hand: wall", "s", [r.wall for r in hand]),
        Line("  CPU per call", "ms", [r.cpu * per_call for r in hand]),
        Line("  peak memory", "MB", [r.peak for r in hand]),
        Line("`atkc run` through LiteLLM: wall", "s", [r.wall for r in ours]),
        Line("  against by hand", "x", ratios),
        Line("  CPU per call", "ms", [r.cpu * per_call for r in ours]),
        Line("  least CPU per call, on top of by hand", "ms", [more * per_call], 0.3),
        Line("  peak memory", "MB", [r.peak for r in ours]),
    ]


def main() -> int:
    options = options_of(__doc__, runs=3).parse_args()
    size = Size(40, 0.005, 1) if options.quick else Size(2000, 0.05, max(1, options.runs))
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(
            f"{size.calls} calls as {MODEL}, {size.latency * 1000:g} ms each, {CONCURRENCY} in "
            f"flight; runs: {size.runs}; load {os.getloadavg()[0]:.1f}\n\n"
        )
        measured = lines(Bench(Path(folder), size), quick=options.quick)
    return ended(measured, bounds=not options.quick)


if __name__ == "__main__":
    sys.exit(main())
