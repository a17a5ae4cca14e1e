"""One process of a run: started, watched, and killed at a point, unless it ends before."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from atkc.cli.chaos.endpoint import Endpoint
from atkc.cli.chaos.schedule import Point

_LOOK = 0.02  # seconds between two looks at the endpoint
STUCK = 300.0  # seconds without anything new, after which a run is taken to hang


class Life(NamedTuple):
    """How a process went; `code` is None where it hung."""

    code: int | None
    seconds: float
    open: int  # requests that were not answered when it was killed
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
        opened = _killed(process, endpoint) if process.poll() is None else 0
    finally:
        _end(process)
    first_call = None if first is None else first - began
    code = None if hung else process.returncode
    return Life(code, time.monotonic() - began, opened, first_call)


def _watched(
    process: subprocess.Popen[bytes], endpoint: Endpoint, point: Point | None, whole: int
) -> tuple[bool, float | None]:
    """Return at the point or the end: whether it hung, when something new was asked first."""
    if point is not None and point.share is None:
        _wait(process, point.delay)
        return False, None
    goal = None if point is None or point.share is None else round(point.share * whole)
    seen = sum(endpoint.seen().distinct)
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


def _killed(process: subprocess.Popen[bytes], endpoint: Endpoint) -> int:
    """Stop the process, look what is in flight, kill it; return how much that was."""
    os.killpg(process.pid, signal.SIGSTOP)
    opened = endpoint.seen().open
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return opened


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
