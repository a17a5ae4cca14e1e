"""Whether claims agree with a passage: numbers, names, negations and content words are aligned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from atkc.stdlib.extractive.facts import PRONOUNS
from atkc.stdlib.extractive.sentences import Passage, is_english, read_passage, split
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


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and why; `kind` is `ok`, `number`, `name`, `negation`, `word` or `unsupported`."""

    ok: bool
    reason: str
    kind: str = "ok"


_OPPOSITES = tuple(
    frozenset(pair.split())
    for pair in [
        "increase decrease",
        "increase reduce",
        "rise fall",
        "raise lower",
        "before after",
        "north south",
        "east west",
        "northern southern",
        "eastern western",
        "largest smallest",
        "larger smaller",
        "big small",
        "large small",
        "more less",
        "more fewer",
        "most least",
        "first last",
        "above below",
        "hot cold",
        "warm cold",
        "high low",
        "higher lower",
        "highest lowest",
        "early late",
        "earlier later",
        "start end",
        "open closed",
        "open close",
        "begin end",
        "longest shortest",
        "longer shorter",
        "long short",
        "oldest youngest",
        "older younger",
        "old new",
        "fast slow",
        "faster slower",
        "left right",
        "inside outside",
        "male female",
        "allow forbid",
        "permit prohibit",
        "accept reject",
        "always never",
        "positive negative",
        "internal external",
        "maximum minimum",
        "upper lower",
        "win lose",
        "won lost",
        "buy sell",
        "expand shrink",
        "strengthen weaken",
        "heavier lighter",
        "summer winter",
        "day night",
        "morning evening",
        "dry wet",
        "import export",
        "success failure",
        "public private",
        "dawn dusk",
        "noon midnight",
        "brother sister",
        "king queen",
        "father mother",
        "son daughter",
        "husband wife",
        "wider narrower",
        "thicker thinner",
    ]
)
_REFUSAL = re.compile(
    r"\b(?:(?:do|does|did|can|could) ?n[o’']t (?:know|say|mention|state|tell|specify|have|recall|find)|do not know|"
    r"does not (?:say|mention|state|tell|specify|contain|provide|give|appear)|not (?:stated|mentioned|known|given|"
    r"specified|provided|told|aware|familiar)|no (?:information|mention|record|knowledge)|unknown|"
    r"cannot (?:be answered|say|tell|answer|find)|nothing that I|I am (?:sorry|afraid)|sorry)\b",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"\b(?:premise|mistaken|incorrect|not (?:correct|right|true|accurate|the case)|misconception|"
    r"misunderstanding|false assumption|assumption|contrary to|that is wrong|error in)\b",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"^(?:sure|certainly|of course|yes|no|great question|good question|let me know|feel free|would you like|"
    r"if you (?:want|would like|need)|i hope|i can|shall i|do you want)\b",
    re.IGNORECASE,
)


def said(text: str) -> list[str]:
    """Return the sentences of an answer that claim something; of a thought and an answer the latter."""
    parts = re.split(r"(?im)^\W*(?:final )?answer\W*:\W*$|^\W*answer:\**", text)
    text = re.split(r"(?im)^\W*sources? used\W*:?", parts[-1])[0]
    rows = (re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", row) for row in text.split("\n"))
    found = [s for row in rows for s in split(re.sub(r"\*\*|__|`", "", row).strip())]
    return [s for s in found if not _FILLER.match(s) or _substance(s)] or found


def _substance(sentence: str) -> bool:
    return bool(numbers(sentence)) or (
        len(content(sentence)) > 2 and not sentence.rstrip().endswith(("?", "!"))
    )


def name_words(text: str, known: frozenset[str] = frozenset()) -> list[str]:
    """Return the words of a claim that are written as names; a first word only where it is known."""
    found = []
    for i, word in enumerate(words(text)):
        bare = word.removesuffix("'s").removesuffix("’s")
        capital = bare[:1].isupper() and bare.lower() not in FUNCTION | PRONOUNS | TALK
        if capital and (i or bare in known):
            found.append(bare)
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    """A sentence of the passage ready for comparison; `near` adds the ones before it."""

    text: str
    stems: frozenset[str]
    near: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]


