"""Did you mean: the known name nearest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable


def suggest(name: str, known: Iterable[str]) -> str | None:
    """Return the nearest known name, or None when none is near.

    The order of trials is the Rust compiler's: another case, then an edit distance of at most
    a third of the length, then the same words in another order.
    """
    candidates = sorted(set(known))
    folded = name.casefold()
    for other in candidates:
        if other.casefold() == folded:
            return other
    limit = max(len(name), 3) // 3
    scored = [(distance(name, other, limit), other) for other in candidates]
    near = [pair for pair in scored if pair[0] <= limit]
    if near:
        return min(near)[1]
    words = sorted(_words(name))
    return next((other for other in candidates if sorted(_words(other)) == words), None)


def hint(name: str, known: Iterable[str]) -> str | None:
    """Return a help sentence for an unknown name, or None when nothing is near."""
    near = suggest(name, known)
    return f"did you mean `{near}`?" if near else None


def _words(name: str) -> list[str]:
    return name.replace("-", "_").split("_")


def distance(a: str, b: str, limit: int) -> int:
    """Return the edit distance with neighbour swaps, or `limit + 1` once it is above `limit`."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        now = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[j] + 1, now[j - 1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        if min(now) > limit:
            return limit + 1
        before, row = row, now
    return row[-1]
