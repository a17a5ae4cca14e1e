"""Findings as a table and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from msgspec.structs import asdict

from atkc.cli.doctor.finding import Finding
from atkc.spec.screen import printable

_MARKS = {"ok": "ok", "warning": "warning", "problem": "PROBLEM"}
_WIDTH = 120
_HERE = "this machine"


def as_table(found: Sequence[Finding]) -> str:
    """Return a line per finding, what to do below it, and the sums."""
    lines: list[str] = []
    subject = None
    for one in found:
        if one.subject != subject:
            subject = one.subject
            lines += ["", printable(subject) or _HERE]
        lines += _cell(f"{_MARKS[one.status]:<8} {one.check:<11} ", one.said)
        lines += _cell(" " * 21 + "→ ", one.fix) if one.fix else []
    counts = {status: sum(f.status == status for f in found) for status in _MARKS}
    sums = (counted(counts["warning"], "warning"), counted(counts["problem"], "problem"))
    lines += ["", f"{counts['ok']} ok, {', '.join(sums)}", ""]
    return "\n".join(lines[1:])


def _cell(head: str, text: str) -> list[str]:
    room = _WIDTH - len(head)
    whole = printable(text)
    pieces = textwrap.wrap(whole, room, break_long_words=False, break_on_hyphens=False) or [""]
    return [head + pieces[0], *(" " * len(head) + piece for piece in pieces[1:])]


def counted(number: int, word: str) -> str:
    """Return a number with its word, in the plural where that is right."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def as_json(found: Sequence[Finding]) -> str:
    """Return the findings as JSON."""
    whole = {"ok": passed(found), "findings": [asdict(f) for f in found]}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def passed(found: Sequence[Finding]) -> bool:
    """Return whether there is no problem."""
    return all(f.status != "problem" for f in found)
