"""The stand-in server as a process of its own, for as long as a `with` lasts."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

_SERVER = Path(__file__).with_name("server.py")


@dataclass(frozen=True, slots=True)
class StandIn:
    """A running server."""

    port: int

    @property
    def api_base(self) -> str:
        """Return the address that clients are given."""
        return f"http://127.0.0.1:{self.port}/v1"

    def calls(self) -> int:
        """Return how many completions it has sent so far."""
        return int(self.asked("calls")["calls"])

    def begin(self, seed: int) -> None:
        """Have it draw latencies by a seed, as if nothing had been asked yet."""
        self.asked(f"seed/{seed}")

    def tail(self, last: int) -> float:
        """Return how many seconds passed between the last answer and the last but so many."""
        return float(self.asked(f"tail/{last}")["tail"])

    def asked(self, path: str) -> dict[str, Any]:
        """Return what it answers to a GET."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}") as answer:
            told: dict[str, Any] = orjson.loads(answer.read())
            return told


@contextmanager
def standing_in(latency: float, sigma: float = 0.0) -> Iterator[StandIn]:
    """Start a server, and end it by its process id."""
    with started(_SERVER, "--latency", str(latency), "--sigma", str(sigma)) as port:
        yield StandIn(port)


@contextmanager
def started(script: Path, *words: str) -> Iterator[int]:
    """Start a script that serves on the port that it prints; yield the port."""
    process = subprocess.Popen(
        [sys.executable, str(script), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate()
