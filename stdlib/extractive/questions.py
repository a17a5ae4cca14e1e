"""Facts turned into questions whose answer is the sentence that the fact was read from."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from atkc.stdlib.extractive.clauses import own_words
from atkc.stdlib.extractive.facts import Fact, facts_of, sentences_of
from atkc.stdlib.extractive.grammar import is_plural
from atkc.stdlib.extractive.makers import MAKERS
from atkc.stdlib.extractive.sentences import Passage, read_passage, topics
from atkc.stdlib.extractive.words import FUNCTION, NEGATIONS, WORD


class Asked(Struct, frozen=True):
    """A question, the sentence that answers it, and how good the question is (higher is better)."""

    question: str
    answer: str
    kind: str
    score: int
    index: int  # of the answer's sentence in the passage


_ONCE_ENOUGH = re.compile(r"\b(\w+) \1\b", re.IGNORECASE)


def expand(passage: Passage, subject: str) -> str:
    """Return `the canal` as `the Verin Canal` where exactly one name of the passage ends so."""
    found = re.fullmatch(r"the ([a-z]+|[A-Z]\w+)", subject)
    return (_full_name(passage.text, found[1].lower()) or subject) if found else subject


@lru_cache(maxsize=4_096)
def _full_name(text: str, noun: str) -> str:
    """Return the one name in the text that ends in a noun, with its article, or an empty text."""
    if text.lower().count(f" {noun}") < 2:
        return ""
    passage = read_passage(text)
    fits = [n for n in passage.names if n.lower().endswith(" " + noun)]
    fits += [n for n in passage.names if f" {noun} of " in f" {n.lower()}"]
    compound = re.findall(
        rf"\bthe ((?:[A-Z]\w+ )+(?:[a-z]+ )?{noun})\b", passage.text, re.IGNORECASE
    )
    if len(set(fits)) == 1:
        return f"the {fits[0]}"
    named = [c for c in dict.fromkeys(compound) if c[0].isupper()]
    return f"the {named[0]}" if not fits and len(named) == 1 else ""


def _weight(fact: Fact, score: int) -> int:
    general = fact.plural or not fact.subject.startswith("the ")
    return score * 2 + (2 if fact.specific else 1 if general else 0)


def of_fact(passage: Passage, fact: Fact) -> list[Asked]:
    """Return the questions that one fact answers, best first."""
    fact = full(passage, fact)
    if (
        any(w in NEGATIONS for w in (fact.rest.lower().split() or [""])[:3])
        or fact.adverb in NEGATIONS
    ):
        return []
    found = []
    for maker in MAKERS:
        for kind, question, score in maker(fact):
            if _grammatical(question):
                shown = question[0].upper() + question[1:]
                found.append(Asked(shown, fact.sentence, kind, _weight(fact, score), fact.index))
    return sorted(found, key=lambda a: -a.score)


def _renamed(fact: Fact, subject: str) -> Fact:
    """Return the fact with a fuller subject, in its sentence too where the subject stands first."""
    sentence = fact.sentence
    if sentence.lower().startswith(fact.subject.lower()):
        sentence = subject[:1].upper() + subject[1:] + sentence[len(fact.subject) :]
    return replace(fact, sentence=sentence, subject=subject, specific=True)


def full(passage: Passage, fact: Fact) -> Fact:
    """Return the fact with its subject called by its full name where the passage has one."""
    subject = expand(passage, fact.subject)
    return fact if subject == fact.subject else _renamed(fact, subject)


def _grammatical(question: str) -> bool:
    found = question[:-1].split()
    last = found[-1].lower().strip(",")
    dangling = {"the", "a", "an", "and", "or", "about", "every", "than", "that", "per", "is", "are"}
    return (
        3 <= len(found) <= 28
        and last not in dangling
        and own_words(question.partition(" ")[2])
        and not _ONCE_ENOUGH.search(question)
        and question.count("(") == question.count(")")
    )


@lru_cache(maxsize=256)
def questions_of(text: str) -> tuple[Asked, ...]:
    """Return every good question of a passage, in the passage's order; never none for any text."""
    passage = read_passage(text)
    found = [a for f in facts_of(text) for a in of_fact(passage, f)]
    unique = tuple({a.question: a for a in reversed(found)}.values())[::-1]
    best = [a for a in unique if a.score >= 5]
    if len({a.index for a in best}) >= 3:
        return tuple(best)
    return unique if len(unique) >= 2 else unique + fallback(passage)


def fallback(passage: Passage) -> tuple[Asked, ...]:
    """Return questions that only name what a sentence is about."""
    found: list[Asked] = []
    for topic in topics(passage)[:8]:
        for sentence in sentences_of(passage):
            if re.search(rf"\b{re.escape(topic)}\b", sentence.text):
                shown = topic if topic in passage.names or is_plural(topic) else f"the {topic}"
                index = passage.sentences.index(sentence)
                found.append(
                    Asked(f"What is known about {shown}?", sentence.text, "about", 0, index)
                )
                break
    if found:
        return tuple(found)
    return tuple(
        Asked(f"What does the passage say about {keyword(s.text)}?", s.text, "about", 0, i)
        for i, s in enumerate(passage.sentences)
    )


def keyword(sentence: str) -> str:
    """Return the longest word of a sentence, or 12 characters where words are not spaced."""
    found = [w for w in WORD.findall(sentence) if w.lower() not in FUNCTION]
    if not found:
        return f"“{sentence[:12]}”"
    longest = max(found, key=len)
    return f"“{longest[:12] if not longest.isascii() and len(longest) > 24 else longest}”"
