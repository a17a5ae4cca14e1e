"""The sentences of a passage that fit a claim best, by stems, numbers and names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from atkc.stdlib.extractive.grammar import PRONOUNS
from atkc.stdlib.extractive.sentences import Passage, read_passage
from atkc.stdlib.extractive.words import FUNCTION, TALK, content, numbers, stem, words


class Judgement(Struct, frozen=True):
    """A verdict and why; `kind` is `ok`, `number`, `name`, `negation`, `word` or `unsupported`."""

    ok: bool
    reason: str
    kind: str = "ok"


def name_words(text: str, known: frozenset[str] = frozenset()) -> list[str]:
    """Return the words of a claim that are written as names; the first only if known."""
    found = []
    for i, word in enumerate(words(text)):
        bare = word.removesuffix("'s").removesuffix("’s")
        capital = bare[:1].isupper() and bare.lower() not in FUNCTION | PRONOUNS | TALK
        if capital and (i or bare in known):
            found.append(bare)
    return found


class Row(Struct, frozen=True):
    """A sentence of the passage ready for comparison; `near` adds the ones before it."""

    text: str
    stems: frozenset[str]
    near: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]


def aligned_rows(passages: Sequence[Passage]) -> list[Row]:
    """Return all sentences of the passages, ready for comparison."""
    return [row for passage in passages for row in _rows_of(passage.text)]


@lru_cache(maxsize=256)
def _rows_of(text: str) -> tuple[Row, ...]:
    texts = [s.text for s in read_passage(text).sentences] or [text]
    stems = [frozenset(content(t)) for t in texts]
    near = [frozenset().union(*stems[max(0, i - 2) : i + 1]) for i in range(len(texts))]
    return tuple(
        Row(t, own, about, frozenset(numbers(t)), frozenset(names_in(t)))
        for t, own, about in zip(texts, stems, near, strict=True)
    )


def names_in(text: str) -> list[str]:
    bare = (w.removesuffix("'s").removesuffix("’s") for w in words(text))
    return [w for w in bare if w[:1].isupper() and w.lower() not in FUNCTION]


def _overlap(row: Row, claim: set[str], hint: set[str], claim_numbers: set[str]) -> float:
    near = 0.4 * len(claim & (row.near - row.stems))
    asked = 0.5 * len(hint & row.stems) + 0.2 * len(hint & (row.near - row.stems))
    return len(claim & row.stems) + near + asked + 0.6 * len(claim_numbers & row.numbers)


def best_rows(passages: Sequence[Passage], claim: str, hint: str = "") -> list[Row]:
    """Return the sentences that fit a claim best, the best first, ties in the passage's order."""
    stems, about, nums = set(content(claim)), set(content(hint)) - TALK_STEMS, set(numbers(claim))
    rows = aligned_rows(passages)
    scored = sorted(range(len(rows)), key=lambda i: (-_overlap(rows[i], stems, about, nums), i))
    if not scored:
        return []
    top = _overlap(rows[scored[0]], stems, about, nums)
    return [
        rows[i]
        for i in scored[:4]
        if _overlap(rows[i], stems, about, nums) >= 0.75 * top and top > 0
    ]


TALK_STEMS = frozenset(stem(w) for w in TALK)


def quote(text: str) -> str:
    """Return a sentence in quotation marks, cut at 160 characters."""
    return f"“{text if len(text) <= 160 else text[:157].rstrip() + '…'}”"


def has(stems: frozenset[str], word: str) -> bool:
    if word in stems:
        return True
    if len(word) < 5:
        return False
    head = word[: max(5, len(word) - 3)]
    return any(s.startswith(head) or (len(s) > 4 and word.startswith(s)) for s in stems)
