"""The exceptions of a run, drawn as a tree.

AtkcError
├── UsageError            the command line asks for something that cannot be (exit 2)
├── InputError            a user's mistake found while running; carries a Diagnostic (exit 1)
├── StopRun               a budget, a gate or a missing consent ends the run (exit 5)
├── Interrupted           a signal ends the run (exit 130)
├── StoreError            the cache cannot be written (exit 6)
├── RecordError           one record fails; the others go on
│   └── ReplyError        the reply does not say what was asked for; may be asked again
└── CallError             a model call fails
    ├── Transient         may succeed if tried again: time-out, 408, 409, 429, 5xx, dropped
    │   └── Unreachable   nothing was sent: the connection was refused, the name is unknown
    └── Permanent         will not: 400 and its like; `fatal` ends the run (bad key, no such model)
"""

from __future__ import annotations

from atkc.spec.diagnostic import Diagnostic


class AtkcError(Exception):
    """Root of all exceptions that atkc raises on purpose."""


class UsageError(AtkcError):
    """The command line asks for something that cannot be."""


class InputError(AtkcError):
    """A user's mistake that only the run could find."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class StopRun(AtkcError):
    """A budget, a gate or a missing consent ends the run."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Interrupted(AtkcError):
    """A signal ends the run."""


class StoreError(AtkcError):
    """The cache cannot be read or written."""


class RecordError(AtkcError):
    """One record fails. `kind` is a short stable word: `no-text`, `bad-field`, `too-long`, …"""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class ReplyError(RecordError):
    """The reply does not say what was asked for: `empty`, `truncated`, `missing-field`, …"""


class CallError(AtkcError):
    """A model call fails; `status` is the HTTP status if there was one."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class Transient(CallError):
    """A call that may succeed if tried again; `retry_after` in seconds when the server said so."""

    def __init__(
        self, message: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class Unreachable(Transient):
    """A call that was never sent: nobody listens there, or the name of the host is unknown."""


class Permanent(CallError):
    """A call that will not succeed; `fatal` (ATK700–ATK702) ends the run at once."""

    def __init__(
        self, message: str, *, status: int | None = None, fatal: str | None = None
    ) -> None:
        super().__init__(message, status=status)
        self.fatal = fatal
