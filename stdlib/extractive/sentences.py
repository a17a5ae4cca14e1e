"""A passage cut into sentences, with its names and whether it is English."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from atkc.stdlib.extractive import layout
from atkc.stdlib.extractive.verbs import AUXILIARIES, finite
from atkc.stdlib.extractive.wordlist import wordset
from atkc.stdlib.extractive.words import FUNCTION, words

_ABBREVIATIONS = wordset("""
    dr mr mrs ms prof st sr jr vs no nos fig figs vol vols eq ch sec art p pp ed eds cf ca approx
    inc ltd co corp gen col capt lt rev hon jan feb mar apr jun jul aug sep sept oct nov dec e.g
    i.e etc al u.s u.k
    """)


_END = re.compile(
    r"([.!?…]+[\"'”’)\]»]*)\s+(?=[\"'“‘«(\[]*[^\W_a-z])|([。！？]+[”」』）]*)|([؟۔]+)\s*"
)


_LATIN = re.compile(r"[A-Za-z]+")


_ENGLISH = wordset("""
    the of and to is was for with that by are from at which this were it as be not have has had
    but or an its their can will when than into through he she they his her on
    """)


_LINK = wordset("of the de van von der da di du del la le and for in upon")


class Sentence(Struct, frozen=True):
    """A sentence of prose as written; `paragraph` counts from 0."""

    text: str
    paragraph: int


class Passage(Struct, frozen=True):
    """What the model knows of a passage; `names` are in order of first mention."""

    text: str
    sentences: tuple[Sentence, ...]
    names: tuple[str, ...]
    headings: tuple[str, ...]
    english: bool
    lower: frozenset[str]  # words that also occur in lower case


def _is_break(text: str, end: int) -> bool:
    """Return whether the stop that ends at `end` closes a sentence rather than an abbreviation."""
    before = re.search(r"([\w.]+)\.$", text[max(0, end - 24) : end].rstrip("\"'”’)]»"))
    if before is None:
        return True
    last = before[1]
    initial = len(last) == 1 and last.isalpha() and last.isupper()
    return not (initial or last.lower() in _ABBREVIATIONS)


def split(text: str) -> list[str]:
    """Return the sentences of one paragraph, in Latin, Cyrillic, Arabic or Chinese script."""
    found, start = [], 0
    for match in _END.finditer(text):
        end = match.end(match.lastindex or 0)
        if match.lastindex == 1 and not _is_break(text, end):
            continue
        found.append(text[start:end].strip())
        start = end
    found.append(text[start:].strip())
    return [s for s in found if s]


def is_english(text: str) -> bool:
    """Return whether the text is English, told by its function words; no words count as yes."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return True
    if sum(c.isascii() for c in letters) < 0.9 * len(letters):
        return False
    found = [w.lower() for w in _LATIN.findall(text)]
    return sum(w in _ENGLISH for w in found) >= (
        0.14 if len(found) > 12 else 0.05 if len(found) > 5 else 0
    ) * len(found)


def _runs(sentence: str) -> list[tuple[int, str]]:
    """Return runs of capitalised words with the index of their first word."""
    found: list[tuple[int, str]] = []
    pattern = r"[A-Z][\w'’.-]*(?:\s+(?:(?:of|the|de|van|von|der|du|del|la)\s+){0,2}[A-Z][\w'’-]*)*"
    index = end = 0
    for match in re.finditer(rf"(?<![\w'’-]){pattern}", sentence):
        index += len(words(sentence[end : match.start()]))
        end = match.start()
        found.append((index, re.sub(r"['’]s$|[.'’]+$", "", match[0])))
    return found


def _names(sentences: tuple[Sentence, ...], lower: frozenset[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    inner: set[str] = set()
    for sentence in sentences:
        inner.update(w for i, run in _runs(sentence.text) if i for w in run.split())
    for sentence in sentences:
        for index, run in _runs(sentence.text):
            name = _trim(run, index, lower, inner)
            if name:
                found.setdefault(name)
    return tuple(found)


_NEVER = wordset("""
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december spring summer autumn winter
    """)


def _trim(run: str, index: int, lower: frozenset[str], inner: set[str]) -> str:
    """Return the name in a run of capitals, or nothing: a sentence's first word may be no name."""
    parts = run.split()
    while (
        parts
        and parts[0].lower() in FUNCTION | _LINK
        and not (len(parts[0]) > 1 and parts[0].isupper())
    ):
        parts, index = parts[1:], index + 1
    while parts and parts[-1].lower() in _LINK:
        parts = parts[:-1]
    if not parts or parts[0].lower() in _NEVER:
        return ""
    first = parts[0]
    known = len(parts) > 1 or first in inner or re.search(r"\d|[A-Z].*[A-Z]", first)
    if index == 0 and (not known or (len(parts) == 1 and first.lower() in lower)):
        return ""
    return " ".join(parts) if len("".join(parts)) > 1 else ""


@lru_cache(maxsize=256)
def read_passage(text: str) -> Passage:
    """Return the passage's prose sentences, names and language; kept for repeated questions."""
    paragraphs = layout.paragraphs(text)
    sentences = tuple(Sentence(s, i) for i, p in enumerate(paragraphs) for s in split(p))
    lower = frozenset(w for w in words(text) if w.islower())
    headings = tuple(x.text for x in layout.lines(text) if x.kind == "heading")
    english = is_english(text)
    names = _names(sentences, lower) if english else ()
    return Passage(text, sentences, names, headings, english, lower)


def mentions(passage: Passage, name: str) -> int:
    """Return in how many sentences a name stands."""
    return sum(name in s.text for s in passage.sentences)


def stands_as_noun(passage: Passage, name: str) -> bool:
    """Return whether a name is used by itself, not only as in `the Swiss botanist`."""
    for after in re.findall(rf"\b{re.escape(name)}\b(?:['’]s)?(\W*)(\w*)", passage.text):
        gap, word = after
        form = finite(word.lower())
        verb = word in AUXILIARIES or (form is not None and form.tense != "base")
        if gap.strip() or not word or word.lower() in FUNCTION or verb:
            return True
    return False


def topics(passage: Passage) -> list[str]:
    """Return what the passage is about, most mentioned first: names, nouns."""
    return list(_topics(passage.text))


@lru_cache(maxsize=256)
def _topics(text: str) -> tuple[str, ...]:
    passage = read_passage(text)
    names = [n for n in passage.names if stands_as_noun(passage, n)]
    names.sort(key=lambda n: (-mentions(passage, n), passage.names.index(n)))
    nouns = _nouns(passage)
    most = mentions(passage, names[0]) if names else 0
    oftener = [n for n, count in nouns if count > max(2, most)]
    return tuple(oftener[:1] + names if names else [n for n, _ in nouns])


def _nouns(passage: Passage) -> list[tuple[str, int]]:
    """Return common nouns (after an article, or in -s) with their number of sentences."""
    counts: Counter[str] = Counter()
    for sentence in passage.sentences:
        found = ["", *(w.lower() for w in words(sentence.text))]
        here = set()
        for before, word in pairwise(found):
            plural = (
                word.endswith("s") and finite(word) is None and before not in FUNCTION - {"the"}
            )
            if (before in ("the", "a", "an") or plural) and word not in FUNCTION and len(word) > 3:
                here.add(word)
        counts.update(sorted(here))
    return counts.most_common()
