"""Replies in headed sections, with or without a verdict: `**Question:** …`, `### Answer`, …"""

from __future__ import annotations

import re
from functools import lru_cache

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Contract
from atkc.stdlib.replies.judging import judge
from atkc.stdlib.replies.placing import Data, Piece, items_of, labels_of, values_of, variant_values

# Headings stand alone in their lines' beginnings; every repetition has a bound.
_BEFORE = r"[\s#>*_\-•–—]{0,20}(?:\d{1,3}\s{0,3}[.):]\s{0,3})?[\s#*_]{0,6}"
_AFTER = r"(?!\w)(?:\s{0,3}#?\d{1,3}(?!\w))?(?P<close>[\s*_]{0,6})(?P<colon>[:：])?"
_SEPARATOR = re.compile(
    r"\s*(?:[-*_=]\s?){3,80}\s*|\s{0,9}[#*][\s#*_]{0,9}\w{0,20}\s{0,3}\d{1,3}[\s.:*_)]{0,6}"
)
_FENCE = re.compile(r"```\w{0,20}")


@lru_cache(maxsize=256)
def _heading_pattern(labels: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(labels, key=len, reverse=True)
    names = "|".join(re.escape(label).replace(r"\ ", r"\s{1,3}") for label in longest_first)
    return re.compile(f"{_BEFORE}(?P<label>{names}){_AFTER}", re.IGNORECASE)


def _heading(line: str, pattern: re.Pattern[str]) -> tuple[str, str] | None:
    """Return (label as written, rest of the line) if the line begins with a heading."""
    found = pattern.match(line)
    if not found:
        return None
    before, close = line[: found.start("label")], found["close"]
    opened = "**" in before or "__" in before or before.endswith(("*", "_"))
    rest = line[found.end() :]
    if found["colon"]:
        if opened and not close.strip():
            rest = re.sub(r"^[*_]{1,3}", "", rest.lstrip())
        return found["label"], rest.strip()
    alone = not rest.strip(" \t*_#")
    return (found["label"], "") if alone and (opened or "#" in before) else None


def read(contract: Contract, text: str, truncated: bool) -> list[Data]:
    """Return the items of a reply in sections."""
    ahead, pieces = _split(contract, _unfenced(text))
    if truncated and pieces:
        pieces[-1] = Piece(pieces[-1].label, pieces[-1].text, closed=False)
    if contract.verdict is None:
        return [
            _with_reason(contract, ahead, item) for item in items_of(contract, pieces, truncated)
        ]
    return [_judged(contract, ahead, pieces)]


def _with_reason(contract: Contract, ahead: str, item: Data) -> Data:
    return {"reason": ahead, **item} if contract.reason else item


def _unfenced(text: str) -> list[str]:
    """Return the lines, less a code fence around all of them."""
    lines = text.strip().replace("\r\n", "\n").split("\n")
    if len(lines) > 2 and _FENCE.fullmatch(lines[0].strip()) and lines[-1].strip() == "```":
        return lines[1:-1]
    return lines


def _split(contract: Contract, lines: list[str]) -> tuple[str, list[Piece]]:
    """Return the text ahead of the first heading, and the sections.

    Sections of a variant count only behind the last verdict: ahead of it they are quoted.
    """
    labels = _labels(contract)
    pattern = _heading_pattern(tuple(labels.values()))
    heads = [(at, found) for at, line in enumerate(lines) if (found := _heading(line, pattern))]
    named = [
        (at, labels[folded], rest)
        for at, (label, rest) in heads
        if (folded := " ".join(label.casefold().split())) in labels
    ]
    judged = [at for at, label, _ in named if contract.verdict and label == contract.verdict.label]
    own = {part.label for part in contract.parts}
    kept = [
        (at, label, rest)
        for at, label, rest in named
        if label in own or (judged and (at >= judged[-1] or at in judged))
    ]
    if not kept:
        return "\n".join(lines).strip(), []
    ends = [at for at, _, _ in kept[1:]] + [len(lines)]
    pieces = [
        Piece(label, _content([rest, *lines[at + 1 : end]]))
        for (at, label, rest), end in zip(kept, ends, strict=True)
    ]
    return "\n".join(lines[: kept[0][0]]).strip(), pieces


def _labels(contract: Contract) -> dict[str, str]:
    return {" ".join(label.casefold().split()): label for label in labels_of(contract)}


def _content(lines: list[str]) -> str:
    """Return a section's text less rules and item numbers at its end (`---`, `### Item 2`)."""
    while len(lines) > 1 and (not lines[-1].strip() or _is_separator(lines[-1])):
        lines.pop()
    return "\n".join(lines).strip()


def _is_separator(line: str) -> bool:
    return len(line) <= 100 and _SEPARATOR.fullmatch(line) is not None


def _judged(contract: Contract, ahead: str, pieces: list[Piece]) -> Data:
    verdict = contract.verdict
    assert verdict
    said = [_first_line(p.text) for p in pieces if p.label == verdict.label]
    if not said:
        raise ReplyError("no-verdict", f"the reply has no `{verdict.label}`")
    value = judge(verdict, said[-1])
    earlier = [line for line in said[:-1] if _differs(contract, line, value)]
    if earlier:
        raise ReplyError("ambiguous-verdict", "the reply has two verdicts that differ")
    own = {part.label for part in contract.parts}
    mine = [p for p in pieces if p.label in own]
    if len({p.label for p in mine}) < len(mine):
        raise ReplyError("too-many", "a section stands twice in a reply of one item")
    item = values_of(contract.parts, mine) | {"verdict": value}
    for variant in contract.variants:
        item[variant.name] = variant_values(variant, value, pieces)
    return _with_reason(contract, ahead, item)


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]


def _differs(contract: Contract, line: str, value: str) -> bool:
    assert contract.verdict
    try:
        return judge(contract.verdict, line) != value
    except ReplyError:
        return False  # an announcement such as "Final judgment: let me see"
