"""One process of a run: started, watched, and killed at a point, unless it ends before."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from atkc.cli.chaos.endpoint import Endpoint, Seen
from atkc.cli.chaos.schedule import Point

_LOOK = 0.02  # seconds between two looks at the endpoint
STUCK = 300.0  # seconds without anything new, after which a run is taken to hang


class Life(NamedTuple):
    """How a process went; `code` is None where it hung."""

    code: int | None
    seconds: float
    seen: Seen  # at its end: when it was killed
    first_call: float | None = None  # seconds until the endpoint had seen something new

    @property
    def killed(self) -> bool:
        """Return whether it was ended before its end."""
        return self.code == -signal.SIGKILL


def lived(
    command: Sequence[str], log: Path, endpoint: Endpoint, point: Point | None, whole: int = 0
) -> Life:
    """Run a command, in a process group of its own, until the point or its end.

    `whole` is how much the whole work asks for. What the process prints is added to the log.
    """
    with log.open("ab") as said:
        process = subprocess.Popen(  # noqa: S603  # atkc itself
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
    began = time.monotonic()
    try:
        hung, first = _watched(process, endpoint, point, whole)
        seen = _killed(process, endpoint)
    finally:
        _end(process)
    first_call = None if first is None else first - began
    code = None if hung else process.returncode
    return Life(code, time.monotonic() - began, seen, first_call)


def _watched(
    process: subprocess.Popen[bytes], endpoint: Endpoint, point: Point | None, whole: int
) -> tuple[bool, float | None]:
    """Return at the point or the end: whether it hung, when something new was asked first."""
    if point is not None and point.share is None:
        _wait(process, point.delay)
        return False, None
    seen = sum(endpoint.seen().distinct)
    goal = None if point is None or point.share is None else round(point.share * whole)
    if goal is not None:
        goal = min(whole, max(goal, seen + 1))  # no process is killed before it asks anything new
    first, news = None, time.monotonic()
    while process.poll() is None:
        now = sum(endpoint.seen().distinct)
        if now > seen:
            seen, news = now, time.monotonic()
            first = first or news
        if goal is not None and now >= goal:
            assert point is not None
            _wait(process, point.delay)
            return False, first
        if time.monotonic() - news > STUCK:
            return True, first
        _wait(process, _LOOK)
    return False, first


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _killed(process: subprocess.Popen[bytes], endpoint: Endpoint) -> Seen:
    """Stop the process if it still runs, look what is in flight, and kill it."""
    if process.poll() is not None:
        return endpoint.seen()
    os.killpg(process.pid, signal.SIGSTOP)
    seen = endpoint.seen()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return seen


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
