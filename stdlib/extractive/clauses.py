"""Predicates cut to their core and turned into questions, and dates and places inside them."""

from __future__ import annotations

import re
from functools import lru_cache

from atkc.stdlib.extractive.facts import Fact
from atkc.stdlib.extractive.grammar import PRONOUNS
from atkc.stdlib.extractive.verbs import finite
from atkc.stdlib.extractive.wordlist import wordset
from atkc.stdlib.extractive.words import WORD

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"


_DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)? )?(?:(?:{_MONTHS}) )?(?:\d{{1,2}}, )?[12]\d{{3}}s?(?: BCE?| "
    rf"CE)?"
    rf"|\d{{1,2}} (?:{_MONTHS})|the (?:(?:early|late|mid-?) ?)?(?:\d{{4}}s|[\w-]+ century)|the \d+s"
)


WHEN = re.compile(
    rf"\s*\b(?:in|on|around) (?:about |around |the (?:spring|summer|autumn|winter|year|years) of |"
    rf"(?:early |late |mid-)?)?(?:{_DATE})(?!\w)(?! [A-Za-z]+s\b(?<! of))"
)


_STOP_CORE = re.compile(
    r"[;:–—]| - |,(?!\d)| (?:because|so that|in order to|although|though|while|whereas|which|who|"
    r"whose|"
    r"where|until|unless|but|when|if|as|since|after|before)\b"
)


PP = re.compile(
    r"\s(?:including|of|in|on|at|by|for|with|from|to|into|onto|over|under|as|per|via|through|"
    r"during|between|"
    r"among|against|within|without|across|along|around|near|every|each|about)\b"
)


APPROX = (
    r"(?:about|some|nearly|over|around|roughly|approximately|almost|at least|up to|more than|"
    r"exactly|only|fewer than|less than|no more than)"
)


WHERE_PP = re.compile(
    r"^(?:\w+ly )?(in|at|on|near|along|between|off|under|above|inside|within|outside|beside) "
)


@lru_cache(maxsize=4_096)
def core_of(rest: str) -> str:
    """Return the predicate up to its first clause boundary or second verb."""
    found = _STOP_CORE.search(" " + rest)
    core = rest[: max(0, found.start() - 1)] if found else rest
    for match in re.finditer(r" and ", core):
        after = WORD.findall(core[match.end() :])
        if after and _second_verb(after):
            return core[: match.start()]
    return core.strip()


def _second_verb(after: list[str]) -> bool:
    first = after[0].lower()
    verb = after[1].lower() if first.endswith("ly") and len(after) > 1 else first
    form = finite(verb)
    return form is not None and form.tense != "base" and len(after) > 1


_LEANING = (PRONOUNS - wordset("that which who all most many some one there")) | wordset(
    "its his her their him them itself himself herself themselves this"
)


def own_words(text: str) -> bool:
    """Return whether a phrase leans on no pronoun."""
    return not {w.lower() for w in WORD.findall(text)} & _LEANING


def invert(fact: Fact, rest: str, wh: str) -> str:
    """Return `wh` + the clause with its verb before its subject, as a question."""
    adverb = (
        f"{fact.adverb} "
        if fact.adverb and fact.adverb.split()[0] not in ("also", "then", "therefore", "thus")
        else ""
    )
    if fact.auxiliary:
        parts = f"{wh} {fact.verb} {fact.subject} {adverb}{rest}"
    else:
        form = finite(fact.verb)
        base = (
            form.base
            if form
            else {"has": "have", "had": "have", "does": "do", "did": "do"}.get(fact.verb, fact.verb)
        )
        do = "did" if fact.past else "do" if fact.plural else "does"
        parts = f"{wh} {do} {fact.subject} {adverb}{base} {rest}"
    return re.sub(r"\s+", " ", parts).strip(" ,") + "?"
