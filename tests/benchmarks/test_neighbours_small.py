"""The benchmark of neighbours, small: it runs to its end and each of its numbers is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "benchmarks" / "neighbours.py"
NAMES = ["words, index", "words, all queries", "words, by hand", "times as fast"]
NAMES += ["vectors, all queries", "vectors, by hand", "times as fast"]


def test_says_what_it_measured() -> None:
    done = subprocess.run(
        [sys.executable, str(BENCH), "--texts", "60"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, *lines = done.stdout.splitlines()
    assert first == "60 texts, each a query, the best 3 of the others; CPU seconds"
    assert [line[:27].rstrip() for line in lines] == NAMES
    assert all(float(line[27:].split()[0]) >= 0 for line in lines)
