"""Facts turned into questions whose answer is the sentence that the fact was read from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from atkc.stdlib.extractive.facts import (
    PRONOUNS,
    Fact,
    facts_of,
    is_plural,
    sentences_of,
)
from atkc.stdlib.extractive.sentences import Passage, read_passage, topics
from atkc.stdlib.extractive.verbs import finite, participle_base, past, third
from atkc.stdlib.extractive.words import FUNCTION, NEGATIONS, WORD, number_of


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the sentence that answers it, and how good the question is (higher is better)."""

    question: str
    answer: str
    kind: str
    score: int
    index: int  # of the answer's sentence in the passage


_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)? )?(?:(?:{_MONTHS}) )?(?:\d{{1,2}}, )?[12]\d{{3}}s?(?: BCE?| CE)?"
    rf"|\d{{1,2}} (?:{_MONTHS})|the (?:(?:early|late|mid-?) ?)?(?:\d{{4}}s|[\w-]+ century)|the \d+s"
)
_WHEN = re.compile(
    rf"\s*\b(?:in|on|around) (?:about |around |the (?:spring|summer|autumn|winter|year|years) of |"
    rf"(?:early |late |mid-)?)?(?:{_DATE})(?!\w)(?! [A-Za-z]+s\b(?<! of))"
)
_STOP_CORE = re.compile(
    r"[;:–—]| - |,(?!\d)| (?:because|so that|in order to|although|though|while|whereas|which|who|whose|"
    r"where|until|unless|but|when|if|as|since|after|before)\b"
)
_PP = re.compile(
    r"\s(?:of|in|on|at|by|for|with|from|to|into|onto|over|under|as|per|via|through|during|between|"
    r"among|against|within|without|across|along|around|near|every|each|about)\b"
)
_APPROX = (
    r"(?:about|some|nearly|over|around|roughly|approximately|almost|at least|up to|more than|"
    r"exactly|only|fewer than|less than|no more than)"
)
_WHERE_VERBS = frozenset(
    [
        "lie",
        "stand",
        "live",
        "locate",
        "situate",
        "flow",
        "grow",
        "occur",
        "dwell",
        "settle",
        "take",
        "bear",
        "bury",
        "find",
        "hold",
        "keep",
        "store",
        "work",
        "reside",
        "rise",
        "nest",
    ]
)
_WHERE_PP = re.compile(
    r"^(?:\w+ly )?(in|at|on|near|along|between|off|under|above|inside|within|outside|beside) "
)
_WITH = {
    "consist": "of", "depend": "on", "belong": "to", "lead": "to", "result": "in", "rely": "on",
    "contribute": "to", "react": "with", "respond": "to", "apply": "to", "feed": "on",
    "differ": "from", "originate": "from", "serve": "as", "act": "as", "bind": "to",
    "function": "as", "refer": "to", "connect": "to", "flow": "into", "turn": "into",
    "account": "for", "arise": "from", "derive": "from", "specialise": "in",
}  # fmt: skip
_PASSIVE_WITH = frozenset(
    ("made of", "made from", "used for", "used as", "known as", "known for", "based on", "replaced by",
     "composed of", "caused by", "followed by", "covered with", "derived from", "connected to",
     "converted into", "filled with", "driven by", "powered by", "surrounded by", "used in")
)  # fmt: skip
_IDIOMS = frozenset(
    [
        "take",
        "give",
        "get",
        "put",
        "set",
        "go",
        "come",
        "keep",
        "let",
        "do",
        "seem",
        "appear",
        "happen",
        "tend",
        "remain",
        "stay",
        "say",
        "think",
        "believe",
        "argue",
        "claim",
        "suggest",
        "show",
        "mean",
        "cost",
        "weigh",
        "begin",
        "start",
        "continue",
        "try",
        "hope",
        "want",
        "expect",
        "lack",
        "sit",
        "look",
        "fall",
        "last",
        "wait",
        "help",
        "decline",
        "increase",
        "rise",
    ]
)
_PEOPLE = frozenset(
    [
        "marry",
        "meet",
        "succeed",
        "defeat",
        "appoint",
        "hire",
        "arrest",
        "accuse",
        "teach",
        "join",
        "follow",
        "thank",
        "accompany",
    ]
)
_PERSON = re.compile(
    r"\b(?:man|woman|king|queen|duke|duchess|prince|princess|emperor|bishop|pope|saint|general|captain|"
    r"president|minister|mayor|governor|judge|keeper|poet|monk|nun|nurse|physician|chemist|"
    r"\w+(?:ologist|icist|botanist|scientist|artist|pianist|novelist|economist|ian|engineer|painter|"
    r"writer|teacher|lawyer|farmer|merchant|explorer|philosopher|officer|leader|ruler|inventor|"
    r"sculptor|author|doctor|sailor|tailor)|botanist|scientist|artist|engineer|painter|writer|teacher|lawyer|"
    r"farmer|merchant|inventor|author|doctor|sailor|architect|student)s?\b",
    re.IGNORECASE,
)
_HUMAN_VERBS = frozenset(
    [
        "write",
        "paint",
        "found",
        "invent",
        "discover",
        "argue",
        "marry",
        "design",
        "compose",
        "die",
        "teach",
        "study",
        "believe",
        "describe",
        "propose",
        "row",
        "carry",
        "order",
        "sell",
        "buy",
        "open",
        "sign",
        "publish",
        "lead",
        "command",
        "dig",
        "restore",
        "refuse",
        "reject",
        "say",
        "persuade",
        "visit",
        "travel",
        "arrive",
        "return",
        "walk",
        "speak",
        "think",
        "elect",
        "sail",
        "wait",
        "sit",
        "light",
    ]
)
_THINGS = re.compile(
    r"\b(?:River|Canal|Treaty|Act|Bridge|Island|Lake|Mount|Sea|Ocean|City|War|Tower|Castle|Palace|"
    r"Railway|Museum|Station|Church|Observatory|Street|Valley|Strait|Law|Plan|Project|Programme)\b"
)
_ORGANISATION = re.compile(
    r"\b(?:University|Company|Court|Engineering|Institute|Bank|Society|Council|Party|Union|Empire|"
    r"Press|Parliament|Congress|Senate|Ministry|Department|Corporation|Ltd|Inc|Commission|Agency|"
    r"Laboratory|Army|Navy|College|School|Committee|Guild|Academy|Brothers|Sons|Office|Team|Works)\b"
)


