"""Sentences taken apart: who or what, does or is, what; only where that is certain enough."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from atkc.stdlib.extractive.grammar import (
    ADVERBS,
    BREAKS,
    OWNERS,
    PREPOSITIONS,
    PRONOUNS,
    is_plural,
    plural_phrase,
)
from atkc.stdlib.extractive.main_verb import main_verb
from atkc.stdlib.extractive.sentences import Passage, Sentence, read_passage
from atkc.stdlib.extractive.verbs import AUXILIARIES, BE, finite, participle_base
from atkc.stdlib.extractive.wordlist import wordset
from atkc.stdlib.extractive.words import FUNCTION, NEGATIONS, WORD, number_of

_DEICTIC = re.compile(
    r"\b(?:I|we|you|my|our|your|me|us|this|these|former|latter)\b|\b(?:see|as|shown|described) "
    r"(?:above|below)\b",
    re.IGNORECASE,
)


_CONNECTIVE = re.compile(
    r"^(?:However|Moreover|Furthermore|Therefore|Thus|Hence|Consequently|Nevertheless|Instead|"
    r"Similarly|"
    r"Likewise|Additionally|In addition|For example|For instance|In fact|As a result|In contrast|"
    r"Finally|"
    r"Indeed|Also|Then|Still|Meanwhile|Besides|By contrast|On the other hand|Accordingly|Of course|"
    r"And|But|So|Yet)\b,?\s+"
)


_SUBORDINATE = re.compile(r"^(?:If|When|Whenever|Once|As soon as)\b")


_TIME_LEAD = re.compile(r"^(?:In|On|By|During|After|Before|Since|Until|Between|From|Around|At)\b")


class Fact(Struct, frozen=True):
    """One main clause. `sentence` stands alone: its pronoun is resolved, its connective gone."""

    sentence: str
    index: int  # of the sentence in the passage
    lead: str  # "In 1850" or "When the pressure falls", without comma
    subject: str  # as it stands inside a question
    verb: str  # finite verb or auxiliary, lower case
    adverb: str  # between subject and verb, or after the auxiliary
    rest: str  # after the verb, without final stop
    plural: bool
    specific: bool  # the subject is or holds a name

    @property
    def auxiliary(self) -> bool:
        """Return whether the verb can stand before the subject by itself."""
        return self.verb in AUXILIARIES and not (
            self.verb in ("has", "have", "had", "do", "does", "did") and not self._compound()
        )

    def _compound(self) -> bool:
        found = [w.lower() for w in WORD.findall(self.rest)[:4]]
        found = [w for w in found if w not in ADVERBS and w != "not" and not w.endswith("ly")]
        head = found[0] if found else ""
        return head == "been" or participle_base(head) is not None

    @property
    def be(self) -> bool:
        """Return whether the verb is a form of `be`."""
        return self.verb in BE

    @property
    def past(self) -> bool:
        """Return whether the clause is told in the past."""
        form = finite(self.verb)
        return self.verb in ("was", "were", "had", "did") or (
            form is not None and form.tense == "past"
        )


_LATE_PRONOUN = re.compile(
    r"^(?:[^,]{1,40}, |(?:Afterwards|Then|Later|Here|There|Today|Now|Soon|Once|Finally|Often) )"
    r"(?:it|he|she|they)\b"
)


@lru_cache(maxsize=4_096)
def stands_alone(sentence: str) -> bool:
    """Return whether a sentence can be understood without its neighbours, as far as words tell."""
    found = WORD.findall(sentence)
    if not found or sentence.rstrip()[-1] not in ".!?\"”'’)":
        return False
    return not (
        found[0].lower() in PRONOUNS - {"there", "most", "many", "some", "all", "both", "each"}
        or _DEICTIC.search(sentence)
        or (OWNERS.search(sentence) and re.match(r"^(?:His|Her|Its|Their)\b", sentence))
        or re.search(r"[\"“”«»]", sentence)
        or _LATE_PRONOUN.match(sentence)
    )


@lru_cache(maxsize=256)
def facts_of(text: str) -> tuple[Fact, ...]:
    """Return the facts of a passage in order; none for a passage that is not English."""
    passage = read_passage(text)
    return _facts(passage) if passage.english else ()


def _facts(passage: Passage) -> tuple[Fact, ...]:
    found: list[Fact] = []
    before: Fact | None = None
    for i, sentence in enumerate(passage.sentences):
        text = _standalone(passage, i, before)
        fact = take_apart(passage, text, i) if text else None
        same = (
            i + 1 < len(passage.sentences)
            and passage.sentences[i + 1].paragraph == sentence.paragraph
        )
        before = fact if same else None
        if fact is not None:
            found.append(fact)
    return tuple(found)


def _standalone(passage: Passage, i: int, before: Fact | None) -> str:
    """Return the sentence with its connective gone and its pronoun resolved, or nothing."""
    text = _CONNECTIVE.sub("", passage.sentences[i].text)
    text = text[:1].upper() + text[1:]
    found = re.match(r"^(It|He|She|They|Its|His|Her|Their)\b\s+", text)
    if found:
        cleft = re.match(
            r"^It\s+(?:is|was|has been|seems|appears|took|takes)\s+(?:\w+\s+)?(?:that|to|not|"
            r"until|\w+ed that)\b",
            text,
        )
        if before is None or cleft or not _agree(found[1], before):
            return ""
        subject = before.subject[:1].upper() + before.subject[1:]
        if found[1] in ("Its", "His", "Her", "Their"):
            subject += "’" if subject.endswith("s") and before.plural else "’s"
        text = f"{subject} {text[found.end() :]}"
    return text if _usable(text) else ""


def _agree(pronoun: str, before: Fact) -> bool:
    human = before.specific and not before.subject.lower().startswith(("the ", "a ", "an "))
    if pronoun in ("They", "Their"):
        return before.plural
    if pronoun in ("He", "She", "His", "Her"):
        return human and not before.plural
    return not before.plural and not re.match(r"^[A-Z]\w+ [A-Z]\w+$", before.subject)


def _usable(text: str) -> bool:
    return 3 <= len(WORD.findall(text)) <= 45 and stands_alone(text) and not text.endswith("?")


def take_apart(passage: Passage, text: str, index: int) -> Fact | None:
    """Return the main clause of a sentence, or None where its verb is not plain."""
    lead, main = _lead(text)
    main = re.sub(r"[.!?]+[\"”'’)]*$", "", main).strip()
    main = _without_aside(main)
    tokens = [(m.start(), m.end(), m[0]) for m in WORD.finditer(main)]
    at = main_verb(main, tokens)
    if at is None:
        return None
    low = [t[2].lower() for t in tokens]
    cut, adverb = at, ""
    while cut > 1 and (
        low[cut - 1] in ADVERBS or (low[cut - 1].endswith("ly") and len(low[cut - 1]) > 4)
    ):
        cut -= 1
    if cut < at:
        adverb = main[tokens[cut][0] : tokens[at][0]].strip(" ,")
    subject = main[: tokens[cut][0]].strip(" ,")
    if not _is_subject(subject):
        return None
    rest = main[tokens[at][1] :].strip()
    shown = lower_start(passage, subject, lead, low[at])
    return Fact(
        sentence=text,
        index=index,
        lead=lead,
        subject=shown,
        verb=low[at],
        adverb=adverb,
        rest=rest,
        plural=plural_phrase(shown),
        specific=any(w[0].isupper() or w[0].isdigit() for w in shown.split()),
    )


def _lead(text: str) -> tuple[str, str]:
    """Return (introductory phrase or clause, main clause)."""
    subordinate = bool(_SUBORDINATE.match(text))
    if not subordinate and not _TIME_LEAD.match(text):
        return "", text
    comma = text.find(", ")
    if comma < 0:
        found = re.match(r"^(In \d{4}|In the \d{4}s) (?=\w)", text)
        return (found[1], text[found.end() :]) if found else ("", text)
    return text[:comma], text[comma + 2 :]


def _without_aside(main: str) -> str:
    """Return the clause without an aside between commas or brackets right after the subject."""
    first = re.sub(r"\s*\([^()]*\)", "", main)
    found = re.match(
        r"^([^,]{2,60}), ((?:which|who|whose|a|an|the|also|or|now|then|one|born|known|named|"
        r"located)\b[^,]*(?:, [^,]+)??), (?=[a-z])",
        first,
    )
    if found and not any(finite_at(w) for w in WORD.findall(found[1])[1:]):
        return f"{found[1]} {first[found.end() :]}"
    return first


def finite_at(word: str) -> bool:
    """Return whether a word is an auxiliary or an unmistakable past form."""
    low = word.lower()
    form = finite(low)
    return low in AUXILIARIES or (
        form is not None and form.tense == "past" and not low.endswith("ed")
    )


_INSIDE = wordset("that which who whose where when because it he she they we i you this")


def _is_subject(subject: str) -> bool:
    found = WORD.findall(subject)
    if not 1 <= len(found) <= 12:
        return False
    low = [w.lower() for w in found]
    if low[0] in PRONOUNS - {"there", "most", "many", "some", "all", "both", "each"}:
        return False
    if low[0] == "about" and len(low) > 2 and number_of(low[1]):
        return True
    if low[0] in PREPOSITIONS | NEGATIONS | BREAKS | {"why", "where"} or (
        low[0].endswith("ing") and len(low) > 4
    ):
        return False
    if OWNERS.search(subject) or re.search(r"[;:–—“”\"]", subject):
        return False
    if set(low) & _INSIDE:
        return False
    if low == ["there"]:
        return True
    return subject.count(",") <= 2 and any(w not in FUNCTION for w in low)


def lower_start(passage: Passage, phrase: str, lead: str, verb: str) -> str:
    """Return the phrase as it stands inside a sentence: a name keeps its capital."""
    first, _, others = phrase.partition(" ")
    bare = first.rstrip(",").removesuffix("'s").removesuffix("’s")
    if lead or not first[:1].isupper():
        return phrase
    low = bare.lower()
    if first.rstrip(",") != bare and low not in passage.lower:
        return phrase
    if low in FUNCTION or low in passage.lower:
        return phrase[0].lower() + phrase[1:] if bare != "I" else phrase
    if any(n == bare or n.startswith(bare + " ") for n in passage.names) or re.search(
        r"\d|[A-Z]", bare[1:]
    ):
        return phrase
    if others[:1].isupper():
        return phrase
    return phrase if _likely_name(bare, verb, others) else phrase[0].lower() + phrase[1:]


def _likely_name(word: str, verb: str, others: str) -> bool:
    form = finite(verb)
    told = verb in ("was", "had") or (form is not None and form.tense == "past")
    return not others and told and not is_plural(word)


def sentences_of(passage: Passage) -> tuple[Sentence, ...]:
    """Return the sentences that can serve as an answer; all of them where none stands alone."""
    alone = tuple(
        s for s in passage.sentences if len(WORD.findall(s.text)) > 3 and stands_alone(s.text)
    )
    return alone or passage.sentences
