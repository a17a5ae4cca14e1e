"""Timing whole processes: wall and CPU seconds, peak memory, what they printed."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One process from its start to its end: seconds, CPU seconds (user + system), megabytes."""

    wall: float
    cpu: float
    peak: float
    output: str


def timed(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Run:
    """Return how a process went; raises RuntimeError with what it said if it failed."""
    with tempfile.TemporaryFile(dir=folder) as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read().decode("utf-8", "replace")
    if process.returncode:
        raise RuntimeError(f"`{' '.join(command)}` ended with {process.returncode}:\n{output}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output)