def _rows(passages: Sequence[Passage]) -> list[_Row]:
    return [row for passage in passages for row in _rows_of(passage.text)]


@lru_cache(maxsize=256)
def _rows_of(text: str) -> tuple[_Row, ...]:
    texts = [s.text for s in read_passage(text).sentences] or [text]
    stems = [frozenset(content(t)) for t in texts]
    near = [frozenset().union(*stems[max(0, i - 2) : i + 1]) for i in range(len(texts))]
    return tuple(
        _Row(t, own, about, frozenset(numbers(t)), frozenset(_names_in(t)))
        for t, own, about in zip(texts, stems, near, strict=True)
    )


def _names_in(text: str) -> list[str]:
    bare = (w.removesuffix("'s").removesuffix("’s") for w in words(text))
    return [w for w in bare if w[:1].isupper() and w.lower() not in FUNCTION]


def _overlap(row: _Row, claim: set[str], hint: set[str], claim_numbers: set[str]) -> float:
    near = 0.4 * len(claim & (row.near - row.stems))
    asked = 0.5 * len(hint & row.stems) + 0.2 * len(hint & (row.near - row.stems))
    return len(claim & row.stems) + near + asked + 0.6 * len(claim_numbers & row.numbers)


def best_rows(passages: Sequence[Passage], claim: str, hint: str = "") -> list[_Row]:
    """Return the sentences that fit a claim best, the best first, ties in the passage's order."""
    stems, about, nums = set(content(claim)), set(content(hint)) - _TALK_STEMS, set(numbers(claim))
    rows = _rows(passages)
    scored = sorted(range(len(rows)), key=lambda i: (-_overlap(rows[i], stems, about, nums), i))
    if not scored:
        return []
    top = _overlap(rows[scored[0]], stems, about, nums)
    return [
        rows[i]
        for i in scored[:4]
        if _overlap(rows[i], stems, about, nums) >= 0.75 * top and top > 0
    ]


_TALK_STEMS = frozenset(stem(w) for w in TALK)


def quote(text: str) -> str:
    """Return a sentence in quotation marks, cut at 160 characters."""
    return f"“{text if len(text) <= 160 else text[:157].rstrip() + '…'}”"


def check_claim(passages: Sequence[Passage], claim: str, question: str = "") -> Judgement:
    """Return whether the passages bear out one sentence of an answer."""
    rows = best_rows(passages, claim, question)
    if not rows:
        return Judgement(False, f"Nothing in the passage speaks of {quote(claim)}.", "unsupported")
    best = rows[0]
    wrong = _mismatch(passages, rows, claim, question)
    if wrong is None and _polarity_differs(claim, best.text):
        where = f"The answer {'denies' if negated(claim) else 'affirms'} what the passage {'affirms' if negated(claim) else 'denies'}"
        return Judgement(False, f"{where}: {quote(best.text)}.", "negation")
    corrects = negated(claim) and not negated(best.text)
    if wrong is not None and wrong.kind in ("number", "name") and corrects:
        return Judgement(True, f"The answer rightly denies it: {quote(best.text)}.")
    return wrong or Judgement(True, f"The passage bears it out: {quote(best.text)}.")


def _mismatch(
    passages: Sequence[Passage], rows: list[_Row], claim: str, question: str
) -> Judgement | None:
    best = rows[0]
    for number in numbers(claim):
        if not any(number in r.numbers for r in rows):
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
    wrong = _wrong_name(passages, rows, claim, question)
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


