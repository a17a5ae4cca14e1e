"""Lines of PDF pages back into paragraphs and headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from atkc.stdlib.readers.document import Block
from atkc.stdlib.readers.pdf_headings import Levels
from atkc.stdlib.readers.pdf_margins import text_of
from atkc.stdlib.readers.pdf_sheets import END, Group, Sheet

_LAST_WORD = re.compile(r"(\w+)-$")
_FIRST_WORD = re.compile(r"\w+")
_WORD = re.compile(r"\w+(?:-\w+)*")


def paragraphs(
    sheets: Sequence[Sheet], outline: Sequence[tuple[int, str, int]] = ()
) -> list[Block]:
    """Return paragraphs and headings in order, each with the page on which it begins.

    `outline` has (level, title, page) of the bookmarks, which outrank the look of a heading.
    """
    pages = text_of(sheets)
    groups = [group for _, found in pages for group in found]
    words = Counter(
        word for group in groups for line in group.lines for word in _WORD.findall(line.lower())
    )
    levels = Levels.of(groups, outline)
    out: list[Block] = []
    for page, found in pages:
        for group in found:
            if group.kept:
                out.append(Block("\n".join(group.lines), 0, page, kept=True))
            else:
                text = _text(group, words)
                _add(out, Block(text, levels.of_group(group, text, page), page), words)
    return out


def _text(group: Group, words: Counter[str]) -> str:
    text = group.lines[0]
    for line in group.lines[1:]:
        text = _joined(text, line, words)
    return text


def _add(out: list[Block], block: Block, words: Counter[str]) -> None:
    """Append a block; one that goes on in mid-sentence joins its first half, also across pages."""
    last = out[-1] if out else None
    goes_on = block.text[:1].islower() and not block.level
    if last and goes_on and not last.level and not last.kept and not END.search(last.text):
        text = _joined(last.text, block.text, words)
        turned = block.page != (last.breaks[-1][1] if last.breaks else last.page)
        breaks = ((len(text) - len(block.text), block.page),) if turned else ()
        out[-1] = Block(text, 0, last.page, last.breaks + breaks)
    else:
        out.append(block)


def _joined(text: str, more: str, words: Counter[str]) -> str:
    """Join two lines; a hyphen at the break stays only where the text writes the word with it."""
    if text.endswith("\u00ad"):
        return text[:-1] + more
    if text.endswith("/"):
        return text + more  # a path or an address
    end, start = _LAST_WORD.search(text), _FIRST_WORD.match(more)
    if end is None or start is None:
        return f"{text} {more}" if not _wide(text[-1:]) else text + more
    left, right = end[1].lower(), start[0].lower()
    compound = words[f"{left}-{right}"] > words[left + right]
    if compound or not more[:1].islower() or not end[1][-1].isalpha():
        return text + more
    return text[:-1] + more


def _wide(char: str) -> bool:
    # Chinese and Japanese lines join without a space.
    return "\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uff65"