@lru_cache(maxsize=4_096)
def core_of(rest: str) -> str:
    """Return the predicate up to its first clause boundary or second verb."""
    found = _STOP_CORE.search(rest)
    core = rest[: found.start()] if found else rest
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


def own_words(text: str) -> bool:
    """Return whether a phrase leans on no pronoun."""
    low = {w.lower() for w in WORD.findall(text)}
    return not low & (
        PRONOUNS - {"that", "which", "who", "all", "most", "many", "some", "one"}
    ) and not (
        low
        & {"its", "his", "her", "their", "him", "them", "itself", "himself", "themselves", "this"}
    )


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


def _when(fact: Fact) -> Iterator[tuple[str, str, int]]:
    core = core_of(fact.rest)
    if fact.lead and _WHEN.fullmatch(" " + fact.lead[0].lower() + fact.lead[1:]):
        yield "when", invert(fact, core, "When"), 3
    found = _WHEN.search(" " + core)
    if found:
        rest = (" " + core)[: found.start()] + (" " + core)[found.end() :]
        if not (fact.be and not rest.strip()) and not re.search(r"\bbetween\b", rest):
            yield "when", invert(fact, rest, "When"), 3


def _quantity(core: str) -> re.Match[str] | None:
    found = re.match(rf"(?:{_APPROX} )?([\w.,-]+) (.*)$", core)
    if (
        found is None
        or number_of(found[1]) is None
        or "-" in found[1]
        or re.fullmatch(r"[12]\d{3}", found[1])
    ):
        return None
    return found


