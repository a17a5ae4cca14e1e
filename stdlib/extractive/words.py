"""Words, stems, numbers and negations: what two English sentences are compared by."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from atkc.stdlib.extractive.verbs import PARTICIPLES, finite
from atkc.stdlib.extractive.wordlist import wordrow, wordset

WORD = re.compile(r"\d+(?:[.,]\d+)*[^\W_]*|[^\W_]+(?:['’-][^\W_]+)*")


_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


FUNCTION = wordset("""
    a an the this that these those some any each every all both either neither no none such i me
    my mine we us our ours you your yours he him his she her hers it its they them their theirs
    one ones who whom whose which what when where why how is are was were be been being am has
    have had having do does did doing done can could will would may might must should shall cannot
    and or but nor so yet if then than because since although though while whereas unless until of
    in on at by for with from to into onto upon over under about as per via through during before
    after between among against within without across along around near off out up down above
    below also too very more most less least much many few several other another own same just
    only even still again already often usually ever never not there here now later soon once
    however therefore thus hence moreover furthermore instead else rather quite almost nearly s t
    re ve ll d m
    """)


# Words of questions and answers that say nothing of the matter.
TALK = wordset("""
    according answer question text passage excerpt author paragraph document section chapter
    article source describe described mention mentioned state stated say says said tell explain
    happen happened kind type sort thing way exactly specifically known know called call named
    name please yes true fact following give given time year date number amount many first
    someone want learn important main newcomer proper term word forget recall differ difference
    compare comparison distinguish matter going building newcomers someone
    """)


NEGATIONS = wordset("not no never none neither nor cannot nobody nothing nowhere")


_NUMBER_WORDS = {
    w: str(n)
    for n, w in enumerate(
        wordrow("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty
    """)
    )
} | {
    w: str(n * 10)
    for n, w in enumerate(wordrow("thirty forty fifty sixty seventy eighty ninety hundred"), 3)
}


_NUMBER_WORDS["thousand"] = "1000"


_AMBIGUOUS = frozenset({"one", "zero"})


_GROUPS = """
build construct erect; begin start commence; finish complete end conclude; big large; make
produce create manufacture generate consist compose; buy purchase acquire; get obtain receive;
show demonstrate; use utilize; help assist aid; keep retain maintain; need require; stop halt
cease; die death; child children; man men; woman women; foot feet; found establish set-up;
situate locate; start begin; allow permit enable; vessel ship; author writer; wed marry; prevent
avert; contain hold; cultivate farm; fast quick rapid; method technique; destroy demolish; km
kilometre kilometer; m metre meter; percent per-cent %; about approximately roughly; move
travel; own possess; raise lift; eat feed consume devour; stay remain spend; happen occur; live
inhabit dwell reside; leave depart; reach arrive attain; teach instruct; choose select pick;
doctor physician; car automobile; road street; house home dwelling; price cost; rule reign
govern; reduce decrease lower diminish; increase rise grow; hide conceal; fix repair mend; sea
ocean; guard defend protect; rescue save; send dispatch; fight battle; hire employ; forbid
prohibit ban; maximum max most; minimum least; researcher scientist; attempt try; name call;
student pupil; injure wound hurt; wage salary pay; rock stone; baby infant; illness disease;
capture seize; divide split; join connect link
"""


_SUFFIXES = wordrow("""
    izations isations ization isation ations ation ments ment ings ing ities ity iness ness ions
    ion ers er ors or ives ive ally al ably ible able ances ance ences ence ies ied es ed ly s e y
    """)


def _strip(word: str) -> str:
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            word = word[: -len(suffix)]
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word[-1] in "eyi" else word


@lru_cache(maxsize=20_000)
def _plain_stem(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("’s")
    form = finite(word)
    if word in PARTICIPLES:
        word = PARTICIPLES[word]
    elif word == "lay":  # the verb of `laid`, though also the past of `lie`
        return word
    elif form is not None:
        word = form.base
    if len(word) == 4 and word.endswith("s") and word[-2] not in "su":
        return word[:-1]
    return _strip(word)


_SAME = {
    _plain_stem(word): group.split()[0] for group in _GROUPS.split(";") for word in group.split()
}


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return what inflected and derived forms of a lower-case word share; near synonyms merge."""
    found = _plain_stem(word)
    return _SAME.get(found, found)


def words(text: str) -> list[str]:
    """Return the words and numbers of a text as written."""
    return WORD.findall(text)


def number_of(word: str) -> str | None:
    """Return the number that a word writes, in one spelling: `1,200` and `1200` agree."""
    found = _DIGITS.match(word)
    if found is None:
        lower = word.lower()
        return None if lower in _AMBIGUOUS else _NUMBER_WORDS.get(lower)
    digits = found[0]
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits):
        digits = digits.replace(",", "")
    digits = digits.replace(",", ".")
    if digits.count(".") == 1:
        digits = digits.rstrip("0").rstrip(".")
    return digits


@lru_cache(maxsize=4_096)
def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers of a text in order, digits and number words alike."""
    return tuple(n for w in words(text) if (n := number_of(w)) is not None)


@lru_cache(maxsize=8_192)
def content(text: str) -> tuple[str, ...]:
    """Return the stems of the content words, in order, each once; numbers are left out."""
    lower = (w.lower() for w in words(text) if number_of(w) is None)
    return tuple(dict.fromkeys(stem(w) for w in lower if w not in FUNCTION and len(w) > 1))


def negated(text: str) -> bool:
    """Return whether the text says not, as far as single words tell."""
    found = [w.lower() for w in words(text)]
    count = sum(w in NEGATIONS or w.endswith(("n't", "n’t")) for w in found)
    for verb, after in pairwise(found):
        count += (stem(verb), after) in {("fail", "to"), ("unabl", "to"), ("refus", "to")}
    return count % 2 == 1
