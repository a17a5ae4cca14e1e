"""A line that somebody types: waited for in the event loop, so that a signal can end the wait."""

from __future__ import annotations

import asyncio
import sys


async def typed_line() -> str:
    """Return the next line of the standard input, nothing at its end or if it cannot be read."""
    try:
        handle = sys.stdin.fileno()
    except (OSError, ValueError):
        return sys.stdin.readline()  # not the system's: it has its lines already
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(handle, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(handle)
    try:
        return sys.stdin.readline()
    except OSError:  # the terminal is gone
        return ""