def _counted(text: str) -> list[tuple[str, str]]:
    """Return (number, stem of the noun after it) for each counted noun."""
    found = words(text)
    pairs = ((number_of(a), stem(b.lower())) for a, b in zip(found, found[1:], strict=False))
    return [(n, noun) for n, noun in pairs if n is not None and noun not in FUNCTION]


def _swapped(claim: str, sentence: str) -> str:
    """Return a counted noun of the claim that the sentence counts otherwise."""
    theirs = _counted(sentence)
    for number, noun in _counted(claim):
        have = [n for n, other in theirs if other == noun]
        if have and number not in have:
            return f"{number} {noun}"
    return ""


def _wrong_name(passages: Sequence[Passage], rows: list[_Row], claim: str, question: str) -> str:
    everything = {n for p in passages for n in _names_in(p.text)}
    known = frozenset(n for p in passages for name in p.names for n in name.split())
    low = {w.lower() for p in passages for w in words(p.text) if w.islower()}
    first = words(claim)[:1]
    names = name_words(claim, known)
    if first and first[0][:1].isupper() and _unseen_first(claim, first[0], low, everything):
        names.insert(0, first[0])
    asked = set(_names_in(question))
    for name in names:
        if name.lower() in low and name not in known:
            continue
        if stem(name.lower()) in rows[0].stems or any(
            name in r.names for r in rows[:2] if not _rival(r, rows[0])
        ):
            continue
        if name not in everything and stem(name.lower()) not in {s for r in rows for s in r.near}:
            if name not in asked or not _substance(claim):
                return name
            return name
        if name in asked and not _fills_gap(name, rows[0], claim, known):
            continue
        if _fills_gap(name, rows[0], claim, known):
            return name
    return ""


def _rival(row: _Row, best: _Row) -> bool:
    return row is not best and len(row.names & best.names) == 0


def _unseen_first(claim: str, word: str, low: set[str], everything: set[str]) -> bool:
    """Return whether a claim's first word is a name that the passage has nowhere."""
    after = words(claim)[1:2]
    low_word = word.lower().removesuffix("'s").removesuffix("’s")
    if low_word in FUNCTION | TALK | PRONOUNS or low_word in low or word in everything:
        return False
    return bool(after) and after[0][:1].isupper() and after[0].lower() not in FUNCTION


def _fills_gap(name: str, best: _Row, claim: str, known: frozenset[str]) -> bool:
    """Return whether a name stands where the best sentence has another name, or has a subject."""
    if name in best.names:
        return False
    claimed = set(_names_in(claim))
    others = {n for n in best.names if n in known and n not in claimed}
    starts = re.match(r"(?:It|He|She|They|Its|His|Her|Their|This|The|These|A|An)\b", best.text)
    return bool(others) or not (starts or stem(name.lower()) in best.near)


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
    passages: Sequence[Passage], rows: list[_Row], claim: str, question: str
) -> Judgement | None:
    asked = set(content(question))
    mine = [s for s in content(claim) if s not in _TALK_STEMS]
    new = [s for s in mine if s not in asked] or mine
    near = frozenset().union(*(r.near for r in rows))
    whole = frozenset().union(*(content(s.text) for p in passages for s in p.sentences)) | near
    missing = [s for s in new if not _has(near, s)]
    absent = [s for s in missing if not _has(whole, s)]
    allowed = len(new) * 0.4 if len(new) > 2 else 0
    if len(missing) > allowed + 0.5 and (absent or len(missing) > 0.6 * len(new)):
        shown = ", ".join((absent or missing)[:4])
        return Judgement(
            False,
            f"The passage does not say so (nothing there on: {shown}); nearest: {quote(rows[0].text)}.",
            "unsupported",
        )
    return None


def _has(stems: frozenset[str], word: str) -> bool:
    if word in stems:
        return True
    if len(word) < 5:
        return False
    head = word[: max(5, len(word) - 3)]
    return any(s.startswith(head) or (len(s) > 4 and word.startswith(s)) for s in stems)


