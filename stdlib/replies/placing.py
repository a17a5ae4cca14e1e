"""From labelled pieces of text to items: which pieces belong together, and their values."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Contract, Part, Variant
from atkc.spec.rowtype import Nullable
from atkc.stdlib.replies.values import ABSENT, from_text
from atkc.stdlib.replies.wording import refuse_words

Data = dict[str, Any]


class Piece(Struct, frozen=True):
    """A piece of a reply under a label; `closed` is False where the reply may be cut off."""

    label: str
    text: str
    closed: bool = True


def labels_of(contract: Contract) -> list[str]:
    """Return the labels that a reply may use: of parts, of parts of variants, of the verdict."""
    inner = [part for variant in contract.variants for part in variant.parts]
    found = [part.label for part in (*contract.parts, *inner)]
    return [*found, contract.verdict.label] if contract.verdict else found


def items_of(contract: Contract, pieces: list[Piece], truncated: bool = False) -> list[Data]:
    """Return the items that the pieces make; with `cut: keep_closed` an open last one is left out.

    Raises `missing-field`, `wrong-type` and, for two of what there is one of, `too-many`.
    """
    groups = _groups(contract.parts, pieces)
    if contract.keep_closed and groups and _is_open(contract, groups[-1], truncated):
        groups.pop()
    if contract.each is None:
        if len(groups) > 1:
            twice = groups[1][0].label
            raise ReplyError("too-many", f"`{twice}` stands twice in a reply of one item")
        groups = groups or [[]]
    return [values_of(contract.parts, group) for group in groups]


def _is_open(contract: Contract, group: list[Piece], truncated: bool) -> bool:
    missing = {p.label for p in contract.parts} - {piece.label for piece in group}
    return not all(piece.closed for piece in group) or (truncated and bool(missing))


def _groups(parts: tuple[Part, ...], pieces: list[Piece]) -> list[list[Piece]]:
    """A label that the current item has already begins the next one.

    Where a field may be left out, so does one that stands before the last in the contract.
    """
    order = {part.label: at for at, part in enumerate(parts)}
    loose = any(part.optional or isinstance(part.type, Nullable) for part in parts)
    groups: list[list[Piece]] = []
    for piece in pieces:
        labels = [p.label for p in groups[-1]] if groups else []
        steps_back = loose and labels and order[piece.label] < order[labels[-1]]
        if not labels or piece.label in labels or steps_back:
            groups.append([])
        groups[-1].append(piece)
    return groups


def values_of(parts: tuple[Part, ...], pieces: list[Piece]) -> Data:
    """Return the fields of one item."""
    said = {piece.label: piece.text for piece in pieces}
    found = {part.name: from_text(said.get(part.label, ""), part) for part in parts}
    return {name: value for name, value in found.items() if value is not ABSENT}


def variant_values(variant: Variant, value: str, pieces: list[Piece]) -> Data | None:
    """Return a variant's fields if the verdict calls for them, else None."""
    if variant.when != value:
        return None
    labels = {part.label for part in variant.parts}
    mine = [piece for piece in pieces if piece.label in labels]
    if len({piece.label for piece in mine}) < len(mine):
        raise ReplyError("too-many", f"a field of `{variant.name}` stands twice")
    found = values_of(variant.parts, mine)
    for text in found.values():
        refuse_words(str(text), variant.refuse)
    return found
