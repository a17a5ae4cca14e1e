"""What the report costs: a run from the cache with it and without it, by turns.

    python benchmarks/report.py            2,000 records through two prompts, offline
    python benchmarks/report.py --quick    a small run, no bounds

Prints CPU seconds of whole processes, so that other work on the machine counts little, and the size
of the page. Ends with 1 if a bound is missed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from lines import Line, ended, options_of
from run import SPEC, Bench, Size


def lines(bench: Bench) -> list[Line]:
    """Measure runs from the cache with and without a report."""
    given = (f"records={bench.records}", "model=atkc/extractive", "api_base=http://127.0.0.1:9/v1")
    command = [*bench.atkc, "run", str(SPEC), "--plain", "--output", "out"]
    command += [word for value in given for word in ("--set", value)]
    bench.run(*command)
    bench.run(*command)  # the first from the cache is not counted: it may make byte code
    page = bench.folder / "out/report.html"
    size = page.stat().st_size / 1000
    with_it, without = [], []
    for _ in range(bench.size.runs):
        with_it.append(bench.run(*command).cpu)
        assert page.exists()
        without.append(bench.run(*command, "--no-report").cpu)
        assert not page.exists()
    cost = min(with_it) - min(without)  # other work on the machine only ever adds
    return [
        Line("from the cache: CPU", "s", with_it),
        Line("  without the report: CPU", "s", without),
        Line("  the report: CPU", "s", [cost], 0.1),
        Line("  share of the run", "%", [100 * cost / min(without)], 10),
        Line("  size of the page", "kB", [size], 1500),
    ]


def main() -> int:
    quick = options_of(__doc__).parse_args().quick
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), Size(40, 0.0, 1) if quick else Size(2000, 0.0, 7))
        told = lines(bench)
    return ended(told, bounds=not quick)


if __name__ == "__main__":
    sys.exit(main())
