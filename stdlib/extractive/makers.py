"""The kinds of question that one fact can answer: when, how many, why, what, where, who."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from atkc.stdlib.extractive.clauses import APPROX, PP, WHEN, WHERE_PP, core_of, invert, own_words
from atkc.stdlib.extractive.facts import Fact
from atkc.stdlib.extractive.grammar import PRONOUNS, is_plural
from atkc.stdlib.extractive.persons import asker, person_like
from atkc.stdlib.extractive.verbs import finite, participle_base, past, third
from atkc.stdlib.extractive.wordlist import wordset
from atkc.stdlib.extractive.words import FUNCTION, NEGATIONS, number_of

_WHERE_VERBS = wordset("""
    lie stand live locate situate flow grow occur dwell settle take bear bury find hold keep store
    work reside rise nest
    """)


_WITH = {
    "consist": "of", "depend": "on", "belong": "to", "lead": "to", "result": "in", "rely": "on",
    "contribute": "to", "react": "with", "respond": "to", "apply": "to", "feed": "on",
    "differ": "from", "originate": "from", "serve": "as", "act": "as", "bind": "to",
    "function": "as", "refer": "to", "connect": "to", "flow": "into", "turn": "into",
    "account": "for", "arise": "from", "derive": "from", "specialise": "in",
}  # fmt: skip


_PASSIVE_WITH = frozenset(
    ("made of", "made from", "used for", "used as", "known as", "known for", "based on",
     "replaced by",
     "composed of", "caused by", "followed by", "covered with", "derived from", "connected to",
     "converted into", "filled with", "driven by", "powered by", "surrounded by", "used in")
)  # fmt: skip


_IDIOMS = wordset("""
    take give get put set go come keep let do seem appear happen tend remain stay say think
    believe argue claim suggest show mean cost weigh begin start continue try hope want expect
    lack sit spend look fall last wait help decline increase rise
    """)


_PEOPLE = wordset(
    """marry meet succeed defeat appoint hire arrest accuse teach join follow thank accompany"""
)


def _when(fact: Fact) -> Iterator[tuple[str, str, int]]:
    core = core_of(fact.rest)
    if fact.lead and WHEN.fullmatch(" " + fact.lead[0].lower() + fact.lead[1:]):
        yield "when", invert(fact, core, "When"), 3
    found = WHEN.search(" " + core)
    if found:
        rest = (" " + core)[: found.start()] + (" " + core)[found.end() :]
        if not (fact.be and not rest.strip()) and not re.search(r"\bbetween\b", rest):
            yield "when", invert(fact, rest, "When"), 3


def _quantity(core: str) -> re.Match[str] | None:
    found = re.match(rf"(?:{APPROX} )?([\w.,-]+) (.*)$", core)
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
    tall = re.match(rf"(?:{APPROX} )?[\w.,-]+ [a-z]+ (tall|high|long|wide|deep|thick|old)\b", core)
    if fact.be and tall and _quantity(core):
        yield "number", invert(fact, "", f"How {tall[1]}"), 3
    head = ""
    if fact.auxiliary and not fact.be:
        head, _, core = core.partition(" ")
    found = _quantity(core)
    if found and not (fact.be and fact.subject != "there") and head not in ("not", "be", "been"):
        yield from _counted(fact, head, found[2])
    attribute = re.match(rf"an? ((?:[a-z]+ )?[a-z]+) of (?:{APPROX} )?(\S+)", core)
    if attribute and number_of(attribute[2]) and not fact.auxiliary:
        yield "number", invert(fact, "", f"What {attribute[1]}"), 3


def _counted(fact: Fact, head: str, after: str) -> Iterator[tuple[str, str, int]]:
    """Yield the question for what a number counts; `after` follows the number."""
    share = re.match(r"(?:percent|per cent) of (.*)$", after)
    noun, rest = _noun_phrase(share[1] if share else after)
    if not rest.startswith("between "):
        rest = re.sub(r"\s*\band\b.*$", "", rest)
    if not noun or rest.startswith("of "):
        return
    if share:
        yield "number", invert(fact, f"{head} {rest}", f"What percentage of {noun}"), 3
    elif is_plural(noun.split()[-1]) or noun in _UNITS:
        yield "number", invert(fact, f"{head} {rest}", f"How many {noun}"), 3


_UNITS = frozenset({"bar", "kg", "km", "m", "mm", "cm"})


def _noun_phrase(text: str) -> tuple[str, str]:
    """Return (noun phrase, what follows it); an empty phrase where it has over 4 words."""
    found = PP.search(" " + text)
    end = max(found.start() - 1, 0) if found else len(text)
    phrase = re.split(r" (?:and|or|that|to|then|later) ", text[:end] + " ")[0].strip()
    rest = text[len(phrase) :].strip()
    if not 1 <= len(phrase.split()) <= 4 or re.search(r"(?:ing|ed)$", phrase):
        return "", text
    return phrase, rest


def _why(fact: Fact) -> Iterator[tuple[str, str, int]]:
    causes = r",? (?:because|due to|so that|in order to|as a result of|since it|thanks to)\b"
    found = re.search(causes, " " + fact.rest)
    if found:
        before = fact.rest[: max(0, found.start() - 1)]
        if own_words(before) and len(before) < 140:
            yield "why", invert(fact, before, "Why"), 4


def _lead_clause(fact: Fact) -> Iterator[tuple[str, str, int]]:
    if re.match(r"(?:If|When|Whenever|Once|As soon as) ", fact.lead) and own_words(fact.lead):
        happens = "happened" if fact.past else "happens"
        lead = fact.lead[0].lower() + fact.lead[1:]
        if re.search(r"\b(?:is|are|was|were|\w+s|\w+ed)\b", lead) and len(lead.split()) > 3:
            yield "consequence", f"What {happens} {lead}?", 4


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
    place = WHERE_PP.match(core)
    if (
        base in _WHERE_VERBS
        and place
        and not WHEN.match(" " + core)
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
    found = WHEN.search(" " + core)
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
    who = asker(fact.subject, fact.verb)
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
    agent = re.sub(WHEN, "", " " + found[3]).strip()
    if base is None or not re.match(r"(?:the |an? )?[A-Z]|the ", agent):
        return
    who = asker(agent, past(base))
    yield "who", f"{who} {past(base)} {fact.subject}{found[2]}?", 3


MAKERS: tuple[Callable[[Fact], Iterator[tuple[str, str, int]]], ...] = (
    _when, _how_many, _why, _lead_clause, _what_is, _where, _what_with, _agent, _object, _subject,
)  # fmt: skip