def _how_many(fact: Fact) -> Iterator[tuple[str, str, int]]:
    core = core_of(fact.rest)
    tall = re.match(rf"(?:{_APPROX} )?[\w.,-]+ [a-z]+ (tall|high|long|wide|deep|thick|old)\b", core)
    if fact.be and tall and _quantity(core):
        yield "number", invert(fact, "", f"How {tall[1]}"), 3
    head = ""
    if fact.auxiliary and not fact.be:
        head, _, core = core.partition(" ")
    found = _quantity(core)
    if found and not (fact.be and fact.subject != "there") and head not in ("not", "be", "been"):
        share = re.match(r"(?:percent|per cent) of (.*)$", found[2])
        noun, rest = _noun_phrase(found[2])
        rest = rest if rest.startswith("between ") else re.sub(r"\s*\band\b.*$", "", rest)
        if share:
            noun, rest = _noun_phrase(share[1])
            yield "number", invert(fact, f"{head} {rest}", f"What percentage of {noun}"), 3
        elif (noun and is_plural(noun.split()[-1])) or noun.split()[-1:] in (
            ["bar"],
            ["kg"],
            ["km"],
            ["m"],
            ["mm"],
            ["cm"],
        ):
            yield "number", invert(fact, f"{head} {rest}", f"How many {noun}"), 3
    attribute = re.match(rf"an? ((?:[a-z]+ )?[a-z]+) of (?:{_APPROX} )?(\S+)", core)
    if attribute and number_of(attribute[2]) and not fact.auxiliary:
        yield "number", invert(fact, "", f"What {attribute[1]}"), 3


def _noun_phrase(text: str) -> tuple[str, str]:
    """Return (noun phrase, what follows it); the phrase is empty where it is longer than 4 words."""
    found = _PP.search(" " + text)
    end = max(found.start() - 1, 0) if found else len(text)
    phrase = re.split(r" (?:and|or|that|to|then|later) ", text[:end] + " ")[0].strip()
    rest = text[len(phrase) :].strip()
    if not 1 <= len(phrase.split()) <= 4 or re.search(r"(?:ing|ed)$", phrase):
        return "", text
    return phrase, rest


def _why(fact: Fact) -> Iterator[tuple[str, str, int]]:
    found = re.search(
        r",? (?:because|due to|so that|in order to|as a result of|since it|thanks to)\b", fact.rest
    )
    if found:
        before = fact.rest[: found.start()]
        if own_words(before) and len(before) < 140:
            yield "why", invert(fact, before, "Why"), 4


def _lead_clause(fact: Fact) -> Iterator[tuple[str, str, int]]:
    if re.match(r"(?:If|When|Whenever|Once|As soon as) ", fact.lead) and own_words(fact.lead):
        happens = "happened" if fact.past else "happens"
        lead = fact.lead[0].lower() + fact.lead[1:]
        if re.search(r"\b(?:is|are|was|were|\w+s|\w+ed)\b", lead) and len(lead.split()) > 3:
            yield "consequence", f"What {happens} {lead}?", 4


def person_like(phrase: str, verb: str = "") -> bool:
    """Return whether a phrase names a person or people, as far as words tell."""
    if _THINGS.search(phrase):
        return False
    form = finite(verb)
    human = form is not None and form.base in _HUMAN_VERBS
    named = bool(re.match(r"^(?:[A-Z][\w'’-]+)(?: (?:van|von|de|of|[A-Z])[\w'’.-]*)*$", phrase))
    return (
        bool(_PERSON.search(phrase))
        or (named and human)
        or (human and bool(re.search(r"(?:ers|ors|ists|ians)\b", phrase)))
    )


def _asker(phrase: str, verb: str) -> str:
    return "Who" if _ORGANISATION.search(phrase) or person_like(phrase, verb) else "What"


def _what_is(fact: Fact) -> Iterator[tuple[str, str, int]]:
    if not fact.be or fact.subject == "there" or fact.adverb:
        return
    found = re.match(r"(?:an?|the|one of|any) (.*)$", fact.rest)
    bare = (
        fact.plural
        and re.match(r"(?:[a-z-]+ ){0,3}[a-z-]+s\b", fact.rest)
        and not participle_base(fact.rest.split()[0])
    )
    if not (found or bare) or re.match(r"the \w+ (?:of|in|for)", fact.subject):
        return
    person = person_like(found[1] if found else "") and fact.specific and not fact.plural
    yield "definition", f"{'Who' if person else 'What'} {fact.verb} {fact.subject}?", 4
    if fact.rest.startswith("the ") and fact.specific and not fact.plural:
        core = core_of(fact.rest)
        if own_words(core) and len(core.split()) > 3:
            yield "name", f"{'Who' if person else 'What'} {fact.verb} {core}?", 3


