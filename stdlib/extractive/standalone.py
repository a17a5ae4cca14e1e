"""Whether a question and its answer can be understood without the text they were made from."""

from __future__ import annotations

import re

from msgspec import Struct

from atkc.stdlib.extractive.grammar import PRONOUNS

_THING = (
    r"(?:text|passage|excerpt|article|author|paragraph|narrator|reading|(?:source "
    r")?material|context|extract|writer)"
)


_ANY = rf"(?:{_THING}|book|document|chapter|section|source|page|story|report|study)"


_THE = (
    r"(?:the|this|that|our|these)(?: (?:provided|given|above|following|source|original|"
    r"present|same|quoted))*"
)


_MENTION = re.compile(
    rf"\b(?:{_THE} {_THING}s?\b|this {_ANY}\b|(?:provided|given|above) {_ANY}\b|(?:in|by|from|"
    rf"to) the {_ANY}\b(?! of\b| that\b| [A-Z]))",
    re.IGNORECASE,
)


_ASIDE = re.compile(
    rf",? ?\b(?:according to|as (?:stated|described|mentioned|noted|said|given|told|explained|"
    rf"shown|discussed|presented) (?:in|by)|based on|"
    rf"(?:mentioned|described|stated|discussed|given|presented|named|told) (?:in|by)|in|from|"
    rf"per) {_THE} {_ANY}(?:'s \w+)?\b,? ?",
    re.IGNORECASE,
)


_SAYS = re.compile(
    rf"\b{_THE} {_ANY} (?:says|states|mentions|explains|describes|notes|tells(?: us)?|claims|"
    rf"reports|reveals)(?: that)? ",
    re.IGNORECASE,
)


_ASKS = re.compile(
    rf"^what (?:does|did) {_THE} {_ANY} (?:say|state|tell(?: us)?|mention|explain) (?:about|of|"
    rf"on) (.+?)\??$",
    re.IGNORECASE,
)


class Repaired(Struct, frozen=True):
    """`outcome` is `pass`, `reword` (then the pair is the new one) or `fail`."""

    outcome: str
    reason: str
    question: str
    answer: str


def _tidy(text: str) -> str:
    text = re.sub(r"\s+([,.?!])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,")
    return text[:1].upper() + text[1:]


def _free(text: str) -> str:
    asked = _ASKS.match(text.strip())
    if asked:
        return f"What is known about {asked[1]}?"
    said = _SAYS.sub("", text)
    parts = [_ASIDE.sub(" ", row) for row in said.split("\n")]
    return (
        "\n".join(_tidy(row) if row.strip() else "" for row in parts)
        if text != "\n".join(parts)
        else text
    )


def mention(text: str) -> str:
    """Return the words by which a text speaks of its source, or an empty text."""
    found = _MENTION.search(text)
    return found[0] if found else ""


def _leans(question: str) -> str:
    """Return the pronoun that a question leans on, or an empty text."""
    found = re.match(
        r"^\W*(?:\w+\W+){1,3}?(it|he|she|they|this|these|those|that)\b(?=\s+\w|\?)",
        question,
        re.IGNORECASE,
    )
    pronoun = found[1].lower() if found else ""
    if pronoun == "that" and not re.match(
        r"^\W*\w+ (?:is|was|did|does) that\b", question, re.IGNORECASE
    ):
        return ""
    named = re.search(r"\b[A-Z][a-z]", question[1:])
    return pronoun if pronoun in PRONOUNS and not named else ""


def repair(question: str, answer: str) -> Repaired:
    """Return the pair, reworded where it can be made to stand by itself."""
    shown = mention(question) or mention(answer)
    if not shown:
        pronoun = _leans(question)
        if pronoun:
            return Repaired(
                "fail",
                f"“{pronoun}” in the question points to nothing in the question.",
                question,
                answer,
            )
        return Repaired(
            "pass",
            "The question names what it is about and the pair speaks of no text.",
            question,
            answer,
        )
    better = _free(question), _free(answer)
    left = mention(better[0]) or mention(better[1])
    if left or _leans(better[0]) or len(better[0].split()) < 3:
        return Repaired(
            "fail", f"The pair speaks of “{left or shown}” and cannot do without.", question, answer
        )
    return Repaired("reword", f"The pair speaks of “{shown}”; it can be said without.", *better)
