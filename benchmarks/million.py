"""How many records a second pass through four cheap steps, and that memory does not grow.

    python benchmarks/million.py                    1,000,000 records, three runs, some minutes
    python benchmarks/million.py --records 200000   fewer
    python benchmarks/million.py --quick            5,000 records, one run, no bounds

Runs `atkc run million.yaml` (map, filter, dedupe, export) as a whole process, and by turns a loop
that somebody would write by hand for the same work. Ends with 1 if a bound is missed. See README.md
for what each line means.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
from lines import Line, ended, options_of
from run import HERE, Bench, Size
from timing import Run

SPEC = HERE / "million.yaml"
LOOP = HERE / "million_loop.py"
MEGABYTES = 400  # at a million records
GROWTH = 100  # bytes a record more
_WORDS = "ferry coal flour mail crew pier dawn rope chart bell tide lamp quay mast sail oar"


def rows(count: int) -> Iterator[bytes]:
    """Yield rows; one of ten scores too low, one of ten has the text of an earlier one."""
    dice = random.Random(0)
    words = _WORDS.split()
    for number in range(count):
        of = dice.randrange(number) if number and dice.random() < 0.1 else number
        text = f"Note {of}: {' '.join(random.Random(of).choices(words, k=12))}."
        row = {"id": number, "text": text, "score": dice.randrange(100)}
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def atkc(bench: Bench, file: Path) -> Run:
    """Run the spec on the rows of a file."""
    places = ["--cache", "cache", "--output", "out", "--plain"]
    return bench.run(*bench.atkc, "run", str(SPEC), "--set", f"rows={file}", *places)


def lines_of(bench: Bench, count: int, runs: int) -> list[Line]:
    """Measure both by turns, after one small run of each that only makes byte code."""
    whole, tenth = bench.folder / "rows.jsonl", bench.folder / "tenth.jsonl"
    for file, number in ((whole, count), (tenth, count // 10)):
        with file.open("wb") as out:
            out.writelines(rows(number))
    by_hand = [sys.executable, str(LOOP), str(whole), str(bench.folder / "by-hand.jsonl")]
    small = [atkc(bench, tenth) for _ in range(runs + 1)][1:]
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(atkc(bench, whole))
        theirs.append(bench.run(*by_hand))
        equal = (bench.folder / "out/kept.jsonl").read_bytes()
        assert equal == (bench.folder / "by-hand.jsonl").read_bytes(), "the files differ"
    ratios = [a.wall / b.wall for a, b in zip(ours, theirs, strict=True)]
    more = count - count // 10
    grown = [(a.peak - b.peak) * 2**20 / more for a, b in zip(ours, small, strict=True)]
    # What a record costs, less what start-up does.
    pace = [(a.wall - b.wall) / more for a, b in zip(ours, small, strict=True)]
    return [
        Line("`atkc run`, four steps: wall", "s", [r.wall for r in ours]),
        Line("  records a second", "", [count / r.wall for r in ours]),
        Line("  a record more", "us", [1e6 * one for one in pace]),
        Line("  CPU", "s", [r.cpu for r in ours]),
        Line("  peak memory", "MB", [r.peak for r in ours], MEGABYTES),
        Line("  peak memory with a tenth", "MB", [r.peak for r in small]),
        Line("  a record more", "B", grown, GROWTH),
        Line("by hand: wall", "s", [r.wall for r in theirs]),
        Line("  records a second", "", [count / r.wall for r in theirs]),
        Line("  peak memory", "MB", [r.peak for r in theirs]),
        Line("`atkc run`, against by hand", "x", ratios),
    ]


def main() -> int:
    parser = options_of(__doc__, runs=3)
    parser.add_argument("--records", type=int, default=1_000_000, help="rows of the file")
    options = parser.parse_args()
    count, runs = (5000, 1) if options.quick else (options.records, max(1, options.runs))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), Size(0, 0, runs))
        sys.stdout.write(
            f"{count} records; runs: {runs}; Python {sys.version.split()[0]}; "
            f"load {os.getloadavg()[0]:.1f}\n\n"
        )
        lines = lines_of(bench, count, runs)
    return ended(lines, bounds=not options.quick)


if __name__ == "__main__":
    sys.exit(main())
