"""How fast `dedupe` with `near` is, and whether it finds what was planted.

    python benchmarks/near_dedupe.py            100,000 questions, three runs, about a minute
    python benchmarks/near_dedupe.py --quick    2,000 questions, one run, no bounds

Runs `atkc run near_dedupe.yaml` as a whole process, offline. Ends with 1 if a bound is missed. See
README.md for what each line means.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import orjson
from lines import Line, ended, options_of
from questions import Planted, questions
from run import HERE, Bench, Size
from timing import Run

SPEC = HERE / "near_dedupe.yaml"


def deduped(bench: Bench, rows: Path, *, alike: bool, number: int) -> tuple[Run, set[int]]:
    """Return how a run went, and the numbers of the questions that it kept."""
    out = f"out-{alike}-{number}"
    sets = ["--set", f"rows={rows}", "--set", f"alike={str(alike).lower()}"]
    places = ["--cache", f"cache-{number}", "--output", out, "--plain"]
    run = bench.run(*bench.atkc, "run", str(SPEC), *sets, *places)
    kept = (bench.folder / out / "kept.jsonl").read_bytes().splitlines()
    return run, {orjson.loads(line)["id"] for line in kept}


def lines_of(bench: Bench, planted: Sequence[Planted], runs: int) -> list[Line]:
    """Measure both kinds of dedupe by turns, after one run of each that only makes byte code."""
    rows = bench.folder / "questions.jsonl"
    named = ({"id": number, "question": p.question} for number, p in enumerate(planted))
    rows.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in named))
    near, equal, found = [], [], []
    for number in range(-1, runs):
        run, kept = deduped(bench, rows, alike=True, number=number)
        near.append(run)
        found.append(kept)
        equal.append(deduped(bench, rows, alike=False, number=number)[0])
    assert all(kept == found[0] for kept in found), "equal runs kept other records"
    near, equal = near[1:], equal[1:]
    ratios = [ours.wall / theirs.wall for ours, theirs in zip(near, equal, strict=True)]
    return [
        Line("dedupe with `near`: wall", "s", [r.wall for r in near], 60),
        Line("  questions a second", "", [len(planted) / r.wall for r in near]),
        Line("  against dedupe by equality", "x", ratios, 4),
        Line("  CPU", "s", [r.cpu for r in near]),
        Line("  peak memory", "MB", [r.peak for r in near], 1000),
        *found_lines(planted, found[0]),
        Line("dedupe by equality: wall", "s", [r.wall for r in equal]),
        Line("  peak memory", "MB", [r.peak for r in equal]),
    ]


def found_lines(planted: Sequence[Planted], kept: set[int]) -> list[Line]:
    """Set what was rejected against what was planted."""
    copies = {number for number, p in enumerate(planted) if p.copies}
    rejected = set(range(len(planted))) - kept
    hits = len(copies & rejected)
    return [
        Line("  copies planted", "", [len(copies)]),
        Line("  recall", "%", [100 * hits / len(copies)]),
        Line("  planted and missed", "%", [100 - 100 * hits / len(copies)], 0.1),
        Line("  precision", "%", [100 * hits / max(len(rejected), 1)]),
        Line("  rejected though not planted", "%", [100 - 100 * hits / max(len(rejected), 1)], 0.1),
    ]


def kinds(planted: Sequence[Planted]) -> str:
    """Return how many of each kind there are, and how many of these are alike."""
    of, alike = Counter(p.kind for p in planted), Counter(p.kind for p in planted if p.copies)
    return "\n".join(f"  {kind}: {of[kind]}, alike {alike[kind]}" for kind in of) + "\n"


def main() -> int:
    options = options_of(__doc__, runs=3).parse_args()
    count, runs = (2000, 1) if options.quick else (100_000, max(1, options.runs))
    planted = questions(count)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), Size(0, 0, runs))
        sys.stdout.write(
            f"{count} questions; runs: {runs}; Python {sys.version.split()[0]}; "
            f"load {os.getloadavg()[0]:.1f}\n{kinds(planted)}\n"
        )
        lines = lines_of(bench, planted, runs)
    return ended(lines, bounds=not options.quick)


if __name__ == "__main__":
    sys.exit(main())
