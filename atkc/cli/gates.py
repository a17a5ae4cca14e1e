"""`--max-failures` as a plan states it."""

from __future__ import annotations

from atkc.compiler.failure_limit import written_limit
from atkc.compiler.plan import Gate
from atkc.runtime.errors import UsageError


def failures_allowed(text: str) -> Gate:
    """Return the limit; raises UsageError for what is none."""
    found = written_limit(text)
    if isinstance(found, str):
        raise UsageError(f"`--max-failures`: {found}")
    return found