def _clauses(text: str) -> list[str]:
    return [
        c
        for c in re.split(
            r"[,;:]| (?:but|although|though|while|whereas|and|because|until|when|if|who|which|that) ",
            text,
        )
        if c.strip()
    ]


def _weighed(text: str) -> set[str]:
    return set(content(text)) | set(numbers(text))


def _polarity_differs(claim: str, sentence: str) -> bool:
    """Return whether a clause of the claim denies what its like in the sentence affirms, or back."""
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


def check_answer(passages: Sequence[Passage], question: str, answer: str) -> Judgement:
    """Return whether each claim of an answer agrees with the passages; the first fault decides."""
    claims = said(answer)
    if not claims:
        return Judgement(False, "The answer is empty.", "unsupported")
    if _is_foreign(passages, answer):
        return _foreign(passages, answer)
    last = Judgement(True, "The answer claims nothing that the passage could contradict.")
    refused = False
    for claim in claims:
        if _REFUSAL.search(claim):
            refused = True
            continue
        if claim.rstrip().endswith("?") or _is_correction(claim) or _small_talk(claim):
            continue
        last = check_claim(passages, _bare(claim), question)
        if not last.ok:
            return last
        astray = _adds(passages, question, _bare(claim))
        if astray:
            return astray
    if refused and question and answerable(passages, question).ok:
        best = best_rows(passages, question)
        return Judgement(
            False,
            f"The answer says it is not known, but the passage tells: {quote(best[0].text)}.",
            "unsupported",
        )
    if refused:
        return Judgement(True, "The passage does not tell, and the answer says so.")
    return _answers_kind(question, answer) or _yes_no(passages, question, answer) or last


def _adds(passages: Sequence[Passage], question: str, claim: str) -> Judgement | None:
    """Return a failure where a claim has a word of its own and its question finds no answer."""
    whole = frozenset(s for p in passages for s in content(p.text))
    new = [s for s in content(claim) if s not in _TALK_STEMS and not _has(whole, s)]
    if not new or not question:
        return None
    asked = answerable(passages, question)
    if asked.ok:
        return None
    return Judgement(
        False, f"The passage has nothing on {', '.join(new[:3])}. {asked.reason}", "unsupported"
    )


def _is_foreign(passages: Sequence[Passage], text: str) -> bool:
    if not all(p.english for p in passages):
        return True
    return not is_english(text) and (not text.isascii() or len(words(text)) > 12)


def _is_correction(claim: str) -> bool:
    return bool(_CORRECTION.search(claim)) and not numbers(claim)


def _small_talk(claim: str) -> bool:
    return len([s for s in content(claim) if s not in _TALK_STEMS]) == 0 and not numbers(claim)


def _bare(claim: str) -> str:
    claim = re.sub(
        r"^(?:The (?:question|premise)[^:]{0,80}:|That is not (?:correct|right|so):)\s*", "", claim
    )
    return re.sub(r"^(?:According to|As stated in|Based on) [^,]+,\s*", "", claim)


def _answers_kind(question: str, answer: str) -> Judgement | None:
    """Return a failure where the question asks for a number or date and the answer has none."""
    low = question.lower().lstrip("* ")
    if re.match(r"(?:how many|how much|in (?:which|what) year)\b", low) and not numbers(answer):
        if not re.search(
            r"\b(?:one|no|none|half|all|several|many|few|dozen|both|most)\b", answer, re.IGNORECASE
        ):
            return Judgement(
                False, "The question asks for a number and the answer gives none.", "unsupported"
            )
    return None


def _yes_no(passages: Sequence[Passage], question: str, answer: str) -> Judgement | None:
    """Return a failure where a bare yes or no contradicts the passage."""
    found = re.match(r"\s*(yes|no)\b", answer, re.IGNORECASE)
    if not found or len(words(answer)) > 3 or not question:
        return None
    rows = best_rows(passages, question)
    if not rows:
        return Judgement(False, "Nothing in the passage speaks of it.", "unsupported")
    holds = check_claim(passages, question.rstrip("?")).ok
    if holds != (found[1].lower() == "yes"):
        return Judgement(False, f"The passage says otherwise: {quote(rows[0].text)}.", "negation")
    return None


