"""Finds where sentences end, in Latin, Cyrillic, Greek, Arabic, Indic and CJK text."""

from __future__ import annotations

_WIDE = frozenset("。！？｡．")  # end a sentence even where no space follows
_NARROW = frozenset(".!?…؟۔।॥\u037e")  # the last is the Greek question mark
_CLOSERS = frozenset("\"'”’»›)]}」』）】》〉")
# Words whose full stop seldom ends a sentence; lower case, without it.
_SHORT = frozenset(
    {"mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "etc", "no", "nos", "vol", "fig"}
    | {"figs", "eq", "ed", "eds", "pp", "al", "approx", "ca", "cf", "e.g", "i.e", "bzw", "z.b"}
    | {"d.h", "u.a", "o.ä", "vgl", "abs", "nr", "hr", "fr", "bd", "hrsg", "usw", "ggf", "evtl"}
    | {"inkl", "p.ex", "mme", "mlle", "sra", "srta", "ing", "art"}
)


def sentence_ends(text: str) -> list[int]:
    """Return the offsets just behind each sentence (and its closing quotes); ends with len(text).

    Linear in the length; line breaks inside a paragraph are ordinary space.
    """
    ends: list[int] = []
    n = len(text)
    at = 0
    while at < n:
        char = text[at]
        if char not in _WIDE and char not in _NARROW:
            at += 1
            continue
        stop = at
        while at < n and (text[at] in _WIDE or text[at] in _NARROW or text[at] in _CLOSERS):
            at += 1
        if _ends(text, stop, at):
            ends.append(at)
    if not ends or ends[-1] < n:
        ends.append(n)
    return ends


def _ends(text: str, stop: int, after: int) -> bool:
    """Return whether the marks in text[stop:after] end a sentence."""
    if any(char in _WIDE for char in text[stop:after]):
        return True
    if after < len(text) and not text[after].isspace():
        return False
    if text[stop] != "." or after - stop > 1:
        return True
    following = text[after : after + 40].lstrip()
    if following[:1].islower():
        return False
    word = _word_before(text, stop)
    return not (word.lower() in _SHORT or (len(word) == 1 and word.isalpha()) or _ordinal(word))


def _word_before(text: str, stop: int) -> str:
    start = stop
    while start > 0 and stop - start < 12 and (text[start - 1].isalnum() or text[start - 1] == "."):
        start -= 1
    return text[start:stop]


def _ordinal(word: str) -> bool:
    return word.isdigit() and len(word) <= 2  # "am 3. Mai", "2. Wash it"
