"""Whether one sentence of an answer agrees with a passage: numbers, names, words, negations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from atkc.stdlib.extractive.aligning import (
    TALK_STEMS,
    Judgement,
    Row,
    aligned_rows,
    best_rows,
    has,
    name_words,
    names_in,
    quote,
)
from atkc.stdlib.extractive.grammar import PRONOUNS
from atkc.stdlib.extractive.sentences import Passage
from atkc.stdlib.extractive.wordlist import wordset
from atkc.stdlib.extractive.words import (
    FUNCTION,
    TALK,
    content,
    negated,
    number_of,
    numbers,
    stem,
    words,
)

_PAIRS = """
increase decrease; increase reduce; rise fall; raise lower; before after; north south; east
west; northern southern; eastern western; largest smallest; larger smaller; big small; large
small; more less; more fewer; most least; first last; above below; hot cold; warm cold; high
low; higher lower; highest lowest; early late; earlier later; start end; open closed; open
close; begin end; longest shortest; longer shorter; long short; oldest youngest; older younger;
old new; fast slow; faster slower; left right; inside outside; male female; allow forbid; permit
prohibit; accept reject; always never; positive negative; internal external; maximum minimum;
upper lower; win lose; won lost; buy sell; expand shrink; strengthen weaken; heavier lighter;
summer winter; day night; morning evening; dry wet; import export; success failure; public
private; dawn dusk; noon midnight; brother sister; king queen; father mother; son daughter;
husband wife; wider narrower; thicker thinner; cover exclude; covered excluded; include exclude
"""
_OPPOSITES = tuple(wordset(pair) for pair in _PAIRS.split(";"))


def substance(sentence: str) -> bool:
    return bool(numbers(sentence)) or (
        len(content(sentence)) > 2 and not sentence.rstrip().endswith(("?", "!"))
    )


def check_claim(passages: Sequence[Passage], claim: str, question: str = "") -> Judgement:
    """Return whether the passages bear out one sentence of an answer."""
    rows = best_rows(passages, claim, question)
    if not rows:
        return Judgement(False, f"Nothing in the passage speaks of {quote(claim)}.", "unsupported")
    best = rows[0]
    wrong = _mismatch(passages, rows, claim, question)
    if wrong is None and _polarity_differs(claim, best.text):
        wrong = _denial(claim, best)
    if wrong is None:
        return Judgement(True, f"The passage bears it out: {quote(best.text)}.")
    corrects = negated(claim) and not negated(best.text)
    if wrong.kind in ("number", "name") and corrects:
        return Judgement(True, f"The answer rightly denies it: {quote(best.text)}.")
    other = _elsewhere(passages, best, claim) if wrong.kind != "unsupported" else ""
    return Judgement(True, f"The passage bears it out: {quote(other)}.") if other else wrong


def _denial(claim: str, best: Row) -> Judgement:
    does, instead = ("denies", "affirms") if negated(claim) else ("affirms", "denies")
    reason = f"The answer {does} what the passage {instead}: {quote(best.text)}."
    return Judgement(False, reason, "negation")


def _elsewhere(passages: Sequence[Passage], best: Row, claim: str) -> str:
    """Return another sentence that has all that the best one lacks, or an empty text.

    A claim with its subject's full name is drawn to the sentence of that name, though another
    sentence with a short name says it. What is lacking must be more than a number or a name.
    """
    items = _weighed(claim)
    lacking = items - best.stems - best.numbers
    names = {stem(n.lower()) for n in names_in(claim)}
    if not lacking - names - set(numbers(claim)):
        return ""
    for row in aligned_rows(passages):
        own = row.stems | row.numbers
        if lacking <= own and len(items & own) > 1 and not _polarity_differs(claim, row.text):
            return row.text
    return ""


def _mismatch(
    passages: Sequence[Passage], rows: list[Row], claim: str, question: str
) -> Judgement | None:
    best = rows[0]
    for number in numbers(claim):
        if not any(number in r.numbers for r in rows) and not _known_year(passages, number, best):
            have = sorted(best.numbers)
            instead = f" where the passage has {', '.join(have)}" if have else ""
            return Judgement(
                False, f"The answer gives {number}{instead}: {quote(best.text)}.", "number"
            )
    swapped = _swapped(claim, best.text)
    if swapped:
        return Judgement(
            False,
            f"The answer gives {swapped}, the passage another number: {quote(best.text)}.",
            "number",
        )
    wrong = _wrong_name(passages, rows, claim)
    if wrong:
        return Judgement(
            False,
            f"The answer names {wrong}, which the passage does not say here: {quote(best.text)}.",
            "name",
        )
    opposite = _opposite(claim, best.text)
    if opposite:
        return Judgement(
            False,
            f"The answer says {opposite}, the passage the opposite: {quote(best.text)}.",
            "word",
        )
    return _coverage(passages, rows, claim, question)


def _known_year(passages: Sequence[Passage], number: str, best: Row) -> bool:
    """Return whether a number is a year that only other sentences of the passage give."""
    year = re.compile(r"[12]\d{3}")
    if not year.fullmatch(number) or any(year.fullmatch(n) for n in best.numbers):
        return False
    return bool(best.numbers) and any(number in numbers(p.text) for p in passages)


def _counted(text: str) -> list[tuple[str, str]]:
    """Return (number, stem of the noun after it) for each counted noun."""
    found = words(text)
    pairs = ((number_of(a), stem(b.lower())) for a, b in pairwise(found))
    return [(n, noun) for n, noun in pairs if n is not None and noun not in FUNCTION]


def _swapped(claim: str, sentence: str) -> str:
    """Return a counted noun of the claim that the sentence counts otherwise."""
    theirs = _counted(sentence)
    for number, noun in _counted(claim):
        have = [n for n, other in theirs if other == noun]
        if have and number not in have:
            return f"{number} {noun}"
    return ""


def _wrong_name(passages: Sequence[Passage], rows: list[Row], claim: str) -> str:
    everything = {n for p in passages for n in names_in(p.text)}
    known = frozenset(n for p in passages for name in p.names for n in name.split())
    low = {w.lower() for p in passages for w in words(p.text) if w.islower()}
    first = words(claim)[:1]
    names = name_words(claim, known)
    if first and first[0][:1].isupper() and _unseen_first(claim, first[0], low, everything):
        names.insert(0, first[0])
    near = frozenset().union(*(r.near for r in rows))
    for name in names:
        written = stem(name.lower())
        if (name.lower() in low and name not in known) or written in rows[0].stems:
            continue
        nowhere = name not in everything and written not in near
        if nowhere or _fills_gap(name, rows, claim, known):
            return name
    return ""


def _unseen_first(claim: str, word: str, low: set[str], everything: set[str]) -> bool:
    """Return whether a claim's first word is a name that the passage has nowhere."""
    after = words(claim)[1:2]
    low_word = word.lower().removesuffix("'s").removesuffix("’s")
    if low_word in FUNCTION | TALK | PRONOUNS or low_word in low or word in everything:
        return False
    return bool(after) and after[0][:1].isupper() and after[0].lower() not in FUNCTION


