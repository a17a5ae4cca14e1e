"""Sentences with one number or name made wrong, or turned into their contrary."""

from __future__ import annotations

import random
import re

from atkc.stdlib.extractive.clauses import invert
from atkc.stdlib.extractive.facts import facts_of
from atkc.stdlib.extractive.questions import full
from atkc.stdlib.extractive.sentences import Passage, stands_as_noun
from atkc.stdlib.extractive.wordlist import wordrow
from atkc.stdlib.extractive.words import number_of, words


def spoil(passage: Passage, text: str, seed: int) -> str:
    """Return the text with one number or name made wrong, or the text where it has neither."""
    rng = random.Random(seed)
    digits = list(re.finditer(r"\d+(?:[.,]\d+)*", text))
    if digits:
        chosen = rng.choice(digits)
        return text[: chosen.start()] + _other_number(chosen[0], rng) + text[chosen.end() :]
    spelled = [w for w in words(text) if (n := number_of(w)) and 1 < int(float(n)) < 21]
    if spelled:
        word = rng.choice(spelled)
        others = [w for w in _SMALL if w != word.lower()]
        return re.sub(rf"\b{re.escape(word)}\b", rng.choice(others), text, count=1)
    for name in sorted((n for n in passage.names if n in text), key=len, reverse=True):
        others = [n for n in passage.names if n not in text and _alike(passage, name, n)]
        if others:
            return text.replace(name, rng.choice(others), 1)
    return text


def _alike(passage: Passage, name: str, other: str) -> bool:
    """Return whether two names seem to name the same kind of thing: both places or both not."""
    within = any(other != n and n.endswith(other) for n in passage.names)
    nouns = stands_as_noun(passage, name) and stands_as_noun(passage, other)
    the = [f"the {n}" in passage.text or f"The {n}" in passage.text for n in (name, other)]
    both = [
        bool(re.search(rf"\b(?:in|at|to|from|over|near) {re.escape(n)}\b", passage.text))
        for n in (name, other)
    ]
    alike = both[0] == both[1] and the[0] == the[1]
    return nouns and not within and alike and len(name.split()) == len(other.split())


_SMALL = wordrow("two three four five six seven eight nine ten eleven twelve")


def _other_number(digits: str, rng: random.Random) -> str:
    bare = digits.replace(",", "")
    if len(bare) > 15 or bare.count(".") > 1:
        return bare[1:].lstrip(".") or "7"
    if "." in bare:
        return f"{float(bare) + rng.choice((1.5, 2.5, 4.0)):g}"
    value = int(bare)
    if 1000 <= value <= 2100 and len(bare) == 4 and "," not in digits:
        return str(value + rng.choice((-31, -17, -12, 13, 19, 24)))
    wrong = value * 2 + rng.choice((1, 3)) if value > 3 else value + rng.choice((2, 3, 5))
    return f"{wrong:,}" if "," in digits else str(wrong)


def denied(passage: Passage, answer: str) -> str:
    """Return an answer's first fact turned into its contrary."""
    for fact in facts_of(passage.text):
        told = full(passage, fact)
        if told.sentence != answer:
            continue
        subject, rest = told.subject[:1].upper() + told.subject[1:], told.rest
        if told.auxiliary:
            turned = rest.removeprefix("not ") if rest.startswith("not ") else f"not {rest}"
            return f"{subject} {told.verb} {turned}."
        asked = invert(told, rest, "")[:-1].split(" ", 1)
        return f"{subject} {asked[0]} not{asked[1].removeprefix(told.subject)}."
    return f"It is not so that {answer[:1].lower()}{answer[1:]}"
