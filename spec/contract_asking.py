"""Reading reply instructions back out of a message: what a model that sees only text is asked for.

The inverse of `contract_writing`, whose docstring is the grammar. What the lines do not say is
not there: synonyms of verdict words, refused words, `cut`, and names of fields other than labels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from msgspec.structs import replace

from atkc.spec.contract_lines import (
    COUNT,
    HEADS,
    IN_LINES,
    LEFT_OUT,
    REASON,
    VERDICT,
    WHEN,
    balanced,
    read_count,
)
from atkc.spec.contract_model import Contract, Each, Part, Variant, Verdict
from atkc.spec.rowtype import STRING, Field, ListOf
from atkc.spec.typetext import TypeTextError, parse_field

_HEADS = [
    (re.compile(re.escape(text).replace(r"\{count\}", COUNT)), *key) for key, text in HEADS.items()
]
_WHEN = re.compile(re.escape(WHEN).replace(r"\{word\}", "(.+)").replace(r"\{places\}", r"\w+"))
_SECTION = re.compile(r"\*\*([^*:]+):\*\* (.*)")
_TAG = re.compile(r"<([\w-]+)>(.*)</\1>")
_KEY = re.compile(r'( *)- "([^"]*)" (\(.*)')
_JSON_WHEN = re.compile(r": only if the verdict is (.+), with:")


def read_instructions(text: str) -> Contract | None:
    """Return what the last instructions in a text ask for, or None if there are none.

    Values of a verdict are called as their words; fields as their labels, in snake case.
    """
    lines = text.split("\n")
    found: Contract | None = None
    at = 0
    while at < len(lines):
        reader = _Lines(lines, at)
        contract = reader.contract()
        found = contract or found
        at = max(reader.at, at + 1) if contract else at + 1
    return found


def _head_of(line: str) -> tuple[str, str, Each | None] | None:
    for pattern, form, kind in _HEADS:
        found = pattern.fullmatch(line)
        if found:
            return form, kind, read_count(found[1]) if found.groups() else None
    return None


class _Lines:
    """A place in the lines of a text."""

    def __init__(self, lines: list[str], at: int) -> None:
        self.lines = lines
        self.at = at

    def now(self) -> str:
        return self.lines[self.at].rstrip() if self.at < len(self.lines) else ""

    def take(self, line: str) -> bool:
        """Step over the line if it is this one."""
        same = self.now() == line
        self.at += same
        return same

    def contract(self) -> Contract | None:
        if not self.now():
            return None
        reason = self.take(REASON)
        head = _head_of(self.now())
        if head is None:
            return self.judged("verdict", (), reason, None) if self.now() == VERDICT else None
        self.at += 1
        form, _, each = head
        if form == "json":
            return self.json(each)
        if form in ("regex", "grammar"):
            return self.dialect(form, each)
        parts = self.parts(form)
        if form == "list" and not each:
            parts = tuple(replace(part, type=ListOf(part.type)) for part in parts)
        return self.judged(form, parts, reason, each) if parts else None

    def parts(self, form: str) -> tuple[Part, ...]:
        found: list[Part] = []
        while part := _PLACES[form](self.now()):
            found.append(part)
            self.at += 1
            if form in ("list", "text"):
                break
        return tuple(found)

    def judged(
        self, form: str, parts: tuple[Part, ...], reason: bool, each: Each | None
    ) -> Contract:
        verdict: Verdict | None = None
        if self.take(VERDICT):
            found = _SECTION.fullmatch(self.now()) or _TAG.fullmatch(self.now())
            form = "tags" if _TAG.fullmatch(self.now()) else form
            verdict = _verdict(found[1], found[2]) if found else None
            self.at += found is not None
        variants = []
        while verdict and (when := _WHEN.fullmatch(self.now())):
            self.at += 1
            inner = self.parts("tags" if form == "tags" else "sections")
            variants.append(Variant(_snake(when[1]), when[1], inner))
        return Contract(form, parts, tuple(variants), verdict, reason, each)

    def json(self, each: Each | None) -> Contract | None:
        parts: list[Part] = []
        variants: list[Variant] = []
        verdict: Verdict | None = None
        while line := _KEY.fullmatch(self.now()):
            indent, label, rest = line.groups()
            inner, tail = balanced(rest) or ("", "")
            when = _JSON_WHEN.fullmatch(tail)
            self.at += 1
            if indent and variants:
                last = variants[-1]
                part = _json_part(label, inner, tail)
                variants[-1] = Variant(last.name, last.when, (*last.parts, part), last.label)
            elif when:
                variants.append(Variant(_snake(label), when[1], (), label))
            elif "," in inner and _verdict(label, inner):
                verdict = _verdict(label, inner)
            else:
                parts.append(_json_part(label, inner, tail))
        reason = bool(parts) and parts[0] == _REASON_PART
        kept = tuple(parts[1:] if reason else parts)
        empty = not (kept or verdict)
        return None if empty else Contract("json", kept, tuple(variants), verdict, reason, each)

    def dialect(self, form: str, each: Each | None) -> Contract | None:
        if form == "regex":
            pattern = self.now()
            self.at += 1
            names = re.findall(r"\(\?P?<([A-Za-z_]\w*)>", pattern)
            return Contract(form, tuple(Part(n, n) for n in names), each=each, pattern=pattern)
        if not self.take("```"):
            return None
        begin = self.at
        while self.at < len(self.lines) and self.now() != "```":
            self.at += 1
        grammar = "\n".join(self.lines[begin : self.at])
        self.at += 1
        return Contract(form, each=each, grammar=grammar)


def _snake(label: str) -> str:
    return re.sub(r"\W+", "_", label.strip().lower()).strip("_") or "field"


def _verdict(label: str, text: str) -> Verdict | None:
    if not text.startswith("one of ") or "|" in text:
        return None
    words = text.removeprefix("one of ").split(", ")
    return Verdict(label, tuple((word, (word,)) for word in words))


def _typed(inner: str) -> Field | None:
    for suffix in (LEFT_OUT, IN_LINES):
        inner = inner.removesuffix(suffix)
    try:
        return parse_field(inner, {})
    except TypeTextError:
        return None


def _json_part(label: str, inner: str, tail: str) -> Part:
    label = str(json.loads(f'"{label}"'))
    found = _typed(inner) or Field(STRING)
    return Part(_snake(label), label, found.type, found.optional, tail.removeprefix(": "))


def _place(label: str, text: str) -> Part | None:
    split = balanced(text)
    found = _typed(split[0]) if split else None
    if split is None or found is None:
        return None
    return Part(_snake(label), label, found.type, found.optional, split[1])


def _section(line: str) -> Part | None:
    found = _SECTION.fullmatch(line)
    return _place(found[1], found[2]) if found else None


def _tag(line: str) -> Part | None:
    found = _TAG.fullmatch(line)
    return _place(found[1], found[2]) if found else None


def _text(line: str) -> Part | None:
    return _place("text", line)


def _list(line: str) -> Part | None:
    return _place("items", line.removeprefix("1. ")) if line.startswith("1. ") else None


_PLACES: dict[str, Callable[[str], Part | None]] = {
    "sections": _section,
    "verdict": _section,
    "tags": _tag,
    "list": _list,
    "text": _text,
}
_REASON_PART = Part("reason", "reason", STRING, False, "reason step by step")
