"""Who or what: which phrases name people or bodies that act like people."""

from __future__ import annotations

import re

from atkc.stdlib.extractive.verbs import finite
from atkc.stdlib.extractive.wordlist import wordset

_PERSON = re.compile(
    r"\b(?:man|woman|king|queen|duke|duchess|prince|princess|emperor|bishop|pope|saint|general|"
    r"captain|"
    r"president|minister|mayor|governor|judge|keeper|poet|monk|nun|nurse|physician|chemist|"
    r"\w+(?:ologist|icist|botanist|scientist|artist|pianist|novelist|economist|ian|engineer|"
    r"painter|"
    r"writer|teacher|lawyer|farmer|merchant|explorer|philosopher|officer|leader|ruler|inventor|"
    r"sculptor|author|doctor|sailor|tailor)|botanist|scientist|artist|engineer|painter|writer|"
    r"teacher|lawyer|"
    r"farmer|merchant|inventor|author|doctor|sailor|architect|student|citizen|soldier|worker|"
    r"person|people|child|children|labourer|laborer|"
    r"volunteer|settler|peasant|troops|biologist|researcher|resident|tenant|landlord|operator|"
    r"parent|employee|owner|"
    r"buyer|seller|member|villager|pilgrim|prisoner|naturalist|naturalists)s?\b",
    re.IGNORECASE,
)


_HUMAN_VERBS = wordset("""
    write paint found invent discover argue marry design compose die teach study believe describe
    propose row carry order sell buy open sign publish lead command dig restore refuse reject say
    persuade visit travel arrive return walk speak think elect sail wait sit light
    """)


_THINGS = re.compile(
    r"\b(?:River|Canal|Treaty|Act|Bridge|Island|Lake|Mount|Sea|Ocean|City|War|Tower|Castle|Palace|"
    r"Railway|Museum|Station|Church|Observatory|Street|Valley|Strait|Law|Plan|Project|Programme)\b"
)


_ORGANISATION = re.compile(
    r"\b(?:University|Company|Court|Engineering|Institute|Bank|Society|Council|Party|Union|Empire|"
    r"Press|Parliament|Congress|Senate|Ministry|Department|Corporation|Ltd|Inc|Commission|Agency|"
    r"Laboratory|Army|Navy|College|School|army|fleet|committee|government|council|court|company|"
    r"Committee|Guild|Academy|Brothers|Sons|Office|Team|Works)\b"
)


def person_like(phrase: str, verb: str = "") -> bool:
    """Return whether a phrase names a person or people, as far as words tell."""
    if _THINGS.search(phrase):
        return False
    form = finite(verb)
    human = form is not None and form.base in _HUMAN_VERBS
    named = bool(re.match(r"^(?:[A-Z][\w'’-]+)(?: (?:van|von|de|of|[A-Z])[\w'’.-]*)*$", phrase))
    told = form is not None and form.tense == "past"
    return (
        bool(_PERSON.search(phrase))
        or (named and (human or told))
        or (human and bool(re.search(r"(?:ers|ors|ists|ians)\b", phrase)))
    )


def asker(phrase: str, verb: str) -> str:
    """Return `Who` or `What`, whichever asks for the phrase as the doer of a verb."""
    return "Who" if _ORGANISATION.search(phrase) or person_like(phrase, verb) else "What"
