"""Which step the code that runs belongs to: its tasks inherit it.

Of steps that ask the same at once, the first is told.
"""

from __future__ import annotations

from contextvars import ContextVar

STEP: ContextVar[str] = ContextVar("step", default="")
