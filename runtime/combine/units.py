"""What a text is counted in: words without punctuation, single characters where no spaces are."""

from __future__ import annotations

import re
import unicodedata

# Thai, Lao, Burmese, Khmer, kana, Han: scripts that write no space between words.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
# Marks that `\w` leaves out although words are written with them: accents, points, vowel signs.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0963\u0966-\u0df3"
)
_UNIT = re.compile(rf"[{_UNSPACED}]|(?:[^\W_{_UNSPACED}]|[{_MARKS}])+")


def units(text: str) -> list[str]:
    """Return the words of a text, case folded, widths and accents written in one way."""
    return _UNIT.findall(unicodedata.normalize("NFKC", text).casefold())


def runs(found: list[str], length: int) -> list[str]:
    """Return all runs of so many units, each as one text; fewer units make one run."""
    if len(found) <= length:
        return [" ".join(found)] if found else []
    return [" ".join(found[at : at + length]) for at in range(len(found) - length + 1)]
