"""Finding whole words and phrases in any language, without patterns that backtrack."""

from __future__ import annotations

import unicodedata

from msgspec import Struct

from atkc.runtime.errors import ReplyError


class Word(Struct, frozen=True):
    """A word of a line, case-folded, and the text between it and the word before."""

    text: str
    gap: str


def words_of(line: str) -> list[Word]:
    """Return the words of a line; apostrophes and hyphens inside a word belong to it."""
    line = unicodedata.normalize("NFC", line).replace("’", "'")
    found: list[Word] = []
    begin = gap = 0
    inside = False
    for at in range(len(line) + 1):
        if at < len(line) and _in_word(line, at, inside):
            if not inside:
                begin, inside = at, True
        elif inside:
            found.append(Word(line[begin:at].casefold(), line[gap:begin]))
            gap, inside = at, False
    return found


def _in_word(line: str, at: int, inside: bool) -> bool:
    char = line[at]
    if char.isalnum():
        return True
    if not inside:
        return False
    joins = char in "'-‐‑" and at + 1 < len(line) and line[at + 1].isalnum()
    return joins or unicodedata.category(char).startswith("M")


def refuse_words(text: str, refused: tuple[str, ...]) -> None:
    """Raise `refused` if one of the phrases stands in the text as whole words, in any case."""
    if not refused:
        return
    flat = _flat(text)
    for phrase in refused:
        if _contains(flat, _flat(phrase)):
            raise ReplyError("refusal", f"the reply says `{phrase}`")


def _flat(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())


def _contains(text: str, phrase: str) -> bool:
    at = text.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        before = at > 0 and _continues(text[at - 1], phrase[0])
        after = end < len(text) and _continues(text[end], phrase[-1])
        if not before and not after:
            return True
        at = text.find(phrase, at + 1)
    return False


def _continues(outer: str, edge: str) -> bool:
    """Return whether a letter beside the phrase makes it part of a longer word."""
    return outer.isalnum() and edge.isalnum() and not _unspaced(edge) and not _unspaced(outer)


# Thai and Lao, Burmese, Khmer, Chinese and Japanese
_UNSPACED = (
    (0x0E00, 0x0F00),
    (0x1000, 0x10A0),
    (0x1780, 0x1800),
    (0x2E80, 0xA960),
    (0xF900, 0xFB00),
)


def _unspaced(char: str) -> bool:
    """Return whether a script writes no spaces between words: Chinese, Japanese, Thai and kin."""
    code = ord(char)
    return code >= 0x20000 or any(low <= code < high for low, high in _UNSPACED)
