"""Packs units into chunks: full, headings with what they head, tails not too short."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence, Set

from atkc.stdlib.functions.sentences import sentence_ends
from atkc.stdlib.functions.spans import Unit
from atkc.stdlib.tokens import Counted

Span = tuple[int, int]


def pack(
    counted: Counted, units: Sequence[Unit], limit: int, headings: Set[int]
) -> list[list[Unit]]:
    """Return groups of neighbouring units; the text from first to last has at most `limit` tokens.

    `headings` are offsets at which a heading begins: it does not end a chunk.
    """
    groups: list[list[Unit]] = []
    group: list[Unit] = []
    for unit in units:
        if group and not _room(counted, group, unit, limit):
            carried = _trailing_headings(group, headings)
            groups.append(group[: len(group) - len(carried)])
            room = not carried or _room(counted, carried, unit, limit)
            groups += [] if room else [carried]
            group = carried if room else []
        group.append(unit)
    return [*groups, group] if group else groups


def balance(counted: Counted, groups: list[list[Unit]], least: int, limit: int) -> list[list[Unit]]:
    """Fill a last chunk of fewer than `least` tokens from the one before, where both then hold."""
    if len(groups) < 2 or _size(counted, groups[-1]) >= least:
        return groups
    both = groups[-2] + groups[-1]
    for cut in range(len(groups[-2]) - 1, 0, -1):
        head, tail = both[:cut], both[cut:]
        if _size(counted, head) < least or _size(counted, tail) > limit:
            break
        if _size(counted, tail) >= least:
            return [*groups[:-2], head, tail]
    return groups


def overlapped(counted: Counted, before: Span, span: Span, overlap: int, limit: int) -> int:
    """Return where a chunk begins that repeats up to `overlap` tokens of the one before it.

    It begins with a sentence if one is short enough, else with a word.
    """
    text = counted.text
    floor = max(before[0] + 1, span[0] - 16 * overlap)
    ends = [floor + end for end in sentence_ends(text[floor : span[0]])]
    words = [at + 1 for at in range(floor, span[0]) if text[at].isspace()]

    def short(start: int) -> bool:
        return counted(start, span[0]) <= overlap

    def fits(start: int) -> bool:
        return counted(start, span[1]) <= limit

    for candidates in (ends, words):
        starts = sorted({_skip_space(text, at) for at in candidates} - {span[0]})
        # The whole chunk is counted only for starts whose repeated part is short enough.
        found = bisect_left(starts, True, key=short)
        found = (
            found
            if found == len(starts) or fits(starts[found])
            else (bisect_left(starts, True, found + 1, key=fits))
        )
        if found < len(starts):
            return starts[found]
    return span[0]


def _room(counted: Counted, group: list[Unit], unit: Unit, limit: int) -> bool:
    # Sums settle the clear cases; only where it is close is the join counted exactly.
    words = sum(u.tokens for u in group) + unit.tokens
    if words > limit + len(group):
        return False
    # Space between units: a blank line is one token, the rarest of spaces three a character.
    between = unit.end - group[0].start - sum(u.end - u.start for u in (*group, unit))
    gaps = len(group) if between <= 2 * len(group) else 3 * between
    if words + gaps <= 0.9 * limit:
        return True
    return counted(group[0].start, unit.end) <= limit


def _size(counted: Counted, group: list[Unit]) -> int:
    return counted(group[0].start, group[-1].end)


def _trailing_headings(group: list[Unit], headings: Set[int]) -> list[Unit]:
    """Return the headings at the end of a group, none if it is made of headings alone."""
    n = len(group)
    while n and group[n - 1].start in headings:
        n -= 1
    return group[n:] if n else []


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