def _foreign(passages: Sequence[Passage], answer: str) -> Judgement:
    """Return whether an answer that is not English repeats its passage: numbers and words by sight."""
    text = "\n".join(p.text for p in passages)
    for number in re.findall(r"\d+", answer):
        if number not in re.findall(r"\d+", text):
            return Judgement(
                False, f"The answer gives {number}, which the passage does not.", "number"
            )
    grams = {answer[i : i + 3].lower() for i in range(len(answer) - 2)}
    share = sum(g in text.lower() for g in grams) / max(1, len(grams))
    if share < 0.6:
        return Judgement(False, "The answer's words do not stand in the passage.", "unsupported")
    return Judgement(True, "The answer's words stand in the passage.")


_NEEDS = (
    (re.compile(r"^(?:when|in (?:which|what) year|what year|on (?:which|what) (?:day|date))\b", re.IGNORECASE),
     re.compile(r"\d|\b(?:noon|midnight|dawn|dusk|morning|evening|night|summer|winter|spring|autumn|century|"
                r"day|week|month|year|before|after|until|when|while|during|once|since|sunday|monday|tuesday|"
                r"wednesday|thursday|friday|saturday|if|at)\w*\b", re.IGNORECASE), "a time"),
    (re.compile(r"^(?:how many|how much|what percentage|how often)\b", re.IGNORECASE),
     re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|"
                r"thousand|million|half|twice|once|thirty|forty|fifty|twenty|every|each|all|no|none|daily|"
                r"weekly|monthly|yearly|annually|few|several|many|most|\w+teen)\b", re.IGNORECASE), "an amount"),
)  # fmt: skip
_ATTRIBUTES = frozenset(
    stem(w)
    for w in [
        "cost",
        "price",
        "deep",
        "depth",
        "colour",
        "color",
        "name",
        "age",
        "weight",
        "weigh",
        "tall",
        "height",
        "wide",
        "width",
        "salary",
        "population",
        "temperature",
        "speed",
        "religion",
        "nationality",
        "mother",
        "father",
        "wife",
        "husband",
        "sister",
        "brother",
        "budget",
        "length",
        "area",
        "volume",
        "inventor",
        "capital",
        "pet",
        "species",
        "distance",
        "diameter",
        "thickness",
        "brand",
    ]
)


def answerable(passages: Sequence[Passage], question: str) -> Judgement:
    """Return whether the passages answer a question, with the sentence that does."""
    bare = re.sub(
        r"^(?:According to|Based on|In) (?:the|this) (?:text|passage|\w+),\s*",
        "",
        question.strip(" *"),
    )
    if _is_foreign(passages, bare):
        return _foreign_question(passages, bare)
    wanted = _wanted(bare)
    rows = best_rows(passages, bare)
    if not rows:
        return Judgement(False, "Nothing in the passage speaks of what is asked.", "unsupported")
    near = frozenset().union(*(r.near for r in rows[:2]))
    whole = frozenset(s for p in passages for s in content(p.text))
    everywhere = {n for p in passages for n in _names_in(p.text)}
    for number in numbers(bare):
        if not any(number in numbers(p.text) for p in passages):
            return Judgement(
                False,
                f"The question takes {number} for granted, which the passage does not have.",
                "number",
            )
    for name in _asked_names(bare):
        if name not in everywhere and not _has(whole, stem(name.lower())):
            return Judgement(False, f"The passage does not mention {name}.", "name")
    missing = [s for s in wanted if not _has(near, s)]
    absent = [s for s in wanted if not _has(whole, s)]
    asked_for = [s for s in absent if s in _ATTRIBUTES and not _implied(s, rows)]
    allowed = 0 if len(wanted) < 4 else 1 if len(wanted) < 7 else 2
    if asked_for or len(absent) > allowed or len(missing) > max(allowed, 0.5 * len(wanted)):
        shown = ", ".join((asked_for or absent or missing)[:4])
        return Judgement(
            False,
            f"The passage does not tell (nothing on: {shown}); nearest: {quote(rows[0].text)}.",
            "unsupported",
        )
    for pattern, need, what in _NEEDS:
        if pattern.match(bare) and not any(need.search(r.text) for r in rows):
            return Judgement(
                False,
                f"The question asks for {what}; the nearest sentence has none: {quote(rows[0].text)}.",
                "unsupported",
            )
    return Judgement(True, f"The passage answers it: {quote(rows[0].text)}.")


