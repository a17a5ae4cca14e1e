"""The mark of a run that did not complete: the files beside it are those of an earlier one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from atkc.spec.diagnostic import Diagnostic
from atkc.stdlib.readiness.output import INCOMPLETE, Output


def check(output: Output) -> Iterator[Diagnostic]:
    """Yield that the last run into the folder did not complete."""
    how = unfinished(output.root)
    if how is not None:
        message = f"the last run did not complete ({how}): these files are of an earlier one"
        yield Diagnostic("ATK722", message, output.at(INCOMPLETE), help=go_on(output.root))


def unfinished(root: Path) -> str | None:
    """Return how the last run into a folder ended early, None where it did not."""
    mark = _mark(root)
    if mark is None:
        return None
    how, why = str(mark.get("how", "it ended early")), mark.get("why")
    if how == "running":
        return "it is still at work, or was killed"
    return f"{how}: {why}" if why else how


def go_on(root: Path) -> str:
    """Return how to go on with the last run."""
    command = (_mark(root) or {}).get("go_on")
    return f"go on with `{command}`" if command else "run the spec again: it goes on from there"


def _mark(root: Path) -> dict[str, Any] | None:
    try:
        told = json.loads((root / INCOMPLETE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}  # it is there, whatever it says
    return told if isinstance(told, dict) else {}
