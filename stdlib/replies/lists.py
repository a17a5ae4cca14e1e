"""Replies that are a numbered or bulleted list."""

from __future__ import annotations

import re

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Contract, Part
from atkc.spec.rowtype import Field, ListOf
from atkc.stdlib.replies.placing import Data
from atkc.stdlib.replies.values import ABSENT, from_text, take

_ITEM = re.compile(r"\s{0,40}(?:(?:\(?\d{1,4}[.):）]|[-*+•–—])(?:\s{1,20}|$)|\d{1,4}[、．])")


def read(contract: Contract, text: str, truncated: bool) -> list[Data]:
    """Return one item per entry, or one item whose field is the list of entries."""
    entries = list_entries(text)
    if truncated and entries:
        entries.pop()  # nobody knows whether it ended there
    part = contract.parts[0]
    if contract.each is not None:
        return [{part.name: from_text(entry, part)} for entry in entries]
    kind = part.type.item if isinstance(part.type, ListOf) else part.type
    one = Part(part.name, part.label, kind)
    if not entries:
        found = take(ABSENT, Field(part.type, part.optional), part.name)
        return [{} if found is ABSENT else {part.name: found}]
    return [{part.name: [from_text(entry, one) for entry in entries]}]


def list_entries(text: str) -> list[str]:
    """Return the entries; text ahead of the first is ignored, and so is text after a blank line.

    Deeper bullets and lines that follow at once belong to their entry. Raises `missing-field`
    when an entry is empty.
    """
    entries: list[list[str]] = []
    indent = 0
    is_open = False
    for line in text.split("\n"):
        mark = _ITEM.match(line)
        depth = len(line) - len(line.lstrip())
        if mark and (not entries or depth <= indent + 1):
            indent = min(indent, depth) if entries else depth
            entries.append([line[mark.end() :].strip()])
            is_open = True
        elif not line.strip():
            is_open = False
        elif entries and (is_open or depth > indent):
            entries[-1].append(line.strip())
            is_open = True
    found = ["\n".join(entry).strip() for entry in entries]
    if not all(found):
        raise ReplyError("missing-field", "an entry of the list is empty")
    return found
