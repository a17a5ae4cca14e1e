"""Whether a passage answers a question, or contradicts what the question takes for granted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from atkc.stdlib.extractive.aligning import (
    TALK_STEMS,
    Judgement,
    Row,
    best_rows,
    has,
    name_words,
    names_in,
    quote,
)
from atkc.stdlib.extractive.claims import check_claim
from atkc.stdlib.extractive.sentences import Passage, is_english
from atkc.stdlib.extractive.wordlist import wordrow, wordset
from atkc.stdlib.extractive.words import content, numbers, stem, words


def is_foreign(passages: Sequence[Passage], text: str) -> bool:
    """Return whether the passages or the text are in another language than English."""
    if not all(p.english for p in passages):
        return True
    return not is_english(text) and (not text.isascii() or len(words(text)) > 12)


_TIMES = wordset("""
    noon midnight dawn dusk morning evening night summer winter spring autumn century day days week
    weeks month months year years before after until when while during once since if at sunday
    monday tuesday wednesday thursday friday saturday early late
    """)
_AMOUNTS = wordset("""
    one two three four five six seven eight nine ten eleven twelve dozen hundred thousand million
    half twice once thirty forty fifty twenty every each all no none daily weekly monthly yearly
    annually few several many most both
    """)
_LENGTHS = _AMOUNTS | wordset("""
    long length until from since hour hours day days week weeks month months year years centuries
    decades always forever never while
    """)
# (how such a question begins, words one of which its answer has if it has no digit, what it wants)
_NEEDS = (
    (r"when\b|(?:in |on )?(?:which|what) (?:year|day|date)\b", _TIMES, "a time"),
    (r"how many\b|how much\b|what percentage\b|how often\b", _AMOUNTS, "an amount"),
    (r"how long (?!(?:is|are|was|were)\b)", _LENGTHS, "a length"),
)


def _lacks(question: str, rows: Sequence[Row]) -> str:
    """Return what a question asks for and the rows do not have, or an empty text."""
    for begins, needed, what in _NEEDS:
        found = " ".join(r.text for r in rows).lower()
        told = re.search(r"\d", found) or needed & set(words(found))
        if re.match(begins, question, re.IGNORECASE) and not told:
            return what
    return ""


_ATTRIBUTES = frozenset(
    stem(w)
    for w in wordrow("""
    cost price deep depth colour color name age weight weigh tall height wide width salary
    population temperature speed religion nationality mother father wife husband sister brother
    budget length area volume inventor capital pet species distance diameter thickness brand
    """)
)


def answerable(passages: Sequence[Passage], question: str) -> Judgement:
    """Return whether the passages answer a question, with the sentence that does."""
    bare = re.sub(
        r"^(?:According to|Based on|In) (?:the|this) (?:text|passage|\w+),\s*",
        "",
        question.strip(" *"),
    )
    if is_foreign(passages, bare):
        return _foreign_question(passages, bare)
    wanted = _wanted(bare)
    rows = best_rows(passages, bare)
    if not rows:
        return Judgement(False, "Nothing in the passage speaks of what is asked.", "unsupported")
    near = frozenset().union(*(r.near for r in rows[:2]))
    whole = frozenset(s for p in passages for s in content(p.text))
    everywhere = {n for p in passages for n in names_in(p.text)}
    for number in numbers(bare):
        if not any(number in numbers(p.text) for p in passages):
            return Judgement(
                False,
                f"The question takes {number} for granted, which the passage does not have.",
                "number",
            )
    for name in _asked_names(bare):
        if name not in everywhere and not has(whole, stem(name.lower())):
            return Judgement(False, f"The passage does not mention {name}.", "name")
    missing = [s for s in wanted if not has(near, s)]
    absent = [s for s in wanted if not has(whole, s)]
    asked_for = [s for s in absent if s in _ATTRIBUTES and not _implied(s, rows)]
    allowed = 0 if len(wanted) < 4 else 1 if len(wanted) < 7 else 2
    if asked_for or len(absent) > allowed or len(missing) > max(allowed, 0.5 * len(wanted)):
        shown = ", ".join((asked_for or absent or missing)[:4])
        return Judgement(
            False,
            f"The passage does not tell (nothing on: {shown}); nearest: {quote(rows[0].text)}.",
            "unsupported",
        )
    lacking = _lacks(bare, rows)
    if lacking:
        shown = quote(rows[0].text)
        return Judgement(
            False, f"The question asks for {lacking}; the nearest has none: {shown}.", "unsupported"
        )
    return Judgement(True, f"The passage answers it: {quote(rows[0].text)}.")


def _wanted(question: str) -> list[str]:
    """Return the stems that an answering passage must have; `how high` asks, it does not tell."""
    asking = re.match(r"how (\w+)", question, re.IGNORECASE)
    free = stem(asking[1].lower()) if asking else ""
    skip = TALK_STEMS | ({free} - _ATTRIBUTES)
    return [s for s in content(question) if s not in skip]


_UNITS = {
    "age": r"\byears? old|\baged?\b|\bborn\b", "name": r"\b(?:named|called|[A-Z]\w+)\b",
    "length": r"\d+ ?(?:km|kilomet|met|mile|feet|foot|m\b)|\blong\b",
    "population": r"\b(?:inhabitants|people|residents)\b",
    "price": r"\b(?:pounds|dollars|euros|crowns|cost)|[$€£]", "cost": r"\b(?:pounds|dollars|"
                                                                      r"euros|crowns|price)|[$€£]",
    "weigh": r"\d+ ?(?:kg|kilogram|tons?|tonnes|grams|pounds)", "weight": r"\d+ ?(?:kg|kilogram|"
                                                                          r"tons?|tonnes|grams|"
                                                                          r"pounds)",
    "height": r"\d+ ?(?:met|feet|m\b)|\btall\b|\bhigh\b", "tall": r"\d+ ?(?:met|feet|m\b)|"
                                                                  r"\bheight\b|\bhigh\b",
    "speed": r"\d+ ?(?:km|kilomet|mile|met|knot)|\bper (?:hour|second)",
    "distance": r"\d+ ?(?:km|kilomet|met|mile)",
    "temperature": r"\bdegrees?\b|°",
}  # fmt: skip


def _implied(attribute: str, rows: Sequence[Row]) -> bool:
    pattern = _UNITS.get(attribute)
    return pattern is not None and any(re.search(pattern, r.text) for r in rows)


def _asked_names(question: str) -> list[str]:
    return [n for n in name_words(question) if len(n) > 1]


def _foreign_question(passages: Sequence[Passage], question: str) -> Judgement:
    text = "\n".join(p.text for p in passages).lower()
    grams = {question[i : i + 3].lower() for i in range(len(question) - 2)}
    share = sum(g in text for g in grams) / max(1, len(grams))
    if share < 0.35:
        return Judgement(
            False, "The words of the question do not stand in the passage.", "unsupported"
        )
    return Judgement(True, "The words of the question stand in the passage.")


def contradicts(passages: Sequence[Passage], question: str) -> Judgement:
    """Return whether a question about the passage's matter takes something untrue for granted."""
    claim = re.sub(
        r"^(?:why|how|how come|when|since|given that|is it true that)\b(?: (?:is it that|did|"
        r"does|do|was|were|is|are))?\s*",
        "",
        question.strip(),
        flags=re.IGNORECASE,
    ).rstrip("?")
    rows = best_rows(passages, claim)
    wanted = [s for s in content(claim) if s not in TALK_STEMS]
    near = frozenset().union(*(r.near for r in rows))
    if not rows or sum(has(near, s) for s in wanted) < 0.4 * len(wanted):
        return Judgement(False, "The question is not about what the passage tells.", "unsupported")
    judged = check_claim(passages, claim)
    if judged.ok:
        return Judgement(
            False,
            f"The question assumes nothing that the passage contradicts: {quote(rows[0].text)}.",
        )
    return Judgement(
        True,
        f"The passage contradicts what the question assumes: {quote(rows[0].text)}.",
        judged.kind,
    )
