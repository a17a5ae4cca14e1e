"""The words of a text, as retrieval counts them."""

from __future__ import annotations

import re

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]+|[^\W{_CJK}]+")
_IS_CJK = re.compile(rf"[{_CJK}]")


def words(text: str) -> list[str]:
    """Return the words of a text; scripts without spaces give pairs of characters."""
    found = []
    for word in _WORD.findall(text.casefold()):
        if len(word) > 1 and _IS_CJK.match(word):
            found += [word[i : i + 2] for i in range(len(word) - 1)]
        else:
            found.append(word)
    return found
