"""Every benchmark, one after the other, and which of them held their bounds.

python benchmarks/all.py [--quick] [--peers FOLDER]
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = (
    "run.py",
    "zero_latency.py",
    "through_litellm.py",
    "long_tail.py",
    "increments.py",
    "million.py",
    "replay.py",
    "store.py",
    "chaos.py",
    "report.py",
    "watching.py",
    "near_dedupe.py",
    "neighbours.py",
    "reading.py",
    "calls.py",
)
# Those that know no small run.
_WHOLE_ONLY = {"neighbours.py": ("--texts", "500"), "calls.py": ()}


def commands(*, quick: bool, peers: str | None) -> Iterator[tuple[str, ...]]:
    """Yield what is run: a script of this folder and its words."""
    for script in SCRIPTS:
        yield (script, *(_WHOLE_ONLY.get(script, ("--quick",)) if quick else ()))
    if peers is not None:
        yield ("peers.py", "--folder", peers, *(("--quick",) if quick else ()))


def main() -> int:
    """Run all; return 1 if one ended with something else than 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small run of each, no bounds")
    parser.add_argument("--peers", metavar="FOLDER", help="other tools too, installed there before")
    options = parser.parse_args()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    _say(f"{machine}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
    ended = {}
    for command in commands(quick=options.quick, peers=options.peers):
        _say(f"\n== python benchmarks/{' '.join(command)}")
        began = time.monotonic()
        code = subprocess.run([sys.executable, str(HERE / command[0]), *command[1:]], check=False)
        ended[command[0]] = code.returncode
        _say(f"({time.monotonic() - began:.0f} s)")
    _say("\n== in all")
    for script, code in ended.items():
        _say(f"{'held' if code == 0 else 'NOT HELD':<10}{script}")
    return int(any(ended.values()))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
