"""Runs that are killed: once half way, and fifty times, each before a bad endpoint.

    python benchmarks/chaos.py            about ten minutes
    python benchmarks/chaos.py --quick    few records, few kills

Each line is a trial by `atkc chaos`. Ends with 1 if a trial found a broken promise. See README.md
for what each line means.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lines import options_of
from run import HERE, SPEC, Bench, Size

_NOWHERE = "http://127.0.0.1:9/v1"  # `atkc chaos` puts its own endpoint in its place
_RECIPE = HERE.parent / "recipes" / "factual.yaml"


def trials(bench: Bench, kills: int, recipe: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what each trial is called, and the words of its command."""
    # Each 429 halves what is in flight: with more of them the trial would be one of patience.
    rare = ["--rate-429", "0.005", "--rate-500", "0.02", "--drop", "0.02", "--hang", "0.002"]
    two = [
        str(SPEC),
        *rare,
        "--timeout",
        "3",
        "--set",
        f"records={bench.records}",
        "--set",
        f"api_base={_NOWHERE}",
    ]
    many = ["--concurrency", "32", "--kills", str(kills)]
    size = f"two steps, {bench.size.records} records"
    yield f"{size}, killed half way", [*two, "--concurrency", "32", "--at", "0.5"]
    yield f"{size}, {kills} kills", [*two, *many]
    few = ["--concurrency", "16", "--kills", str(kills), "--timeout", "20"]
    yield f"the factual recipe, {kills} kills", [str(_RECIPE), *recipe, *few]


def held(bench: Bench, words: list[str]) -> bool:
    """Hold a trial, show its sums, return whether all promises were kept."""
    done = subprocess.run(
        [*bench.atkc, "chaos", *words],
        cwd=bench.folder,
        env=bench.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    shown = [
        *lines[:1],
        *(lines[-2:] if done.returncode == 0 else lines[1:]),
        *done.stderr.splitlines(),
    ]
    sys.stdout.write("".join(f"    {line}\n" for line in shown))
    sys.stdout.flush()
    return done.returncode == 0


def main() -> int:
    parser = options_of(__doc__, quick="20 records, 2 kills")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--records", type=int, default=2000)
    options = parser.parse_args()
    kills, records = (2, 20) if options.quick else (options.kills, options.records)
    recipe = ["--set", "use_subset=true", "--set", "subset_size=2"] if options.quick else []
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), Size(records, 0.05, 1))
        where = bench.environment.get("PYTHONPATH", "installed")
        sys.stdout.write(f"atkc: {where}; load {os.getloadavg()[0]:.1f}\n")
        for name, words in trials(bench, kills, recipe):
            sys.stdout.write(f"{name}\n")
            sys.stdout.flush()
            kept = held(bench, words) and kept
    sys.stdout.write("held\n" if kept else "BROKEN\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
