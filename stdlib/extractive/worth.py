"""Whether a passage is worth asking about, or is contents, index, notices, furniture or nothing."""

from __future__ import annotations

import re

from atkc.stdlib.extractive import layout
from atkc.stdlib.extractive.aligning import Judgement, quote
from atkc.stdlib.extractive.facts import facts_of
from atkc.stdlib.extractive.questions import questions_of
from atkc.stdlib.extractive.sentences import Passage
from atkc.stdlib.extractive.words import WORD

_NOTICES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"all rights reserved", r"no part of this", r"prior written (?:permission|consent)",
        r"©|\(c\) ?\d{4}|copyright (?:©|\d{4}|by)",
        r"\bISBN\b", r"printed in\b", r"disclaim", r"without warrant", (r"\bliab(?:le|"
                                                                       r"ility)\b[^.]*\bdamages?\b"),
        r"terms (?:of|and) (?:use|conditions|service)", (r"cookies?\b[^.]*\b(?:browser|consent|"
                                                        r"accept|policy)"),
        r"privacy policy", r"trademarks?", r"library of congress", r"first published",
        r"reproduced|retrieval system",
        r"licensed under", r"unsubscribe|subscribe to our|sign up|log in|click here",
        r"governing law|hereinafter|hereby (?:grants?|agrees?)",
    )
)  # fmt: skip


_NAMES = {
    "contents": "a table of contents", "index": "an index", "table": "a table without text",
    "reference": "a list of references", "code": "program code", "furniture": "page furniture",
    "heading": "headings only",
}  # fmt: skip


_EXERCISE = re.compile(
    r"(?im)^[ \t]*(?:\d+[.)][ \t]*)?(?:explain|describe|discuss|calculate|list|define|why|what|how|"
    r"which|true or false)\b.*[?.]?$"
)


def worth(passage: Passage) -> Judgement:
    """Return whether questions can be asked about a passage; the reason quotes what decided."""
    text = passage.text.strip()
    notice = _notice(passage) if passage.english else None
    if notice:
        return notice
    shares = _shares(text)
    other = max((k for k in _NAMES), key=lambda k: shares.get(k, 0.0))
    prose = shares.get("prose", 0.0) + shares.get("item", 0.0)
    if prose < 0.5 and shares.get(other, 0.0) > 0.25:
        return Judgement(False, f"This is {_NAMES[other]}: {quote(_first(text, other))}.", other)
    if (
        re.match(r"(?i)\W*(?:table of )?contents\b", text)
        and prose < 0.8
        and len(passage.sentences) < 6
    ):
        return Judgement(
            False, f"This is a table of contents: {quote(_first(text, ''))}.", "contents"
        )
    if (sum(c.isalnum() for c in text) < 40 and passage.english) or len(text) < 12:
        return Judgement(False, "The passage has next to no text.", "empty")
    if not passage.english:
        return Judgement(True, f"The passage has text to ask about: {quote(text)}.")
    return _questions_only(passage) or _thin(passage)


def _shares(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in layout.lines(text):
        if line.kind != "blank":
            weight = 20 if line.kind in ("contents", "index", "furniture") else len(line.text)
            found[line.kind] = found.get(line.kind, 0.0) + max(weight, len(line.text))
    whole = sum(found.values()) or 1.0
    return {k: v / whole for k, v in found.items()}


def _first(text: str, kind: str) -> str:
    shown = (x.text for x in layout.lines(text) if x.kind == kind and x.text)
    return next(shown, "") or layout.plain(text)[:80]


def _notice(passage: Passage) -> Judgement | None:
    hits = [m[0] for p in _NOTICES if (m := p.search(passage.text))]
    marked = [s for s in passage.sentences if any(p.search(s.text) for p in _NOTICES)]
    if len(hits) >= 2 and (
        len(marked) >= 0.3 * max(1, len(passage.sentences)) or not passage.sentences
    ):
        return Judgement(
            False, f"This is a legal or site notice: {quote(hits[0])}, {quote(hits[1])}.", "notice"
        )
    return None


def _questions_only(passage: Passage) -> Judgement | None:
    asked = [s for s in passage.sentences if s.text.endswith("?") or _EXERCISE.match(s.text)]
    if len(asked) > 2 and len(asked) >= 0.7 * len(passage.sentences):
        return Judgement(
            False, f"These are exercises without answers: {quote(asked[0].text)}.", "exercises"
        )
    return None


def _thin(passage: Passage) -> Judgement:
    told = [
        s.text
        for s in passage.sentences
        if len(WORD.findall(s.text)) >= 5 and s.text[-1] in ".!?”\"')…"
    ]
    facts = facts_of(passage.text)
    if not told:
        return Judgement(
            False, f"The passage has no full sentence: {quote(layout.plain(passage.text))}.", "thin"
        )
    if not facts and len(told) < 3:
        return Judgement(
            False, f"The passage states too little to ask about: {quote(told[0])}.", "thin"
        )
    best = questions_of(passage.text)
    shown = max(best, key=lambda a: a.score).answer if best else told[0]
    return Judgement(True, f"The passage states facts, such as {quote(shown)}.")
