"""Values set down in the form asked for: JSON, sections, tags, a list, a verdict or plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from atkc.stdlib.extractive.wanted import Slot, Wanted

Values = Mapping[str, Any]  # by the name of the slot; absent where there is no value


def write(wanted: Wanted, rows: Sequence[Values], word: str = "", reason: str = "") -> str:
    """Return the reply; `word` is the verdict, `rows` the items (one where items do not repeat)."""
    first = rows[0] if rows else {}
    match wanted.form:
        case "json":
            return _json(wanted, rows, word, reason)
        case "list":
            return _numbered(wanted, rows)
        case "text":
            return _text(next(iter(first.values()), ""))
        case "regex":
            return "\n".join(_matching(wanted.pattern, row) for row in rows)
        case "grammar":
            return _text(next(iter(first.values()), ""))
    parts = [reason] if wanted.reason and reason else []
    parts += [_plain(wanted, row, word) for row in (rows or [{}])]
    if wanted.words:
        parts.append(_place(wanted, wanted.verdict, word) if wanted.verdict else word)
    parts += [_plain(wanted, first, word, after=True)]
    return "\n\n".join(p for p in parts if p)


def _plain(wanted: Wanted, row: Values, word: str, after: bool = False) -> str:
    found = []
    for slot in wanted.slots:
        if slot.when and after and slot.when == word and isinstance(row.get(slot.name), Mapping):
            inner = row[slot.name]
            found += [
                _place(wanted, s.heading or s.name, inner.get(s.name, "")) for s in slot.parts
            ]
        elif not slot.when and not after and row.get(slot.name) is not None:
            found.append(_place(wanted, slot.heading or slot.name, row[slot.name]))
    return "\n\n".join(found) if wanted.form != "tags" else "\n".join(found)


def _place(wanted: Wanted, label: str, value: Any) -> str:
    text = _text(value)
    if wanted.form == "tags":
        return f"<{label}>{_without_tags(wanted, text, value)}</{label}>"
    lines = text.split("\n")
    labels = {(s.heading or s.name).lower() for s in wanted.slots} | {wanted.verdict.lower()}
    safe = [_unheaded(line, labels) for line in lines]
    multi = len(safe) > 1 or isinstance(value, list)
    return f"**{label}:**" + ("\n" if multi else " ") + "\n".join(safe)


def _unheaded(line: str, labels: set[str]) -> str:
    """Return a line that cannot be taken for a heading of the reply."""
    bare = re.sub(r"[*#_>\s]+", " ", line).strip()
    head = bare.partition(":")[0].strip().lower()
    return (
        re.sub(r"^(\W*)", r"\1– ", line, count=1).replace("**", "")
        if ":" in bare and head in labels
        else line
    )


def _without_tags(wanted: Wanted, text: str, value: Any) -> str:
    for slot in wanted.slots:
        text = re.sub(rf"</?{re.escape(slot.heading or slot.name)}>", "", text)
    return f"\n{text}\n" if "\n" in text or isinstance(value, list) else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "\n".join(f"- {_line(v)}" for v in value)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _line(value: Any) -> str:
    return " ".join(_text(value).split())


def _numbered(wanted: Wanted, rows: Sequence[Values]) -> str:
    name = wanted.slots[0].name if wanted.slots else "items"
    if wanted.repeated:
        values = [row.get(name) for row in rows]
    else:
        given = rows[0].get(name) if rows else []
        values = given if isinstance(given, list) else [given]
    return "\n".join(f"{i}. {_line(v)}" for i, v in enumerate(values, 1))


def _json(wanted: Wanted, rows: Sequence[Values], word: str, reason: str) -> str:
    shown = [_object(wanted, row, word, reason) for row in (rows or [{}])]
    if wanted.wrapper:
        return json.dumps({wanted.wrapper: shown}, ensure_ascii=False)
    return json.dumps(shown if wanted.repeated else shown[0], ensure_ascii=False)


def _object(wanted: Wanted, row: Values, word: str, reason: str) -> dict[str, Any]:
    found: dict[str, Any] = {"reason": reason} if wanted.reason else {}
    for slot in wanted.slots:
        if not slot.when and (slot.name in row or not slot.optional):
            found[slot.heading or slot.name] = _keyed(slot, row.get(slot.name))
    if wanted.words:
        found[wanted.verdict or "verdict"] = word
    for slot in wanted.slots:
        if slot.when:
            inner = row.get(slot.name) if slot.when == word else None
            found[slot.heading or slot.name] = _keyed(slot, inner) if inner is not None else None
    return found


def _keyed(slot: Slot, value: Any) -> Any:
    """Return a value with the parts of an object under the keys asked for."""
    if slot.parts and isinstance(value, Mapping):
        return {p.heading or p.name: _keyed(p, value.get(p.name)) for p in slot.parts}
    if slot.parts and isinstance(value, list):
        return [_keyed(slot, v) for v in value]
    return value


_GROUP = re.compile(r"\(\?P?<(\w+)>(?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)")


def _matching(pattern: str, row: Values) -> str:
    """Return a text with the values at the groups of a pattern, where that can be done simply."""
    values = iter(row.values())
    known = {k: _line(v) for k, v in row.items()}
    filled = _GROUP.sub(
        lambda m: "\0" + (known.get(m[1]) or _line(next(values, ""))) + "\1", pattern
    )
    parts = re.split(r"(\0[^\1]*\1)", filled)
    return "".join(p[1:-1] if p.startswith("\0") else _literal(p) for p in parts)


def _literal(pattern: str) -> str:
    text = re.sub(r"\\s[*+]?| [*+]", " ", pattern).replace("\\n", "\n").strip("^$")
    text = re.sub(r"\(\?[a-z]+\)|\(\?:|\)\??|(?<!\\)[*+?]", "", text)
    return re.sub(r"\\(.)", r"\1", text)