def _fills_gap(name: str, rows: Sequence[Row], claim: str, known: frozenset[str]) -> bool:
    """Return whether a name stands where the best sentence has another name, or has a subject."""
    best = rows[0]
    if name in best.names:
        return False
    claimed = set(names_in(claim))
    if any(n in known and n not in claimed for n in best.names):
        return True
    starts = re.match(r"(?:It|He|She|They|Its|His|Her|Their|This|The|These|A|An)\b", best.text)
    beside = stem(name.lower()) in best.near or any(name in r.names for r in rows[1:2])
    return not (starts or beside)


def _opposite(claim: str, sentence: str) -> str:
    mine, theirs = {w.lower() for w in words(claim)}, {w.lower() for w in words(sentence)}
    mine_stems, their_stems = {stem(w) for w in mine}, {stem(w) for w in theirs}
    for pair in _OPPOSITES:
        for word in pair:
            other = next(iter(pair - {word}))
            here = word in mine or (stem(word) in mine_stems and stem(word) != stem(other))
            there = other in theirs or (stem(other) in their_stems and stem(word) != stem(other))
            absent = word not in theirs and stem(word) not in their_stems
            if here and there and absent and other not in mine and stem(other) not in mine_stems:
                return word
    return ""


def _coverage(
    passages: Sequence[Passage], rows: list[Row], claim: str, question: str
) -> Judgement | None:
    asked = set(content(question))
    mine = [s for s in content(claim) if s not in TALK_STEMS]
    new = [s for s in mine if s not in asked] or mine
    near = frozenset().union(*(r.near for r in rows))
    whole = frozenset().union(*(content(s.text) for p in passages for s in p.sentences)) | near
    missing = [s for s in new if not has(near, s)]
    absent = [s for s in missing if not has(whole, s)]
    allowed = len(new) * 0.4 if len(new) > 2 else 0
    if len(missing) > allowed + 0.5 and (absent or len(missing) > 0.6 * len(new)):
        shown = ", ".join((absent or missing)[:4])
        return Judgement(
            False,
            f"The passage does not say so (nothing there on: {shown}); nearest: "
            f"{quote(rows[0].text)}.",
            "unsupported",
        )
    return None


def _clauses(text: str) -> list[str]:
    return [
        c
        for c in re.split(
            r"[,;:]| (?:but|although|though|while|whereas|and|because|until|when|if|who|which|"
            r"that) ",
            text,
        )
        if c.strip()
    ]


def _weighed(text: str) -> set[str]:
    return set(content(text)) | set(numbers(text))


def _polarity_differs(claim: str, sentence: str) -> bool:
    """Return whether a clause of the claim denies what the sentence affirms, or the reverse."""
    claim = re.sub(r"^(?:no|yes),?\s+", "", claim, flags=re.IGNORECASE)
    theirs = _clauses(sentence)
    for ours in _clauses(claim):
        mine = _weighed(ours)
        if not mine or not theirs:
            continue
        like = max(theirs, key=lambda c: len(_weighed(c) & mine) / (1 + 0.1 * len(_weighed(c))))
        both = len(_weighed(like) & mine)
        if (
            both >= min(2, len(mine), len(_weighed(like)))
            and both
            and negated(ours) != negated(like)
        ):
            return negated(claim) != negated(sentence) or both >= 0.6 * len(mine)
    return False
