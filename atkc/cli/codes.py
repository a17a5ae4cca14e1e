"""Exit codes."""

from __future__ import annotations

COMPLETE = 0
FINDINGS = 1
USAGE = 2
BUG = 3
FAILED_RECORDS = 4
STOPPED = 5
STORE = 6
INTERRUPTED = 130
