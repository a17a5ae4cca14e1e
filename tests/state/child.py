"""A run in a process of its own, which kills itself at a call: `FOLDER AT SEED`."""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

import pytest

from atkc.cli.running import run_spec
from tests.state.model import Weather
from tests.state.world import World, prepare


def main(folder: str, at: str, seed: str) -> int:
    """Return the exit code of the run, if it comes to an end."""
    weather = Weather(0, int(seed), int(at), lambda: os.kill(os.getpid(), signal.SIGKILL))
    weather.chance = random.Random(weather.seed)
    with pytest.MonkeyPatch.context() as patch:
        prepare(patch, lambda: weather)
        return run_spec(World(Path(folder)).options("cache"))


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
