"""Replies in tags: `<question>…</question>`, in one pass over the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Contract
from atkc.stdlib.replies.judging import judge
from atkc.stdlib.replies.placing import Data, Piece, items_of, labels_of, values_of, variant_values


@lru_cache(maxsize=256)
def _tag_pattern(labels: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    return re.compile(rf"<(/?)({names})(?:\s[^<>]{{0,200}})?>", re.IGNORECASE)


def read(contract: Contract, text: str, truncated: bool) -> list[Data]:
    """Return the items of a reply in tags; an open tag at its end is `truncated`."""
    ahead, pieces = _pieces(contract, text)
    if pieces and not pieces[-1].closed and not contract.keep_closed:
        raise ReplyError("truncated", f"`<{pieces[-1].label}>` is not closed")
    if contract.verdict is None:
        return [
            _with_reason(contract, ahead, item) for item in items_of(contract, pieces, truncated)
        ]
    return [_judged(contract, ahead, pieces)]


def _with_reason(contract: Contract, ahead: str, item: Data) -> Data:
    return {"reason": ahead, **item} if contract.reason else item


def _pieces(contract: Contract, text: str) -> tuple[str, list[Piece]]:
    """Return the text ahead of the first tag, and what the tags hold.

    A tag that is opened again before it was closed begins anew; the last one may stay open.
    """
    found = list(_contents(contract, text))
    ahead = text[: found[0][0]] if found else text
    return ahead.strip(), [piece for _, piece in found]


def _contents(contract: Contract, text: str) -> Iterator[tuple[int, Piece]]:
    labels = _labels(contract)
    label, begin, start = "", 0, 0
    for tag in _tag_pattern(tuple(labels.values())).finditer(text):
        name = labels.get(tag[2].casefold())
        if name is None:
            continue
        if not tag[1]:
            if label and name != label:
                continue  # a tag inside a tag is text
            label, begin, start = name, tag.end(), tag.start()
        elif name == label:
            yield start, Piece(label, text[begin : tag.start()].strip())
            label = ""
    if label:
        yield start, Piece(label, text[begin:].strip(), closed=False)


def _labels(contract: Contract) -> dict[str, str]:
    return {label.casefold(): label for label in labels_of(contract)}


def _judged(contract: Contract, ahead: str, pieces: list[Piece]) -> Data:
    verdict = contract.verdict
    assert verdict
    said = {judge(verdict, piece.text) for piece in pieces if piece.label == verdict.label}
    if not said:
        raise ReplyError("no-verdict", f"the reply has no `<{verdict.label}>`")
    if len(said) > 1:
        raise ReplyError("ambiguous-verdict", "the reply has two verdicts that differ")
    value = said.pop()
    own = {part.label for part in contract.parts}
    mine = [piece for piece in pieces if piece.label in own]
    if len({piece.label for piece in mine}) < len(mine):
        raise ReplyError("too-many", "a tag stands twice in a reply of one item")
    item = values_of(contract.parts, mine) | {"verdict": value}
    for variant in contract.variants:
        item[variant.name] = variant_values(variant, value, pieces)
    return _with_reason(contract, ahead, item)
