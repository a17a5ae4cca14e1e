"""The arithmetic of a vote: how many ballots could decide it, and whether it is decided."""

from __future__ import annotations

from collections.abc import Sequence

from atkc.compiler.plan import PassRule

_EPSILON = 1e-9  # 2 of 3 reaches a share written 0.6666666667

Ballot = bool | None  # None: not counted


def passes(rule: PassRule, yes: int, no: int) -> bool:
    """Return whether a finished vote passes; without a counted ballot it never does."""
    valid = yes + no
    if not valid:
        return False
    match rule.kind:
        case "all":
            return no == 0
        case "any":
            return yes > 0
        case "majority":
            return 2 * yes > valid
        case "at_least":
            return yes + _EPSILON >= rule.value
    return yes + _EPSILON >= rule.value * valid


def decided(rule: PassRule, ballots: Sequence[Ballot], votes: int) -> bool | None:
    """Return the outcome as soon as no further ballot could change it, else None."""
    yes, no = sum(b is True for b in ballots), sum(b is False for b in ballots)
    return _sure(rule, yes, no, votes - len(ballots))


def _sure(rule: PassRule, yes: int, no: int, left: int) -> bool | None:
    if left == 0:
        return passes(rule, yes, no)
    if yes + no and passes(rule, yes, no + left) and passes(rule, yes, no):
        return True
    if not passes(rule, yes + left, no):
        return False
    return None


def wave(rule: PassRule, ballots: Sequence[Ballot], votes: int) -> int:
    """Return the fewest further ballots that could decide the vote."""
    yes, no = sum(b is True for b in ballots), sum(b is False for b in ballots)
    left = votes - len(ballots)
    for more in range(1, left):
        rest = left - more
        if _sure(rule, yes + more, no, rest) or _sure(rule, yes, no + more, rest) is False:
            return more
    return left
