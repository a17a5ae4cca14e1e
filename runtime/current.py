"""Which step the code that runs belongs to: its tasks inherit it."""

from __future__ import annotations

from contextvars import ContextVar

STEP: ContextVar[str] = ContextVar("step", default="")
