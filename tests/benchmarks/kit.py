"""Benchmarks run as programs of their own, as a user runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "benchmarks"


def printed(name: str, *words: str) -> str:
    """Return what a benchmark prints; it must end well."""
    return _run(str(FOLDER / name), *words)


def computed(program: str) -> str:
    """Return what a program prints that imports the benchmarks as modules."""
    return _run("-c", program)


def _run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
