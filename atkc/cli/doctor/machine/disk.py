"""Room for outputs and for the cache."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from atkc.cli.doctor.case import Case
from atkc.cli.doctor.finding import Finding, ok, problem, warning

_SHORT, _NONE = 2 << 30, 200 << 20  # bytes
_FIX = "free some, or choose another place with `--output` and `--cache`"


async def check(case: Case) -> list[Finding]:
    """Tell for both folders whether files can be made there, and how much room is left."""
    return [_told("outputs", case.output), _told("cache", case.cache)]


def _told(what: str, folder: Path) -> Finding:
    place = existing(folder)
    if not os.access(place, os.W_OK | os.X_OK):
        said = f"{what}: nothing can be written into `{place}`"
        return problem(said, "choose another place with `--output` and `--cache`")
    free = shutil.disk_usage(place).free
    said = f"{what}: {free / 2**30:.1f} GB free in `{place}`"
    if free < _NONE:
        return problem(said, _FIX)
    return warning(said, _FIX) if free < _SHORT else ok(said)


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest above it that exists."""
    whole = folder.absolute()
    return next(p for p in (whole, *whole.parents) if p.exists())
