"""Classes of English words, and the heads and number of noun phrases."""

from __future__ import annotations

import re

from atkc.stdlib.extractive.wordlist import wordset
from atkc.stdlib.extractive.words import WORD

PRONOUNS = wordset("""
    i we you he she it they this that these those who which what one some many most all both each
    others another none me him them us mine his hers theirs there here neither either
    """)


OWNERS = re.compile(
    r"\b(?:my|our|your|his|her|its|their|him|them|us|itself|himself|herself|themselves)\b",
    re.IGNORECASE,
)


DETERMINER = wordset(
    """the a an its their his her this these those every each any no some my our"""
)


PREPOSITIONS = wordset("""
    of in on at by for with from to into onto upon over under about as per via through during
    before after between among against within without across along around near off behind beside
    """)


BREAKS = wordset("""
    and but or that which who whom whose because when while where if although though whereas since
    so unless until after before than what how as to
    """)


ADVERBS = wordset("""
    also then later often usually soon always still now first typically sometimes eventually
    finally again already generally normally mainly mostly once therefore thus today together both
    """)


_PLURALS = wordset("""
    people men women children feet teeth mice geese data bacteria cattle police fungi larvae
    reindeer deer sheep fish algae
    """)


_SINGULAR_S = ("ss", "us", "is", "ics", "ous")


def is_plural(noun: str) -> bool:
    """Return whether a noun looks plural."""
    low = noun.lower()
    return low in _PLURALS or (low.endswith("s") and len(low) > 3 and not low.endswith(_SINGULAR_S))


def head_of(phrase: str) -> str:
    """Return the head of a noun phrase: the last word before a preposition or comma."""
    found = WORD.findall(re.split(r",|\(", phrase)[0])
    for i, word in enumerate(found):
        if i and word.lower() in PREPOSITIONS:
            return str(found[i - 1])
    return str(found[-1]) if found else ""


def plural_phrase(phrase: str) -> bool:
    """Return whether a subject takes a plural verb."""
    before = re.split(r"\b(?:of|in|on|at|from|with|for|to|by)\b", phrase)[0]
    head = head_of(before)
    named = head[:1].isupper() and not phrase.lower().startswith("the ")
    return (is_plural(head) and not named) or " and " in before
