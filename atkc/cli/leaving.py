"""The end of the process."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

# Commands that close all that they open: taking apart what was made would only take time.
_CLOSED = ("lint", "run")
# Libraries that have something to do at the end: to write down, to send, to clean up.
_AT_END = ("coverage", "datasets", "litellm", "multiprocessing", "opentelemetry")


def leave(code: int, command: str = "") -> NoReturn:
    """End the process; a thread that still hangs in a reader or a name server is not waited for."""
    me = threading.current_thread()
    waits = any(thread is not me and not thread.daemon for thread in threading.enumerate())
    closed = command in _CLOSED and not any(name in sys.modules for name in _AT_END)
    if not waits and not closed:
        sys.exit(code)
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
