"""What a check says."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Status = Literal["ok", "warning", "problem"]


class Finding(Struct, frozen=True):
    """One line of the table; `fix` is what to do where it is not ok."""

    status: Status
    said: str
    fix: str = ""
    check: str = ""  # filled in from the table of checks
    subject: str = ""  # the endpoint or the model, empty for this machine


def ok(said: str) -> Finding:
    """Return that something is as it should be."""
    return Finding("ok", said)


def warning(said: str, fix: str) -> Finding:
    """Return that something may go wrong, or could not be tried."""
    return Finding("warning", said, fix)


def problem(said: str, fix: str) -> Finding:
    """Return that a run would fail, or make something else than it should."""
    return Finding("problem", said, fix)