def _wanted(question: str) -> list[str]:
    """Return the stems that an answering passage must have; `how high` asks, it does not tell."""
    asking = re.match(r"how (\w+)", question, re.IGNORECASE)
    free = stem(asking[1].lower()) if asking else ""
    skip = _TALK_STEMS | ({free} - _ATTRIBUTES)
    return [s for s in content(question) if s not in skip]


_UNITS = {
    "age": r"\byears? old|\baged?\b|\bborn\b", "name": r"\b(?:named|called|[A-Z]\w+)\b",
    "length": r"\d+ ?(?:km|kilomet|met|mile|feet|foot|m\b)|\blong\b", "population": r"\b(?:inhabitants|people|residents)\b",
    "price": r"\b(?:pounds|dollars|euros|crowns|cost)|[$€£]", "cost": r"\b(?:pounds|dollars|euros|crowns|price)|[$€£]",
    "weigh": r"\d+ ?(?:kg|kilogram|tons?|tonnes|grams|pounds)", "weight": r"\d+ ?(?:kg|kilogram|tons?|tonnes|grams|pounds)",
    "height": r"\d+ ?(?:met|feet|m\b)|\btall\b|\bhigh\b", "tall": r"\d+ ?(?:met|feet|m\b)|\bheight\b|\bhigh\b",
    "speed": r"\d+ ?(?:km|kilomet|mile|met|knot)|\bper (?:hour|second)", "distance": r"\d+ ?(?:km|kilomet|met|mile)",
    "temperature": r"\bdegrees?\b|°",
}  # fmt: skip


def _implied(attribute: str, rows: Sequence[_Row]) -> bool:
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


def relevant(passages: Sequence[Passage], question: str, answer: str) -> Judgement:
    """Return whether an answer keeps to its question and to the passages."""
    accurate = check_answer(passages, question, answer)
    if not accurate.ok:
        return accurate
    told = set(content(answer)) | {
        s for c in said(answer) for r in best_rows(passages, c, question)[:1] for s in r.near
    }
    wanted = [s for s in content(question) if s not in _TALK_STEMS]
    if wanted and not any(_has(frozenset(told), s) for s in wanted) and not _REFUSAL.search(answer):
        return Judgement(False, "The answer does not speak of what is asked.", "unsupported")
    return accurate


def contradicts(passages: Sequence[Passage], question: str) -> Judgement:
    """Return whether a question about the passage's matter takes something untrue for granted."""
    claim = re.sub(
        r"^(?:why|how|how come|when|since|given that|is it true that)\b(?: (?:is it that|did|does|do|was|were|is|are))?\s*",
        "",
        question.strip(),
        flags=re.IGNORECASE,
    ).rstrip("?")
    rows = best_rows(passages, claim)
    wanted = [s for s in content(claim) if s not in _TALK_STEMS]
    near = frozenset().union(*(r.near for r in rows))
    if not rows or sum(_has(near, s) for s in wanted) < 0.4 * len(wanted):
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


def passages_of(texts: Sequence[str]) -> tuple[Passage, ...]:
    """Return the passages of some texts, read once each."""
    return tuple(read_passage(t) for t in texts)
