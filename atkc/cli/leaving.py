"""The end of the process."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process; a thread that still hangs in a reader or a name server is not waited for."""
    me = threading.current_thread()
    if all(thread is me or thread.daemon for thread in threading.enumerate()):
        sys.exit(code)
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