def _where(fact: Fact) -> Iterator[tuple[str, str, int]]:
    core = core_of(fact.rest)
    form = finite(fact.verb)
    head = ""
    if fact.be:
        head, _, core = core.partition(" ")
    base = participle_base(head) if head else form.base if form else None
    place = _WHERE_PP.match(core)
    if (
        base in _WHERE_VERBS
        and place
        and not _WHEN.match(" " + core)
        and not re.match(r"(?:in|on|at) \d", core)
    ):
        if base == "take" and not core.startswith("place"):
            return
        yield "where", invert(fact, head, "Where"), 3


def _what_with(fact: Fact) -> Iterator[tuple[str, str, int]]:
    core = core_of(fact.rest)
    first, _, after = core.partition(" ")
    form = finite(fact.verb)
    if not fact.auxiliary and form and _WITH.get(form.base) == first and after:
        yield "what", invert(fact, first, "What"), 3
    if fact.be:
        two = " ".join(core.split()[:2])
        if two in _PASSIVE_WITH and len(core.split()) > 2:
            yield "what", invert(fact, two, "What"), 3


def _object(fact: Fact) -> Iterator[tuple[str, str, int]]:
    core = core_of(fact.rest)
    form = finite(fact.verb)
    if fact.auxiliary or form is None or form.base in _IDIOMS | _PEOPLE or not core:
        return
    first = core.split()[0]
    if first.lower() in FUNCTION - {
        "the",
        "a",
        "an",
        "many",
        "several",
        "few",
        "most",
        "more",
    } or first.endswith("ly"):
        return
    if first.lower() in PRONOUNS | NEGATIONS or (first[0].isupper() and person_like(core, "wrote")):
        return
    if fact.verb in ("has", "have", "had"):
        yield "what", invert(fact, "", "What"), 1
        return
    found = _WHEN.search(" " + core)
    tail = found[0].strip() if found else ""
    yield "what", invert(fact, tail, "What"), 2


def _subject(fact: Fact) -> Iterator[tuple[str, str, int]]:
    core = core_of(fact.rest)
    if (
        fact.subject == "there"
        or len(core.split()) < 2
        or not own_words(core)
        or re.search(r"\bnot\b|\bno\b", core)
    ):
        return
    who = _asker(fact.subject, fact.verb)
    form = finite(fact.verb)
    if fact.be:
        if not fact.plural and participle_base(core.split()[0]) and re.search(r"[A-Z\d]", core):
            yield "who", f"{who} {fact.verb} {core}?", 2
        return
    if fact.auxiliary or form is None or fact.verb in ("has", "have", "had"):
        return
    verb = fact.verb if fact.past else third(form.base)
    named = bool(re.search(r"[A-Z\d]", core))
    if named or fact.specific:
        yield "who", f"{who} {verb} {core}?", 3 if named and fact.specific else 2
    else:
        yield "who", f"{who} {verb} {core}?", 1


def _agent(fact: Fact) -> Iterator[tuple[str, str, int]]:
    core = core_of(fact.rest)
    found = re.match(r"(\w+)((?: in \d{4})?) by (.+)$", core)
    if not fact.be or not found or fact.verb not in ("was", "were"):
        return
    base = participle_base(found[1])
    agent = re.sub(_WHEN, "", " " + found[3]).strip()
    if base is None or not re.match(r"(?:the |an? )?[A-Z]|the ", agent):
        return
    who = _asker(agent, past(base))
    yield "who", f"{who} {past(base)} {fact.subject}{found[2]}?", 3


_MAKERS: tuple[Callable[[Fact], Iterator[tuple[str, str, int]]], ...] = (
    _when, _how_many, _why, _lead_clause, _what_is, _where, _what_with, _agent, _object, _subject,
)  # fmt: skip
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
    for maker in _MAKERS:
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
    """Return the longest word of a sentence, or its first 12 characters where words are not spaced."""
    found = [w for w in WORD.findall(sentence) if w.lower() not in FUNCTION]
    if not found:
        return f"“{sentence[:12]}”"
    longest = max(found, key=len)
    return f"“{longest[:12] if not longest.isascii() and len(longest) > 24 else longest}”"
